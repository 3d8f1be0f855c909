/* What a group whose sync failed leaves behind a segment's end: its records are in the next one. */
#include "spool_damage.h"
#include "spool_known.h"

#define SECOND "/s/spool/00000000000000000004.seg"

/* Records 1 to 3 in the first segment, and in it whole, yet not of it, 4 to 6; these again in the
 * second. */
static int leave_group(void **state) {
    (void)state;
    sim_reset();
    struct spool *spool = open_sized(0);
    append_threes(spool, 1);
    sim_inject((struct sim_fault){ .calls = SIM_SYNC, .at = 1, .error = EIO });
    append_threes(spool, 1);
    assert_int_equal(spool_next_segment(spool, 1), 4);
    spool_close(spool);
    sim_inject((struct sim_fault){ 0 });
    return 0;
}

static void change_byte(const char *path, size_t at) {
    size_t length;
    char *bytes = copy_of(path, &length);
    bytes[at]++;
    sim_put(path, bytes, length);
    memory_free(bytes);
}

static void its_keys_are_known_once(void **state) {
    (void)state;
    sim_take_away("/s/spool/00000000000000000001.ids");
    struct spool *spool = open_sized(0);
    struct ids ids = ids_of(spool);
    assert_int_equal(ids.counts[SPOOL_KEPT] + ids.counts[SPOOL_KEPT_DELETE], 6);
    assert_int_equal(ids.counts[SPOOL_UNKNOWN_DELETE], 2);
    spool_close(spool);
}

static void its_records_are_read_once_also_behind_damage(void **state) {
    (void)state;
    struct spool *spool = open_sized(0);
    assert_int_equal(read_all(spool).records, 6);
    size_t length;
    char *bytes = copy_of(FIRST, &length);
    struct slice frames = slice_skip(slice_from(bytes, length), SEGMENT_HEADER_BYTES);
    struct frame frame;
    do {
        assert_int_equal(frame_find(frames, spool_seed(spool), &frame), FRAME_WHOLE);
        frames = slice_skip(frames, frame.bytes);
    } while (frame.sequence < 3);
    change_byte(FIRST, length - frames.length - 1);
    struct got got = read_from(spool, 1, 100000); /* at once: none comes twice */
    assert_int_equal(got.records, 5);
    assert_int_equal(got.damaged, 1);
    spool_close(spool);
    memory_free(bytes);
}

static void its_state_does_not_count(void **state) {
    (void)state;
    size_t length;
    memory_free(copy_of(SECOND, &length));
    change_byte(SECOND, length - 1);
    struct spool *spool = open_sized(0);
    assert_int_equal(spool_end(spool), 4);
    assert_state(spool, 4);
    spool_close(spool);
}

#define LEFTOVER_TEST(test) cmocka_unit_test_setup(test, leave_group)

int main(void) {
    const struct CMUnitTest tests[] = {
        LEFTOVER_TEST(its_keys_are_known_once),
        LEFTOVER_TEST(its_records_are_read_once_also_behind_damage),
        LEFTOVER_TEST(its_state_does_not_count),
    };
    return cmocka_run_group_tests_name("spool_leftover", tests, NULL, NULL);
}
