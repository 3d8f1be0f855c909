/* Spools of format 1, which knew no names, under the present program: faults.md 43. */
#include "spool_known.h"

#include "../sim/os_sim.h"
#include "base/os.h"
#include "store/id_lists.h"
#include "store/pack.h"
#include <errno.h>

/* A segment's header says so, with right sums; its frames are alike as long as none has a name. */
static void make_older(const char *path) {
    size_t length;
    const char *bytes = sim_bytes(path, &length);
    char *copy = memcpy(memory_alloc(length), bytes, length);
    for (char *header = copy; header < copy + SEGMENT_HEADER_BYTES; header += 64) {
        pack_u32(header + 8, 1);
        pack_u32(header + 60, crc32c(0, slice_from(header, 60)));
    }
    sim_put(path, copy, length);
    memory_free(copy);
}

static uint32_t format_of(const char *path) {
    size_t length;
    struct segment_header header;
    const char *bytes = sim_bytes(path, &length);
    assert_int_equal(segment_get_header(slice_from(bytes, length), &header), SEGMENT_WHOLE);
    return header.format;
}

static void append_nameless(struct spool *spool, uint64_t sequence) {
    struct buffer group;
    struct made made;
    struct error err;
    struct commit commit = { 0 };
    buffer_init(&group, MAX_GROUP_BYTES);
    make_record(&made, sequence, 600);
    made.record.name = 0;
    assert_true(frame_put_record(&group, spool_seed(spool), &made.record));
    assert_true(frame_put_commit(&group, spool_seed(spool), sequence, &commit));
    assert_int_equal(spool_append(spool, buffer_slice(&group), 1, &err), SPOOL_STORED);
    buffer_free(&group);
}

static void a_spool_of_the_older_format_goes_on_in_the_present_one(void **state) {
    (void)state;
    const char *path = "/s/spool/00000000000000000001.seg";
    struct spool *spool = open_sized(0);
    append_nameless(spool, 1);
    append_nameless(spool, 2);
    spool_close(spool);
    make_older(path);
    assert_int_equal(format_of(path), 1);
    for (int restart = 0; restart < 2; restart++) {
        spool = open_sized(0);
        assert_int_equal(append(spool, 4), SPOOL_STORED);
        assert_int_equal(format_of(path), SPOOL_FORMAT);
        assert_int_equal(ids_of(spool).first[SPOOL_NAME], 5003);
        spool_close(spool);
    }
    spool = open_sized(0);
    assert_int_equal(spool_end(spool), 11);
    assert_int_equal(ids_of(spool).last[SPOOL_NAME], 5007);
    spool_close(spool);
}

static void a_start_that_cannot_say_the_present_format_leaves_the_older_segment(void **state) {
    (void)state;
    const char *path = "/s/spool/00000000000000000001.seg";
    for (uint64_t at = 1; at <= 4; at++) {
        sim_reset();
        struct spool *spool = open_sized(0);
        append_nameless(spool, 1);
        spool_close(spool);
        make_older(path);
        sim_inject((struct sim_fault){
            .calls = SIM_WRITE | SIM_SYNC, .path = "001.seg", .at = 2 + at, .error = EIO });
        spool = open_sized(0);
        assert_int_equal(append(spool, 2), SPOOL_STORED);
        assert_int_equal(spool_next_segment(spool, 1), 2);
        spool_close(spool);
        spool = open_sized(0);
        assert_int_equal(read_from(spool, 2, 2000).damaged, 0);
        spool_close(spool);
    }
}

static void a_list_of_the_older_format_is_read(void **state) {
    (void)state;
    struct ids_header header = { .first = 1, .end = 9 }, found;
    struct id_lists lists = { 0 };
    char bytes[64 + 8 + 4] = "linnetid";
    pack_u32(bytes + 8, 1);
    pack_u64(bytes + 32, header.first);
    pack_u64(bytes + 40, header.end);
    pack_u32(bytes + 48, 1);
    pack_u32(bytes + 60, crc32c(0, slice_from(bytes, 60)));
    pack_u64(bytes + 64, 77);
    pack_u32(bytes + 72, crc32c(0, slice_from(bytes + 64, 8)));
    os_close(os_open("/list", OS_UPDATE));
    sim_put("/list", bytes, sizeof bytes);
    assert_int_equal(ids_read("/list", &found, &lists), IDS_WHOLE);
    assert_int_equal(lists.of[SPOOL_KEPT].count, 1);
    assert_int_equal(lists.of[SPOOL_KEPT].hashes[0], 77);
    assert_int_equal(lists.of[SPOOL_NAME].count, 0);
    id_lists_free(&lists);
    pack_u32(bytes + 8, SPOOL_FORMAT + 1);
    pack_u32(bytes + 60, crc32c(0, slice_from(bytes, 60)));
    sim_put("/list", bytes, sizeof bytes);
    assert_int_equal(ids_read("/list", &found, &lists), IDS_NONE);
}

#define SPOOL_TEST(test) cmocka_unit_test_setup(test, empty_disk)

int main(void) {
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(a_spool_of_the_older_format_goes_on_in_the_present_one),
        SPOOL_TEST(a_start_that_cannot_say_the_present_format_leaves_the_older_segment),
        SPOOL_TEST(a_list_of_the_older_format_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
