/* The spool on a disk that does what it is told. */
#include "spool_records.h"

#include "../sim/os_sim.h"
#include "base/os.h"
#include <errno.h>

#define SMALL 4096 /* segments: a few groups each */

static void a_new_spool_is_empty_and_keeps_its_id(void **state) {
    (void)state;
    struct spool *spool = open_sized(0);
    char id[SPOOL_ID_BYTES];
    memcpy(id, spool_id(spool).data, SPOOL_ID_BYTES);
    assert_int_equal(spool_first(spool), 1);
    assert_int_equal(spool_end(spool), 1);
    assert_int_equal(spool_state(spool).length, 0);
    assert_int_equal(spool_bytes(spool), SEGMENT_HEADER_BYTES);
    spool_close(spool);
    spool = open_sized(0);
    assert_slices(spool_id(spool), slice_from(id, SPOOL_ID_BYTES));
    assert_int_equal(spool_seed(spool), segment_seed(id));
    spool_close(spool);
}

static void what_was_appended_is_read_before_and_after_a_restart(void **state) {
    (void)state;
    struct spool *spool = open_sized(SMALL);
    append_groups(spool, 40);
    uint64_t end = spool_end(spool), bytes = spool_bytes(spool);
    assert_int_equal(end, 101);
    for (int restart = 0; restart < 3; restart++) {
        struct got got = read_all(spool);
        assert_int_equal(got.records, 100);
        assert_int_equal(got.damaged, 0);
        assert_int_equal(spool_end(spool), end);
        assert_int_equal(spool_bytes(spool), bytes);
        assert_int_equal(spool_cut_bytes(spool), 0);
        assert_state(spool, end);
        spool_close(spool);
        spool = open_sized(SMALL);
    }
    spool_close(spool);
}

static void a_group_without_records_keeps_a_state(void **state) {
    (void)state;
    struct spool *spool = open_sized(0);
    append_groups(spool, 2);
    assert_int_equal(append(spool, 0), SPOOL_STORED);
    assert_int_equal(spool_end(spool), 4);
    spool_close(spool);
    spool = open_sized(0);
    assert_state(spool, 4);
    assert_int_equal(read_all(spool).records, 3);
    spool_close(spool);
}

static void a_reader_goes_on_where_it_was_however_many_there_are(void **state) {
    (void)state;
    struct spool *spool = open_sized(SMALL);
    append_groups(spool, 40);
    uint64_t at[80];
    struct spool_read read = { 0 };
    struct error err;
    buffer_init(&read.frames, MAX_FRAME_BYTES);
    for (uint64_t i = 0; i < LENGTH(at); i++)
        at[i] = 1 + i;
    for (int round = 0; round < 10; round++)
        for (size_t i = 0; i < LENGTH(at); i++) {
            assert_true(spool_read(spool, at[i], 1 + 20 * i, &read, &err));
            assert_frames(&read);
            assert_int_equal(read.first, at[i]);
            assert_int_equal(read.damaged, 0);
            assert_true(read.count > 0 || at[i] == 101);
            at[i] = read.next;
        }
    buffer_free(&read.frames);
    spool_close(spool);
}

/* A read costs what it reads, not what lies in front of it in the segment. */
static void readers_close_behind_each_other_do_not_search(void **state) {
    (void)state;
    struct spool *spool = open_sized(0);
    for (int i = 0; i < 400; i++)
        assert_int_equal(append(spool, 4), SPOOL_STORED);
    struct spool_read read = { 0 };
    struct error err;
    uint64_t at[3] = { 1, 1, 1 };
    buffer_init(&read.frames, MAX_FRAME_BYTES);
    sim_inject((struct sim_fault){ .calls = SIM_READ });
    while (at[2] < spool_end(spool))
        for (size_t i = 0; i < LENGTH(at); i++) {
            assert_true(spool_read(spool, at[i], 10000, &read, &err));
            at[i] = read.next;
        }
    uint64_t reads = 3 * (spool_bytes(spool) / 10000 + 1);
    assert_true(sim_count() <= reads);
    buffer_free(&read.frames);
    spool_close(spool);
}

static void what_comes_later_is_read_from_the_same_place(void **state) {
    (void)state;
    struct spool *spool = open_sized(0);
    struct spool_read read = { 0 };
    struct error err;
    buffer_init(&read.frames, MAX_FRAME_BYTES);
    assert_true(spool_read(spool, 1, 1, &read, &err));
    assert_int_equal(read.count, 0);
    assert_int_equal(read.first, 1);
    assert_int_equal(read.next, 1);
    for (uint64_t end = 1; end < 60;) {
        append_groups(spool, 2);
        assert_true(spool_read(spool, end, (size_t)1 << 20, &read, &err));
        assert_frames(&read);
        end += 3;
        assert_int_equal(read.next, end);
    }
    buffer_free(&read.frames);
    spool_close(spool);
}

static void a_read_ends_where_the_buffer_does(void **state) {
    (void)state;
    struct spool *spool = open_sized(0);
    struct buffer group;
    struct made made;
    struct commit commit = { 0 };
    struct error err;
    struct spool_read read = { 0 };
    size_t length = (size_t)20 << 20;
    char *raw = memory_zeroed(1, length);
    buffer_init(&group, MAX_GROUP_BYTES);
    for (uint64_t i = 1; i <= 2; i++) {
        make_record(&made, i, 600);
        made.record.raw = slice_from(raw, length);
        assert_true(frame_put_record(&group, spool_seed(spool), &made.record));
    }
    assert_true(frame_put_commit(&group, spool_seed(spool), 2, &commit));
    assert_int_equal(spool_append(spool, buffer_slice(&group), 2, &err), SPOOL_STORED);
    buffer_init(&read.frames, MAX_FRAME_BYTES);
    for (uint64_t i = 1; i <= 2; i++) {
        assert_true(spool_read(spool, i, 3 * length, &read, &err));
        assert_int_equal(read.count, 1);
        assert_int_equal(read.next, i + 1);
    }
    buffer_free(&read.frames);
    buffer_free(&group);
    memory_free(raw);
    spool_close(spool);
}

static void read_only_changes_nothing(void **state) {
    (void)state;
    struct error err;
    struct spool_options options = { .folder = STATE, .read_only = true };
    assert_null(spool_open(&options, &err));
    assert_non_null(strstr(err.text, STATE));
    struct spool *spool = open_sized(SMALL);
    append_groups(spool, 20);
    spool_close(spool);
    sim_inject((struct sim_fault){ .calls = SIM_CHANGES });
    spool = spool_open(&options, &err);
    assert_int_equal(read_all(spool).records, 50);
    assert_int_equal(spool_end(spool), 51);
    spool_close(spool);
    assert_int_equal(sim_count(), 0);
}

static void names_that_are_not_ours_are_left_alone_and_leftovers_removed(void **state) {
    (void)state;
    static const char *const strange[] = { "/s/spool/readme", "/s/spool/1.seg",
                                           "/s/spool/0000000000000000000x.seg",
                                           "/s/spool/00000000000000000001.tmp" };
    size_t length;
    spool_close(open_sized(0));
    for (size_t i = 0; i < LENGTH(strange); i++)
        os_close(os_open(strange[i], OS_UPDATE));
    os_close(os_open("/s/spool/00000000000000000099.seg.new", OS_UPDATE));
    spool_close(open_sized(0));
    for (size_t i = 0; i < LENGTH(strange); i++)
        assert_true(sim_bytes(strange[i], &length) || length == 0);
    assert_null(sim_bytes("/s/spool/00000000000000000099.seg.new", &length));
    struct os_info info;
    assert_true(os_stat(strange[0], &info) && info.kind == OS_FILE);
    assert_true(os_stat("/s/spool/00000000000000000099.seg.new", &info));
    assert_int_equal(info.kind, OS_MISSING);
}

/* ---- what is not ours ---- */

static void assert_refused(const char *says) {
    struct error err = { 0 };
    assert_null(try_open(SMALL, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    if (strstr(err.text, says) == NULL) fail_msg("%s: %s", says, err.text);
}

/* A group of one record that ends at a block's end. */
static enum spool_outcome append_blocks(struct spool *spool) {
    struct buffer group;
    struct made made;
    char text[32];
    struct error err;
    uint64_t sequence = spool_end(spool);
    struct commit commit = { .state = state_at(text, sequence + 1), .multiple = SPOOL_BLOCK_BYTES };
    buffer_init(&group, MAX_GROUP_BYTES);
    make_record(&made, sequence, 600);
    assert_true(frame_put_record(&group, spool_seed(spool), &made.record));
    assert_true(frame_put_commit(&group, spool_seed(spool), sequence, &commit));
    assert_int_equal(group.length, SPOOL_BLOCK_BYTES);
    enum spool_outcome outcome = spool_append(spool, buffer_slice(&group), 1, &err);
    buffer_free(&group);
    return outcome;
}

static void groups_that_fill_blocks_begin_at_one(void **state) {
    (void)state;
    struct spool *spool = open_sized(SMALL * 8);
    for (uint64_t round = 0; round < 20; round++) {
        assert_int_equal(append(spool, 2), SPOOL_STORED);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(append_blocks(spool), SPOOL_STORED);
            assert_state(spool, spool_end(spool));
            if (round == 0) assert_int_equal(spool_bytes(spool) % SPOOL_BLOCK_BYTES, 0);
        }
        spool_close(spool);
        spool = open_sized(SMALL * 8);
        assert_state(spool, 1 + 5 * (round + 1));
    }
    struct got got = read_all(spool);
    assert_int_equal(got.records, 100);
    assert_int_equal(got.damaged, 0);
    spool_close(spool);
}

/* What comes before it is a group of its own: whichever fails, the spool ends where it did. */
static void a_group_of_blocks_that_fails_changes_nothing(void **state) {
    (void)state;
    for (uint64_t at = 1; at <= 4; at++) {
        sim_reset();
        struct spool *spool = open_sized(0);
        assert_int_equal(append(spool, 2), SPOOL_STORED);
        sim_inject((struct sim_fault){ .calls = SIM_WRITE, .at = at, .error = ENOSPC });
        enum spool_outcome outcome = append_blocks(spool);
        assert_int_equal(outcome, at <= 2 ? SPOOL_NO_ROOM : SPOOL_STORED);
        assert_state(spool, at <= 2 ? 3 : 4);
        if (at <= 2) assert_int_equal(append_blocks(spool), SPOOL_STORED);
        spool_close(spool);
        spool = open_sized(0);
        assert_int_equal(spool_end(spool), 4);
        assert_int_equal(read_all(spool).damaged, 0);
        spool_close(spool);
    }
}

/* faults.md 43 */
static void a_newer_spool_is_refused_untouched(void **state) {
    (void)state;
    struct spool *spool = open_sized(SMALL);
    append_groups(spool, 20);
    char path[] = "/s/spool/00000000000000000001.seg";
    size_t length;
    const char *bytes = sim_bytes(path, &length);
    char *newer = memcpy(memory_alloc(length), bytes, length);
    spool_close(spool);
    newer[8] = newer[72] = SPOOL_FORMAT + 1;
    sim_put(path, newer, length);
    os_close(os_open("/s/spool/00000000000000000099.seg.new", OS_UPDATE));
    sim_inject((struct sim_fault){ .calls = SIM_CHANGES & ~SIM_SYNC_FOLDER });
    assert_refused("00000000000000000001.seg: made by a newer linnet");
    assert_int_equal(sim_count(), 0);
    memory_free(newer);
}

static void segments_of_two_spools_are_refused(void **state) {
    (void)state;
    spool_close(open_sized(0));
    size_t length;
    char other[SEGMENT_HEADER_BYTES];
    struct segment_header header = { .first = 8 };
    segment_put_header(other, &header);
    int fd = os_open("/s/spool/00000000000000000008.seg", OS_UPDATE);
    assert_true(os_write_at(fd, slice_from(other, sizeof other), 0));
    os_close(fd);
    assert_refused("00000000000000000008.seg: belongs to another spool");
    const char *first = sim_bytes("/s/spool/00000000000000000001.seg", &length);
    sim_put("/s/spool/00000000000000000008.seg", first, length);
    assert_refused("00000000000000000008.seg: belongs to another spool");
}

static void a_path_that_is_too_long_is_refused(void **state) {
    (void)state;
    char path[4000];
    struct error err;
    struct spool_options options = { .folder = path };
    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    assert_null(spool_open(&options, &err));
    assert_non_null(strstr(err.text, "too long"));
}

/* faults.md 12 */
static void a_folder_that_cannot_be_is_named(void **state) {
    (void)state;
    os_close(os_open(STATE, OS_UPDATE));
    assert_refused("/s/spool: cannot be made");
}

static void segments_without_number_are_kept_in_order(void **state) {
    (void)state;
    struct spool *spool = open_sized(1);
    append_groups(spool, 200);
    assert_int_equal(spool_end(spool), 501);
    for (uint64_t at = 1, next; at < 501; at = next) {
        next = spool_next_segment(spool, at);
        assert_int_equal(spool_next_segment(spool, next - 1), next);
        assert_true(next > at && next <= at + 4);
    }
    assert_int_equal(read_all(spool).records, 500);
    spool_close(spool);
}

static void where_there_is_no_spool_none_is_read(void **state) {
    struct error err;
    (void)state;
    assert_false(spool_exists(STATE));
    assert_true(os_make_private_folder(STATE "/spool"));
    assert_null(spool_open(&(struct spool_options){ .folder = STATE, .read_only = true }, &err));
    assert_non_null(strstr(err.text, "no spool"));
    assert_false(spool_exists(STATE));
    spool_close(open_sized(0));
    assert_true(spool_exists(STATE));
    sim_take_away(STATE "/cursors");
    sim_inject((struct sim_fault){ .calls = SIM_STAT, .at = 1, .error = EIO });
    assert_true(spool_exists(STATE)); /* it may be there */
}

#define SPOOL_TEST(test) cmocka_unit_test_setup(test, empty_disk)

int main(void) {
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(a_new_spool_is_empty_and_keeps_its_id),
        SPOOL_TEST(what_was_appended_is_read_before_and_after_a_restart),
        SPOOL_TEST(a_group_without_records_keeps_a_state),
        SPOOL_TEST(a_reader_goes_on_where_it_was_however_many_there_are),
        SPOOL_TEST(readers_close_behind_each_other_do_not_search),
        SPOOL_TEST(what_comes_later_is_read_from_the_same_place),
        SPOOL_TEST(a_read_ends_where_the_buffer_does),
        SPOOL_TEST(read_only_changes_nothing),
        SPOOL_TEST(names_that_are_not_ours_are_left_alone_and_leftovers_removed),
        SPOOL_TEST(groups_that_fill_blocks_begin_at_one),
        SPOOL_TEST(a_group_of_blocks_that_fails_changes_nothing),
        SPOOL_TEST(a_newer_spool_is_refused_untouched),
        SPOOL_TEST(segments_of_two_spools_are_refused),
        SPOOL_TEST(a_path_that_is_too_long_is_refused),
        SPOOL_TEST(a_folder_that_cannot_be_is_named),
        SPOOL_TEST(segments_without_number_are_kept_in_order),
        SPOOL_TEST(where_there_is_no_spool_none_is_read),
    };
    return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
