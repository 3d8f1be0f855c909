/* Lists of ids in files: what a disk or a hand made of one is no list, and nothing of it is kept.
 */
#include "spool_records.h"

#include "base/os.h"
#include "store/id_lists.h"
#include "store/pack.h"
#include <errno.h>

#define LIST "/list"
enum { AT_VERSION = 8, AT_KEPT = 48, AT_NAMES = 60, AT_SUM = 64, AT_BODY = 68 };

static char bytes[300];
static size_t length;

/* Of two posts, the second with a name. */
static int write_list(void **state) {
    struct id_lists lists = { 0 };
    struct ids_header header = { .first = 1, .end = 3 };
    struct arena arena;
    struct buffer frames;
    struct frame frame;
    (void)state;
    sim_reset();
    arena_init(&arena);
    buffer_init(&frames, 4096);
    for (uint64_t name = 0; name < 2; name++) {
        struct record record = { .key = SLICE("key"), .name = name };
        frames.length = 0;
        assert_true(frame_put_record(&frames, 1, &record));
        assert_true(frame_next(buffer_slice(&frames), &frame));
        id_lists_add(&lists, &frame, &arena);
    }
    assert_true(ids_write(LIST, &header, &lists));
    id_lists_free(&lists);
    buffer_free(&frames);
    arena_free(&arena);
    const char *written = sim_bytes(LIST, &length);
    assert_true(length <= sizeof bytes);
    memcpy(bytes, written, length);
    return 0;
}

static enum ids_found read_list(void) {
    struct ids_header header;
    struct id_lists lists = { 0 };
    enum ids_found found = ids_read(LIST, &header, &lists);
    for (int kind = 0; kind < SPOOL_ID_KINDS; kind++)
        if (found != IDS_WHOLE) assert_int_equal(lists.of[kind].count, 0);
    id_lists_free(&lists);
    return found;
}

/* With right sums: whoever wrote it was wrong. */
static enum ids_found read_changed(size_t at, uint32_t value) {
    char changed[sizeof bytes];
    memcpy(changed, bytes, length);
    pack_u32(changed + at, value);
    pack_u32(changed + AT_SUM, crc32c(0, slice_from(changed, AT_SUM)));
    struct slice body = slice_from(changed + AT_BODY, length - AT_BODY - 4);
    pack_u32(changed + length - 4, crc32c(0, body));
    sim_put(LIST, changed, length);
    return read_list();
}

static void a_list_that_is_not_as_long_as_it_says_is_none(void **state) {
    (void)state;
    static const uint32_t kept[] = { 0, 1, 3, 1000000, UINT32_MAX };
    static const uint32_t names[] = { 0, 2, 1000000 };
    assert_int_equal(read_changed(AT_KEPT, 2), IDS_WHOLE);
    assert_int_equal(read_changed(AT_NAMES, 1), IDS_WHOLE);
    for (size_t i = 0; i < LENGTH(kept); i++)
        assert_int_equal(read_changed(AT_KEPT, kept[i]), IDS_NONE);
    for (size_t i = 0; i < LENGTH(names); i++)
        assert_int_equal(read_changed(AT_NAMES, names[i]), IDS_NONE);
}

static void a_list_whose_key_is_longer_or_shorter_than_it_says_is_none(void **state) {
    (void)state;
    size_t at_key = length - 4 - 3 - 4;
    assert_int_equal(read_changed(at_key, 3), IDS_WHOLE);
    assert_int_equal(read_changed(at_key, 2), IDS_NONE);
    assert_int_equal(read_changed(at_key, 4), IDS_NONE);
    assert_int_equal(read_changed(at_key, UINT32_MAX), IDS_NONE);
}

static void a_list_of_no_known_format_is_none(void **state) {
    (void)state;
    struct ids_header header;
    assert_int_equal(read_changed(AT_VERSION, SPOOL_FORMAT), IDS_WHOLE);
    assert_true(ids_look(LIST, &header));
    assert_int_equal(read_changed(AT_VERSION, 0), IDS_NONE);
    assert_false(ids_look(LIST, &header));
    assert_int_equal(read_changed(AT_VERSION, SPOOL_FORMAT + 1), IDS_NONE);
    assert_false(ids_look(LIST, &header));
}

/* One that may be whole is waited for. */
static void a_list_that_the_disk_has_lost_is_none_and_one_not_read_for_now_may_be_whole(
    void **state) {
    (void)state;
    static const struct {
        int error;
        enum ids_found found;
    } rows[] = { { EIO, IDS_NONE }, { EMFILE, IDS_UNREADABLE }, { EACCES, IDS_UNREADABLE } };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct ids_header header;
        sim_inject((struct sim_fault){
            .calls = SIM_READ, .at = 1, .error = rows[i].error, .forever = true });
        assert_int_equal(read_list(), rows[i].found);
        assert_false(ids_look(LIST, &header));
    }
    sim_inject((struct sim_fault){ 0 });
    assert_int_equal(read_list(), IDS_WHOLE);
    sim_take_away(LIST);
    assert_int_equal(read_list(), IDS_NONE);
}

static void scrubs_and_what_is_said_of_authors_are_no_keys(void **state) {
    (void)state;
    struct id_lists lists = { 0 };
    struct arena arena;
    struct buffer frames;
    struct frame frame;
    arena_init(&arena);
    buffer_init(&frames, 4096);
    for (int kind = RECORD_SCRUB; kind <= RECORD_AUTHOR_SCRUB; kind++) {
        struct record record = { .kind = (enum record_kind)kind, .key = SLICE("x:7"), .name = 9 };
        frames.length = 0;
        assert_true(frame_put_record(&frames, 1, &record));
        assert_true(frame_next(buffer_slice(&frames), &frame));
        id_lists_add(&lists, &frame, &arena);
    }
    for (int kind = 0; kind < SPOOL_ID_KINDS; kind++)
        assert_int_equal(lists.of[kind].count, 0);
    id_lists_free(&lists);
    buffer_free(&frames);
    arena_free(&arena);
}

#define LIST_TEST(test) cmocka_unit_test_setup(test, write_list)

int main(void) {
    const struct CMUnitTest tests[] = {
        LIST_TEST(a_list_that_is_not_as_long_as_it_says_is_none),
        LIST_TEST(a_list_whose_key_is_longer_or_shorter_than_it_says_is_none),
        LIST_TEST(a_list_of_no_known_format_is_none),
        LIST_TEST(a_list_that_the_disk_has_lost_is_none_and_one_not_read_for_now_may_be_whole),
        LIST_TEST(scrubs_and_what_is_said_of_authors_are_no_keys),
    };
    return cmocka_run_group_tests_name("id_lists", tests, NULL, NULL);
}
