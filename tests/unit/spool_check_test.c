/* Check says what is wrong and changes nothing; after repair nothing is. */
#include "spool_records.h"

#include "../sim/os_sim.h"
#include "base/os.h"
#include "store/spool_check.h"
#include <errno.h>

#define FIRST "/s/spool/00000000000000000001.seg"
#define SMALL 2500

/* 8 groups of 3 records in several segments, a cursor behind 10 of them. */
static int start(void **state) {
    (void)state;
    struct error err;
    struct cursor cursor;
    sim_reset();
    struct spool *spool = open_sized(SMALL);
    for (int i = 0; i < 8; i++)
        assert_int_equal(append(spool, 3), SPOOL_STORED);
    struct cursor_file *file = cursor_open(spool, STATE, "index", 1, &cursor, &err);
    cursor = (struct cursor){ .start = 1, .next = 11, .delivered = 10 };
    assert_true(cursor_save(file, &cursor, &err));
    cursor_close(file);
    spool_close(spool);
    return 0;
}

struct told {
    size_t damages, segments, cursors, wrong;
    struct checked_damage last;
    uint64_t records; /* in damage */
};

static void tell_damage(void *context, const struct checked_damage *damage) {
    struct told *told = context;
    told->damages++;
    told->records += damage->records;
    told->last = *damage;
    assert_non_null(strstr(damage->path, "/s/spool/"));
}

static void tell_segment(void *context, const struct checked_segment *segment) {
    struct told *told = context;
    told->segments++;
    assert_true(segment->first < segment->end && segment->left <= segment->bytes);
}

static void tell_cursor(void *context, const struct checked_cursor *cursor) {
    struct told *told = context;
    told->cursors++;
    told->wrong += cursor->wrong != NULL;
}

typedef bool checking(const char *folder, const struct spool_checker *checker,
                      struct spool_checked *checked, struct error *err);

static struct told look(checking *with, struct spool_checked *checked) {
    struct told told = { 0 };
    struct spool_checker checker = { tell_damage, tell_segment, tell_cursor, &told };
    struct error err = { 0 };
    if (!with(STATE, &checker, checked, &err)) fail_msg("%s", err.text);
    return told;
}

static bool fails(checking *with, const char *says) {
    struct told told = { 0 };
    struct spool_checked checked;
    struct spool_checker checker = { tell_damage, tell_segment, tell_cursor, &told };
    struct error err = { 0 };
    return !with(STATE, &checker, &checked, &err) && strstr(err.text, says);
}

static void change_byte(const char *path, size_t at) {
    size_t length;
    const char *bytes = sim_bytes(path, &length);
    char *copy = memcpy(memory_alloc(length), bytes, length);
    copy[at] ^= 1;
    sim_put(path, copy, length);
    memory_free(copy);
}

static size_t length_of(const char *path) {
    size_t length = 0;
    assert_non_null(sim_bytes(path, &length));
    return length;
}

static bool is_clean(const struct spool_checked *checked) {
    return checked->damaged_bytes + checked->headers + checked->cursors + checked->cut_bytes == 0;
}

static void a_good_spool_is_clean_and_left_alone(void **state) {
    (void)state;
    struct spool_checked checked;
    sim_inject((struct sim_fault){ .calls = SIM_CHANGES });
    struct told told = look(spool_check, &checked);
    assert_int_equal(sim_count(), 0);
    assert_true(is_clean(&checked));
    assert_int_equal(checked.records, 24);
    assert_int_equal(checked.missing, 0);
    assert_int_equal(told.damages, 0);
    assert_int_equal(told.segments, checked.segments);
    assert_int_equal(told.cursors, 1);
    assert_int_equal(told.wrong, 0);
}

static void a_running_spool_can_be_looked_at(void **state) {
    (void)state;
    struct spool_checked checked;
    struct spool *spool = open_sized(SMALL);
    assert_int_equal(append(spool, 3), SPOOL_STORED);
    (void)look(spool_check, &checked);
    assert_true(is_clean(&checked));
    assert_int_equal(checked.records, 27);
    assert_int_equal(append(spool, 3), SPOOL_STORED);
    spool_close(spool);
}

/* faults.md 9: every byte of a segment; repaired, what is left is what was left. */
static void every_damage_is_found_and_repaired(void **state) {
    (void)state;
    void *image = sim_save();
    for (size_t at = 0, length = length_of(FIRST); at < length; at++) {
        struct spool_checked checked, again;
        sim_restore(image);
        change_byte(FIRST, at);
        struct told told = look(spool_check, &checked);
        assert_false(is_clean(&checked));
        assert_int_equal(checked.headers, at < SEGMENT_HEADER_BYTES);
        assert_int_equal(told.damages, at >= SEGMENT_HEADER_BYTES);
        assert_int_equal(told.records, checked.missing);
        assert_true(checked.missing <= 1);
        if (told.damages) {
            assert_string_equal(strrchr(FIRST, '/'), "/00000000000000000001.seg");
            assert_true(told.last.offset <= at && at < told.last.offset + told.last.bytes);
        }
        struct spool *spool = open_sized(SMALL);
        struct got before = read_all(spool);
        spool_close(spool);
        (void)look(spool_repair, &again);
        assert_memory_equal(&again, &checked, sizeof again);
        (void)look(spool_check, &again);
        assert_true(is_clean(&again));
        assert_int_equal(again.missing, checked.missing);
        spool = open_sized(SMALL);
        struct got got = read_all(spool);
        assert_int_equal(got.records, before.records);
        assert_int_equal(got.damaged, checked.missing);
        assert_int_equal(append(spool, 2), SPOOL_STORED);
        spool_close(spool);
    }
    free(image);
}

static void the_newest_segment_is_repaired_and_goes_on(void **state) {
    (void)state;
    sim_reset();
    struct spool *spool = open_sized(0);
    for (int i = 0; i < 8; i++)
        assert_int_equal(append(spool, 3), SPOOL_STORED);
    spool_close(spool);
    void *image = sim_save();
    for (size_t at = 0, length = length_of(FIRST); at < length; at++) {
        struct spool_checked checked;
        sim_restore(image);
        change_byte(FIRST, at);
        (void)look(spool_check, &checked);
        assert_false(is_clean(&checked));
        (void)look(spool_repair, &checked);
        (void)look(spool_check, &checked);
        assert_true(is_clean(&checked));
        spool = open_sized(0);
        uint64_t end = spool_end(spool);
        assert_true(end == 25 || end == 22);
        assert_state(spool, end);
        assert_int_equal(append(spool, 3), SPOOL_STORED);
        assert_int_equal(read_all(spool).damaged, checked.missing);
        spool_close(spool);
    }
    free(image);
}

static void several_damages_are_each_told(void **state) {
    (void)state;
    struct spool_checked checked;
    change_byte(FIRST, SEGMENT_HEADER_BYTES + 40);
    change_byte(FIRST, length_of(FIRST) - 1); /* the last commit: costs no record */
    struct told told = look(spool_check, &checked);
    assert_int_equal(told.damages, 2);
    assert_int_equal(told.last.records, 0);
    assert_int_equal(checked.missing, 1);
    (void)look(spool_repair, &checked);
    (void)look(spool_check, &checked);
    assert_true(is_clean(&checked));
    assert_int_equal(checked.missing, 1);
}

/* A walk over all of it: damage in a row, commits that are gone, long groups. */
static void a_long_stretch_of_damage_is_one_and_is_repaired(void **state) {
    (void)state;
    struct spool_checked checked;
    size_t length = length_of(FIRST);
    char *zeros = memory_zeroed(1, length);
    memcpy(zeros, sim_bytes(FIRST, &length), SEGMENT_HEADER_BYTES + 100);
    sim_put(FIRST, zeros, length);
    struct told told = look(spool_check, &checked);
    assert_int_equal(told.damages, 1);
    assert_int_equal(told.last.offset, SEGMENT_HEADER_BYTES);
    (void)look(spool_repair, &checked);
    (void)look(spool_check, &checked);
    assert_true(is_clean(&checked));
    assert_int_equal(length_of(FIRST), SEGMENT_HEADER_BYTES);
    memory_free(zeros);
}

/* Records that a lost commit leaves behind are written out before they are too many. */
static void records_without_their_commit_are_kept(void **state) {
    (void)state;
    sim_reset();
    struct spool *spool = open_sized(1);
    append_long_group(spool);
    assert_int_equal(append(spool, 1), SPOOL_STORED);
    spool_close(spool);
    change_byte(FIRST, length_of(FIRST) - 1);
    struct spool_checked checked;
    (void)look(spool_repair, &checked);
    (void)look(spool_check, &checked);
    assert_true(is_clean(&checked));
    assert_int_equal(checked.records, 3);
}

/* faults.md 13 */
static void removed_and_cut_segments_are_missing_records(void **state) {
    (void)state;
    struct spool_checked checked;
    struct spool *spool = open_sized(SMALL);
    uint64_t second = spool_next_segment(spool, 1), third = spool_next_segment(spool, second);
    spool_close(spool);
    char path[64];
    snprintf(path, sizeof path, "/s/spool/%020llu.seg", (unsigned long long)second);
    sim_take_away(path);
    (void)look(spool_check, &checked);
    assert_true(is_clean(&checked)); /* there is nothing to repair */
    assert_int_equal(checked.missing, third - second);
}

/* faults.md 6: what a failed sync left behind a segment's end is no damage. */
static void what_a_failed_sync_left_is_no_damage(void **state) {
    (void)state;
    struct spool_checked checked;
    sim_reset();
    struct spool *spool = open_sized(0);
    assert_int_equal(append(spool, 3), SPOOL_STORED);
    size_t good = length_of(FIRST);
    sim_inject((struct sim_fault){ .calls = SIM_SYNC, .at = 1, .error = EIO });
    assert_int_equal(append(spool, 3), SPOOL_STORED);
    spool_close(spool);
    assert_true(length_of(FIRST) > good);
    (void)look(spool_check, &checked);
    assert_true(is_clean(&checked));
    assert_int_equal(checked.missing, 0);
    change_byte(FIRST, good + 40); /* nor is it when it is torn */
    (void)look(spool_check, &checked);
    assert_true(is_clean(&checked));
    change_byte(FIRST, good - 1); /* the commit in front of it is */
    struct told told = look(spool_check, &checked);
    assert_int_equal(told.damages, 1);
    assert_int_equal(checked.missing, 0);
    (void)look(spool_repair, &checked);
    (void)look(spool_check, &checked);
    assert_true(is_clean(&checked));
    assert_int_equal(checked.records, 6);
}

static void a_torn_tail_is_told_and_cut(void **state) {
    (void)state;
    struct spool_checked checked;
    struct spool *spool = open_sized(0);
    sim_inject((struct sim_fault){ .calls = SIM_WRITE, .kill_at = 1, .half = true });
    (void)append(spool, 3);
    spool_close(spool);
    sim_restart();
    (void)look(spool_check, &checked);
    assert_true(checked.cut_bytes > 0);
    assert_int_equal(checked.records, 24);
    uint64_t cut = checked.cut_bytes;
    (void)look(spool_repair, &checked);
    assert_int_equal(checked.cut_bytes, cut);
    (void)look(spool_check, &checked);
    assert_true(is_clean(&checked));
}

static void more_of_what_was_there_counts_once(void **state) {
    (void)state;
    struct spool_checked checked;
    size_t length;
    const char *bytes = sim_bytes(FIRST, &length);
    struct buffer twice;
    buffer_init(&twice, 100000);
    struct frame frame;
    struct segment_header header;
    (void)!segment_get_header(slice_from(bytes, length), &header);
    struct slice frames = slice_skip(slice_from(bytes, length), SEGMENT_HEADER_BYTES);
    assert_int_equal(frame_find(frames, segment_seed(header.id), &frame), FRAME_WHOLE);
    assert_true(buffer_append(
        &twice, slice_first(slice_from(bytes, length), SEGMENT_HEADER_BYTES + frame.bytes)));
    assert_true(buffer_append(&twice, frames));
    sim_put(FIRST, twice.data, twice.length);
    (void)look(spool_check, &checked);
    assert_int_equal(checked.records, 24);
    assert_int_equal(checked.missing, 0);
    struct spool *spool = open_sized(SMALL);
    assert_int_equal(read_all(spool).records, 24);
    spool_close(spool);
    buffer_free(&twice);
}

static void cursors_are_made_to_fit(void **state) {
    (void)state;
    struct spool_checked checked;
    struct error err;
    struct cursor cursor;
    struct spool *spool = open_sized(SMALL);
    static const char *const names[] = { "past", "torn" };
    for (size_t i = 0; i < LENGTH(names); i++) {
        struct cursor_file *file = cursor_open(spool, STATE, names[i], 1, &cursor, &err);
        cursor = (struct cursor){ .start = 1, .next = 91, .delivered = 90 };
        assert_true(cursor_save(file, &cursor, &err));
        assert_true(cursor_save(file, &cursor, &err));
        cursor_close(file);
    }
    spool_close(spool);
    sim_put("/s/cursors/torn", "torn", 4);
    struct told told = look(spool_check, &checked);
    assert_int_equal(told.cursors, 3);
    assert_int_equal(told.wrong, 2);
    assert_int_equal(checked.cursors, 2);
    (void)look(spool_repair, &checked);
    assert_int_equal(checked.cursors, 2);
    told = look(spool_check, &checked);
    assert_int_equal(told.wrong, 0);
}

/* faults.md 2 */
static void killed_while_it_repairs_it_ends_the_same(void **state) {
    (void)state;
    struct spool_checked checked;
    change_byte(FIRST, SEGMENT_HEADER_BYTES + 40);
    sim_put("/s/cursors/index", "torn", 4);
    void *image = sim_save();
    (void)look(spool_repair, &checked);
    size_t length = length_of(FIRST), after;
    const char *now = sim_bytes(FIRST, &length);
    char *repaired = memcpy(memory_alloc(length), now, length);
    for (uint64_t seed = 0; seed < 8; seed++)
        for (uint64_t at = 1;; at++) {
            struct told told = { 0 };
            struct spool_checker checker = { tell_damage, tell_segment, tell_cursor, &told };
            struct error err;
            sim_restore(image);
            sim_inject((struct sim_fault){ .calls = SIM_CHANGES, .kill_at = at, .half = true });
            bool done = spool_repair(STATE, &checker, &checked, &err);
            bool killed = sim_is_dead();
            assert_true(done || killed);
            sim_cut_power(seed);
            (void)look(spool_repair, &checked);
            now = sim_bytes(FIRST, &after);
            assert_slices(slice_from(now, after), slice_from(repaired, length));
            (void)look(spool_check, &checked);
            assert_true(is_clean(&checked));
            assert_int_equal(checked.missing, 1);
            if (!killed) break;
        }
    free(image);
    memory_free(repaired);
}

static void each_call_that_fails_is_told_or_tried_again(void **state) {
    (void)state;
    change_byte(FIRST, SEGMENT_HEADER_BYTES + 40);
    sim_put("/s/cursors/index", "torn", 4);
    void *image = sim_save();
    static const int errors[] = { EIO, EACCES, EMFILE };
    for (size_t i = 0; i < LENGTH(errors); i++)
        for (uint64_t at = 1;; at++) {
            struct told told = { 0 };
            struct spool_checker checker = { tell_damage, tell_segment, tell_cursor, &told };
            struct error err = { 0 };
            struct spool_checked checked;
            sim_restore(image);
            sim_inject((struct sim_fault){
                .calls = SIM_ANY, .at = at, .error = errors[i], .forever = i == 1 });
            bool done = spool_repair(STATE, &checker, &checked, &err);
            bool hit = sim_count() >= at;
            assert_true(done || (hit && err.text[0]));
            sim_inject((struct sim_fault){ 0 });
            (void)look(spool_repair, &checked);
            (void)look(spool_check, &checked);
            assert_true(is_clean(&checked));
            assert_int_equal(checked.missing, 1);
            if (!hit) break;
        }
    free(image);
}

static void a_spool_that_cannot_be_read_is_said(void **state) {
    (void)state;
    sim_inject((struct sim_fault){ .calls = SIM_OPEN, .at = 1, .error = EACCES, .path = FIRST });
    assert_true(fails(spool_check, FIRST ": cannot be read"));
    sim_inject((struct sim_fault){ .calls = SIM_OPEN, .at = 2, .error = EACCES, .path = FIRST });
    assert_true(fails(spool_check, FIRST ": cannot be opened"));
    sim_inject((struct sim_fault){ .calls = SIM_READ, .at = 3, .error = ENOMEM, .path = FIRST });
    assert_true(fails(spool_check, FIRST ": cannot be read"));
    sim_inject((struct sim_fault){ .calls = SIM_LIST, .at = 2, .error = EACCES });
    assert_true(fails(spool_check, "/s/cursors: cannot be listed"));
    sim_inject((struct sim_fault){ .calls = SIM_READ, .at = 1, .error = EACCES, .path = "index" });
    assert_true(fails(spool_check, "/s/cursors/index: cannot be read"));
    sim_inject((struct sim_fault){ 0 });
    sim_take_away("/s/spool");
    assert_true(fails(spool_check, "/s/spool: cannot be listed"));
}

#define CHECK_TEST(test) cmocka_unit_test_setup(test, start)

int main(void) {
    const struct CMUnitTest tests[] = {
        CHECK_TEST(a_good_spool_is_clean_and_left_alone),
        CHECK_TEST(a_running_spool_can_be_looked_at),
        CHECK_TEST(every_damage_is_found_and_repaired),
        CHECK_TEST(the_newest_segment_is_repaired_and_goes_on),
        CHECK_TEST(several_damages_are_each_told),
        CHECK_TEST(a_long_stretch_of_damage_is_one_and_is_repaired),
        CHECK_TEST(records_without_their_commit_are_kept),
        CHECK_TEST(removed_and_cut_segments_are_missing_records),
        CHECK_TEST(what_a_failed_sync_left_is_no_damage),
        CHECK_TEST(a_torn_tail_is_told_and_cut),
        CHECK_TEST(more_of_what_was_there_counts_once),
        CHECK_TEST(cursors_are_made_to_fit),
        CHECK_TEST(killed_while_it_repairs_it_ends_the_same),
        CHECK_TEST(each_call_that_fails_is_told_or_tried_again),
        CHECK_TEST(a_spool_that_cannot_be_read_is_said),
    };
    return cmocka_run_group_tests_name("spool_check", tests, NULL, NULL);
}
