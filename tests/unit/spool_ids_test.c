/* store/spool.h: which keys were kept, and segments that go while their keys stay. */
#include "spool_known.h"

#include "../sim/os_sim.h"
#include "base/os.h"
#include "store/id_lists.h"
#include "store/pack.h"
#include <errno.h>

#define SMALL 4096 /* segments: a few groups each */

/* ---- ids ---- */

static uint64_t key_hash(uint64_t sequence) {
    struct made made;
    make_record(&made, sequence, 600);
    return hash_bytes(made.record.key);
}

/* Of 100 records in 40 groups; sequence % 7 % 3 == 2 makes a delete. */
static void assert_all_ids(struct spool *spool) {
    struct ids ids = ids_of(spool);
    uint64_t deletes = 0, names = 0;
    for (uint64_t i = 1; i <= 100; i++) {
        deletes += i % 7 % 3 == 2;
        names += name_of_record(i) != 0;
    }
    assert_int_equal(ids.counts[SPOOL_NAME], names);
    assert_int_equal(ids.first[SPOOL_NAME], 5001);
    assert_int_equal(ids.last[SPOOL_NAME], 5099);
    assert_int_equal(ids.counts[SPOOL_KEPT], 100 - deletes);
    assert_int_equal(ids.counts[SPOOL_KEPT_DELETE], deletes);
    assert_int_equal(ids.counts[SPOOL_UNKNOWN_DELETE], 40);
    assert_int_equal(ids.first[SPOOL_KEPT], key_hash(1));
    assert_int_equal(ids.last[SPOOL_KEPT], key_hash(99));
    assert_int_equal(ids.first[SPOOL_KEPT_DELETE], key_hash(2));
    assert_int_equal(ids.last[SPOOL_KEPT_DELETE], key_hash(100));
    assert_int_equal(ids.first[SPOOL_UNKNOWN_DELETE], 1000001);
    assert_int_equal(ids.last[SPOOL_UNKNOWN_DELETE], 1000097);
}

static void kept_keys_are_known_in_the_order_they_came(void **state) {
    (void)state;
    struct spool *spool = open_sized(SMALL);
    append_groups(spool, 40);
    assert_all_ids(spool);
    spool_close(spool);
    spool = open_sized(SMALL);
    assert_all_ids(spool);
    spool_close(spool);
}

struct ids_files {
    char names[64][32];
    size_t count;
};

static void note_ids_file(void *context, const char *name) {
    struct ids_files *files = context;
    if (strstr(name, ".ids")) snprintf(files->names[files->count++], 32, "%s", name);
}

static struct ids_files list_ids(void) {
    struct ids_files files = { 0 };
    assert_true(os_list_folder("/s/spool", note_ids_file, &files));
    return files;
}

static void a_list_of_ids_that_is_missing_or_damaged_is_made_again(void **state) {
    (void)state;
    struct spool *spool = open_sized(SMALL);
    append_groups(spool, 40);
    struct ids_files files = list_ids();
    assert_true(files.count >= 4);
    for (size_t i = 0; i < files.count; i++) {
        char path[64];
        size_t length;
        snprintf(path, sizeof path, "/s/spool/%s", files.names[i]);
        const char *bytes = sim_bytes(path, &length);
        char *copy = memcpy(memory_alloc(length + 1), bytes, length);
        for (size_t bit = 0; bit < 8 * length; bit += 3) {
            copy[bit / 8] ^= (char)(1 << bit % 8);
            sim_put(path, copy, length);
            assert_all_ids(spool);
            copy[bit / 8] ^= (char)(1 << bit % 8);
        }
        for (size_t cut = 0; cut <= length + 1; cut++) {
            sim_put(path, copy, cut);
            assert_all_ids(spool);
        }
        sim_take_away(path);
        assert_all_ids(spool);
        assert_non_null(sim_bytes(path, &length));
        memory_free(copy);
    }
    spool_close(spool);
}

/* A segment given up early is in its list up to there only; the list of another spool is none. */
static void a_list_of_other_records_is_made_again(void **state) {
    (void)state;
    struct spool *spool = open_sized(SMALL);
    append_groups(spool, 40);
    struct ids_files files = list_ids();
    char paths[2][64];
    size_t length;
    for (size_t i = 0; i < 2; i++)
        snprintf(paths[i], 64, "/s/spool/%s", files.names[i]);
    const char *other = sim_bytes(paths[1], &length);
    sim_put(paths[0], other, length);
    assert_all_ids(spool);
    spool_close(spool);
}

static void read_only_makes_no_list(void **state) {
    (void)state;
    struct error err;
    struct spool_options options = { .folder = STATE, .read_only = true };
    struct spool *spool = open_sized(SMALL);
    append_groups(spool, 40);
    spool_close(spool);
    struct ids_files files = list_ids();
    char path[64];
    size_t length;
    snprintf(path, sizeof path, "/s/spool/%s", files.names[0]);
    sim_take_away(path);
    spool = spool_open(&options, &err);
    assert_all_ids(spool);
    assert_null(sim_bytes(path, &length));
    spool_close(spool);
}

static void put_named(struct buffer *frames, struct slice key, uint64_t name) {
    struct record record = { .key = key, .name = name };
    assert_true(frame_put_record(frames, 1, &record));
}

/* As many, and as long, as anybody may send. */
static void the_newest_names_are_kept_within_bounds(void **state) {
    (void)state;
    static const size_t lengths[] = { 3, 1000 };
    char *key = memset(memory_alloc(1000), 'k', 1000);
    for (size_t i = 0; i < LENGTH(lengths); i++) {
        struct id_lists lists = { 0 };
        struct ids_header header = { .first = 1, .end = 2 };
        struct arena arena;
        struct buffer frames;
        struct frame frame;
        arena_init(&arena);
        buffer_init(&frames, 4096);
        for (uint64_t name = 1; name <= 3 * SPOOL_KNOWN_NAMES; name++) {
            frames.length = 0;
            put_named(&frames, slice_from(key, lengths[i]), name);
            assert_true(frame_next(buffer_slice(&frames), &frame));
            id_lists_add(&lists, &frame, &arena);
        }
        assert_true(lists.of[SPOOL_NAME].keys.length <= 3 * SPOOL_KNOWN_NAME_BYTES);
        assert_true(ids_write("/list", &header, &lists));
        id_lists_free(&lists);
        assert_int_equal(ids_read("/list", &header, &lists), IDS_WHOLE);
        const struct id_list *names = &lists.of[SPOOL_NAME];
        size_t most = MIN(SPOOL_KNOWN_NAMES, SPOOL_KNOWN_NAME_BYTES / lengths[i]);
        assert_int_equal(names->count, most);
        assert_int_equal(names->hashes[most - 1], 3 * SPOOL_KNOWN_NAMES);
        assert_int_equal(names->keys.length, most * (4 + lengths[i]));
        id_lists_free(&lists);
        buffer_free(&frames);
        arena_free(&arena);
    }
    memory_free(key);
}

/* ---- retention ---- */

static void what_is_dropped_is_gone_and_its_keys_are_not(void **state) {
    (void)state;
    struct spool *spool = open_sized(SMALL);
    append_groups(spool, 40);
    uint64_t bytes = spool_bytes(spool), second = spool_next_segment(spool, 1);
    spool_drop(spool, second - 1);
    assert_int_equal(spool_first(spool), 1);
    spool_drop(spool, second);
    assert_int_equal(spool_first(spool), second);
    assert_true(spool_bytes(spool) < bytes);
    for (int restart = 0; restart < 2; restart++) {
        struct got got = read_from(spool, 1, 3000);
        assert_int_equal(got.records, 101 - second);
        assert_int_equal(got.damaged, second - 1);
        assert_all_ids(spool);
        spool_close(spool);
        spool = open_sized(SMALL);
    }
    spool_drop(spool, UINT64_MAX);
    assert_int_equal(spool_next_segment(spool, spool_first(spool)), 101);
    assert_true(spool_first(spool) < 101);
    assert_all_ids(spool);
    spool_close(spool);
    spool = open_sized(SMALL);
    assert_all_ids(spool);
    assert_state(spool, 101);
    spool_close(spool);
}

/* A start without them would take what is known for new. */
static void keys_that_cannot_be_read_for_now_hold_up_the_start(void **state) {
    (void)state;
    struct error err;
    struct spool *spool = open_sized(SMALL);
    append_groups(spool, 40);
    spool_drop(spool, UINT64_MAX);
    sim_inject(
        (struct sim_fault){ .calls = SIM_READ, .path = "001.ids", .at = 1, .error = EMFILE });
    assert_false(spool_ids(spool, note_id, &(struct ids){ 0 }, &err));
    assert_string_equal(err.text, "/s/spool/00000000000000000001.ids: cannot be read: "
                                  "Too many open files");
    assert_all_ids(spool);
    spool_close(spool);
}

static void a_segment_stays_until_its_keys_are_written(void **state) {
    (void)state;
    struct spool *spool = open_sized(SMALL);
    append_groups(spool, 40);
    sim_take_away("/s/spool/00000000000000000001.ids");
    sim_inject((struct sim_fault){ .calls = SIM_WRITE, .at = 1, .error = ENOSPC });
    spool_drop(spool, UINT64_MAX);
    assert_int_equal(spool_first(spool), 1);
    spool_drop(spool, UINT64_MAX);
    assert_true(spool_first(spool) > 1);
    spool_close(spool);
    spool = open_sized(SMALL);
    assert_all_ids(spool);
    spool_close(spool);
}

/* One group alone could be torn off, and the state with it. */
static void the_segment_before_the_newest_stays_until_that_holds_two_groups(void **state) {
    (void)state;
    struct spool *spool = open_sized(1);
    append_groups(spool, 3);
    assert_true(spool_may_drop(spool));
    spool_drop(spool, UINT64_MAX);
    assert_int_equal(spool_first(spool), 2);
    assert_false(spool_may_drop(spool));
    spool_drop(spool, UINT64_MAX);
    assert_int_equal(spool_first(spool), 2);
    spool_close(spool);
    spool = open_sized(0);
    assert_int_equal(append(spool, 1), SPOOL_STORED);
    assert_true(spool_may_drop(spool));
    spool_drop(spool, UINT64_MAX);
    assert_int_equal(spool_first(spool), 4);
    spool_close(spool);
}

/* faults.md 13 */
static void dropping_what_was_removed_by_hand_is_fine(void **state) {
    (void)state;
    struct spool *spool = open_sized(SMALL);
    append_groups(spool, 40);
    sim_take_away("/s/spool/00000000000000000001.seg");
    sim_take_away("/s/spool/00000000000000000001.ids");
    spool_drop(spool, spool_next_segment(spool, 1));
    assert_true(spool_first(spool) > 1);
    assert_int_equal(read_all(spool).damaged, 0);
    spool_close(spool);
}

/* A list of as many keys as are remembered at all, of the segment that began at `first`. */
static void write_full_list(const struct spool *spool, uint64_t first, uint64_t end) {
    char path[64];
    struct ids_header header = { .first = first, .end = end };
    struct id_lists lists = { 0 };
    memcpy(header.id, spool_id(spool).data, sizeof header.id);
    lists.of[SPOOL_KEPT] = (struct id_list){
        .hashes = memory_zeroed(SPOOL_KNOWN_IDS, sizeof(uint64_t)),
        .count = SPOOL_KNOWN_IDS,
        .room = SPOOL_KNOWN_IDS,
    };
    snprintf(path, sizeof path, "/s/spool/%020llu.ids", (unsigned long long)first);
    assert_true(ids_write(path, &header, &lists));
    id_lists_free(&lists);
}

static void lists_of_keys_that_are_too_old_to_be_remembered_go(void **state) {
    (void)state;
    struct spool *spool = open_sized(SMALL);
    append_groups(spool, 40);
    uint64_t second = spool_next_segment(spool, 1), third = spool_next_segment(spool, second);
    uint64_t fourth = spool_next_segment(spool, third);
    spool_drop(spool, fourth);
    assert_int_equal(spool_first(spool), fourth);
    size_t lists = list_ids().count;
    write_full_list(spool, third, fourth);
    spool_drop(spool, spool_next_segment(spool, fourth));
    assert_true(list_ids().count <= lists); /* of two that are older than the full one */
    struct ids ids = ids_of(spool);
    assert_int_equal(ids.counts[SPOOL_KEPT], SPOOL_KNOWN_IDS);
    assert_int_equal(ids.first[SPOOL_KEPT], 0);
    assert_int_equal(ids.last[SPOOL_KEPT], key_hash(99));
    spool_close(spool);
}

/* In place of the list of the first segment, whose records end before `end`. */
static void assert_made_again(uint64_t first, uint64_t end) {
    struct spool *spool = open_sized(SMALL);
    write_full_list(spool, first, end);
    size_t length;
    char path[64];
    snprintf(path, sizeof path, "/s/spool/%020llu.ids", (unsigned long long)first);
    const char *bytes = sim_bytes(path, &length);
    if (first > 1) {
        sim_put("/s/spool/00000000000000000001.ids", bytes, length);
        sim_take_away(path);
    }
    spool_close(spool);
    spool = open_sized(SMALL);
    assert_all_ids(spool);
    spool_close(spool);
}

static void a_list_of_another_place_or_length_is_made_again(void **state) {
    (void)state;
    struct spool *spool = open_sized(SMALL);
    append_groups(spool, 40);
    uint64_t second = spool_next_segment(spool, 1);
    spool_close(spool);
    assert_made_again(1, second - 1);
    assert_made_again(1000, second);
}

/* The first list, with its end cut off, or its number of keys too high. */
static void a_list_that_is_cut_or_says_too_much_is_made_again(void **state) {
    static const char path[] = "/s/spool/00000000000000000001.ids";
    static char huge[20 << 20];
    (void)state;
    struct spool *spool = open_sized(SMALL);
    append_groups(spool, 40);
    spool_close(spool);
    size_t length, parts[] = { 0, 10, 64, 66, 70 };
    for (size_t i = 0; i < LENGTH(parts); i++) {
        const char *bytes = sim_bytes(path, &length);
        memcpy(huge, bytes, length);
        sim_put(path, huge, parts[i]);
        spool = open_sized(SMALL);
        assert_all_ids(spool);
        spool_close(spool);
    }
    for (int more = -1; more <= 1; more += 2) { /* one key too few, too many */
        const char *bytes = sim_bytes(path, &length);
        memcpy(huge, bytes, length);
        huge[48] = (char)(huge[48] + more);
        pack_u32(huge + 64, crc32c(0, slice_from(huge, 64)));
        sim_put(path, huge, length);
        spool = open_sized(SMALL);
        assert_all_ids(spool);
        spool_close(spool);
    }
    sim_put(path, huge, sizeof huge);
    spool = open_sized(SMALL);
    assert_all_ids(spool);
    spool_close(spool);
}

static void a_list_of_another_spool_is_made_again(void **state) {
    static const char path[] = "/s/spool/00000000000000000001.ids";
    (void)state;
    struct spool *spool = open_sized(SMALL);
    append_groups(spool, 40);
    size_t length;
    const char *bytes = sim_bytes(path, &length);
    char *copy = memcpy(memory_alloc(length), bytes, length);
    copy[16] ^= 1;
    pack_u32(copy + 64, crc32c(0, slice_from(copy, 64)));
    sim_put(path, copy, length);
    assert_all_ids(spool);
    bytes = sim_bytes(path, &length);
    assert_true(bytes[16] != copy[16]);
    spool_close(spool);
    memory_free(copy);
}

/* Its segment cannot be looked at, and its list is not there. */
static void keys_that_cannot_be_made_again_for_now_hold_up_the_start(void **state) {
    (void)state;
    struct error err;
    struct spool *spool = open_sized(SMALL);
    append_groups(spool, 40);
    sim_take_away("/s/spool/00000000000000000001.ids");
    static const unsigned calls[] = { SIM_STAT, SIM_READ };
    for (size_t i = 0; i < LENGTH(calls); i++) {
        sim_inject(
            (struct sim_fault){ .calls = calls[i], .path = "001.seg", .at = 1, .error = EMFILE });
        assert_false(spool_ids(spool, note_id, &(struct ids){ 0 }, &err));
        assert_non_null(strstr(err.text, "00000000000000000001.seg: cannot be read"));
    }
    assert_all_ids(spool);
    spool_close(spool);
}

static void behind_a_full_list_no_older_one_is_looked_at(void **state) {
    (void)state;
    struct spool *spool = open_sized(SMALL);
    append_groups(spool, 40);
    uint64_t second = spool_next_segment(spool, 1), third = spool_next_segment(spool, second);
    write_full_list(spool, third, spool_next_segment(spool, third));
    sim_inject((struct sim_fault){ .calls = SIM_READ, .path = "001.ids" });
    struct ids ids = ids_of(spool);
    assert_int_equal(sim_count(), 0);
    assert_int_equal(ids.counts[SPOOL_KEPT], SPOOL_KNOWN_IDS);
    assert_int_equal(ids.last[SPOOL_KEPT], key_hash(99));
    spool_drop(spool, second);
    size_t length;
    assert_null(sim_bytes("/s/spool/00000000000000000001.ids", &length));
    spool_close(spool);
}

/* In place of the segment's list: as many as a start remembers, named as make_record's are. */
static void write_many_names(const struct spool *spool, uint64_t first, uint64_t end) {
    char path[64], key[32];
    struct ids_header header = { .first = first, .end = end };
    struct id_lists lists = { 0 };
    struct arena arena;
    struct buffer frames;
    struct frame frame;
    arena_init(&arena);
    buffer_init(&frames, 4096);
    memcpy(header.id, spool_id(spool).data, sizeof header.id);
    for (unsigned i = 1; i <= SPOOL_KNOWN_NAMES; i++) {
        frames.length = 0;
        snprintf(key, sizeof key, "x:%u", i);
        put_named(&frames, slice_of(key), 5000 + i);
        assert_true(frame_next(buffer_slice(&frames), &frame));
        id_lists_add(&lists, &frame, &arena);
    }
    snprintf(path, sizeof path, "/s/spool/%020llu.ids", (unsigned long long)first);
    assert_true(ids_write(path, &header, &lists));
    id_lists_free(&lists);
    buffer_free(&frames);
    arena_free(&arena);
}

static void of_more_names_than_a_start_remembers_the_newest_are_known(void **state) {
    (void)state;
    struct spool *spool = open_sized(SMALL);
    append_groups(spool, 40);
    uint64_t second = spool_next_segment(spool, 1), third = spool_next_segment(spool, second);
    write_many_names(spool, second, third);
    struct ids ids = ids_of(spool);
    uint64_t newer = 0;
    for (uint64_t i = third; i <= 100; i++)
        newer += name_of_record(i) != 0;
    assert_int_equal(ids.counts[SPOOL_NAME], SPOOL_KNOWN_NAMES);
    assert_int_equal(ids.first[SPOOL_NAME], 5001 + newer);
    assert_int_equal(ids.last[SPOOL_NAME], 5099);
    spool_close(spool);
}

#define SPOOL_TEST(test) cmocka_unit_test_setup(test, empty_disk)

int main(void) {
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(kept_keys_are_known_in_the_order_they_came),
        SPOOL_TEST(a_list_of_ids_that_is_missing_or_damaged_is_made_again),
        SPOOL_TEST(a_list_of_other_records_is_made_again),
        SPOOL_TEST(read_only_makes_no_list),
        SPOOL_TEST(the_newest_names_are_kept_within_bounds),
        SPOOL_TEST(what_is_dropped_is_gone_and_its_keys_are_not),
        SPOOL_TEST(keys_that_cannot_be_read_for_now_hold_up_the_start),
        SPOOL_TEST(a_segment_stays_until_its_keys_are_written),
        SPOOL_TEST(the_segment_before_the_newest_stays_until_that_holds_two_groups),
        SPOOL_TEST(dropping_what_was_removed_by_hand_is_fine),
        SPOOL_TEST(lists_of_keys_that_are_too_old_to_be_remembered_go),
        SPOOL_TEST(a_list_of_another_place_or_length_is_made_again),
        SPOOL_TEST(a_list_that_is_cut_or_says_too_much_is_made_again),
        SPOOL_TEST(a_list_of_another_spool_is_made_again),
        SPOOL_TEST(keys_that_cannot_be_made_again_for_now_hold_up_the_start),
        SPOOL_TEST(behind_a_full_list_no_older_one_is_looked_at),
        SPOOL_TEST(of_more_names_than_a_start_remembers_the_newest_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
