/* Segments that a bad disk or a hand has changed while no linnet ran: how the next one starts. */
#include "spool_damage.h"

static void assert_refused(const char *says) {
    struct error err = { 0 };
    assert_null(try_open(SMALL, &err));
    if (strstr(err.text, says) == NULL) fail_msg("%s: %s", says, err.text);
}

/* The newest segment does not end where a disk does not answer. */
static void an_end_that_cannot_be_read_is_not_cut(void **state) {
    (void)state;
    make_spool(0, 5);
    size_t length, after;
    char *bytes = copy_of(FIRST, &length);
    void *image = sim_save();
    struct error err;
    sim_inject((struct sim_fault){
        .calls = SIM_READ, .at = 2, .error = EIO, .forever = true, .path = FIRST });
    assert_refused(FIRST ": cannot be read to its end");
    (void)!sim_bytes(FIRST, &after);
    assert_int_equal(after, length);
    sim_restore(image);
    sim_inject((struct sim_fault){
        .calls = SIM_READ, .at = 2, .error = EIO, .forever = true, .path = FIRST });
    struct spool_options options = { .folder = STATE, .salvage = true };
    struct spool *spool = spool_open(&options, &err);
    assert_non_null(spool);
    assert_int_equal(spool_end(spool), 1);
    spool_close(spool);
    free(image);
    memory_free(bytes);
}

static void a_segment_without_header_is_known_by_the_others(void **state) {
    (void)state;
    make_spool(SMALL, 8);
    size_t length;
    void *image = sim_save();
    char *bytes = copy_of(FIRST, &length);
    memset(bytes, 0, SEGMENT_HEADER_BYTES);
    sim_put(FIRST, bytes, length);
    struct spool *spool = open_sized(SMALL);
    assert_int_equal(read_all(spool).records, 24);
    uint64_t second = spool_next_segment(spool, 1);
    spool_close(spool);
    memory_free(bytes);
    /* the newest: it is read, and written on no more */
    for (uint64_t next = second; next < 25;) {
        sim_restore(image);
        spool = open_sized(SMALL);
        next = spool_next_segment(spool, second);
        if (next < 25) second = next;
        spool_close(spool);
    }
    char path[64];
    snprintf(path, sizeof path, "/s/spool/%020llu.seg", (unsigned long long)second);
    bytes = copy_of(path, &length);
    memset(bytes, 0, SEGMENT_HEADER_BYTES);
    sim_put(path, bytes, length);
    spool = open_sized(0);
    assert_int_equal(read_all(spool).records, 24);
    append_threes(spool, 1);
    assert_int_equal(spool_next_segment(spool, second), 25);
    assert_int_equal(read_all(spool).records, 27);
    spool_close(spool);
    free(image);
    memory_free(bytes);
}

static void an_only_segment_without_header_is_known_by_a_list_of_ids(void **state) {
    (void)state;
    make_spool(SMALL, 8);
    struct spool *spool = open_sized(SMALL);
    spool_drop(spool, UINT64_MAX);
    uint64_t first = spool_first(spool);
    spool_close(spool);
    char path[64];
    snprintf(path, sizeof path, "/s/spool/%020llu.seg", (unsigned long long)first);
    size_t length;
    char *bytes = copy_of(path, &length);
    memset(bytes, 0, SEGMENT_HEADER_BYTES);
    sim_put(path, bytes, length);
    if (first < 25) {
        spool = open_sized(SMALL);
        assert_int_equal(read_all(spool).damaged, 0);
        spool_close(spool);
    }
    memory_free(bytes);
    make_spool(0, 3);
    bytes = copy_of(FIRST, &length);
    memset(bytes, 0, SEGMENT_HEADER_BYTES);
    sim_put(FIRST, bytes, length);
    assert_refused(FIRST ": its header is damaged");
    memory_free(bytes);
}

/* All segments removed while it was down: sequences do not begin again, or cursors would skip. */
static void sequences_go_on_when_only_lists_of_ids_are_left(void **state) {
    (void)state;
    make_spool(SMALL, 8);
    struct spool *spool = open_sized(SMALL);
    char path[64], id[SPOOL_ID_BYTES];
    memcpy(id, spool_id(spool).data, SPOOL_ID_BYTES);
    uint64_t newest = 1;
    for (uint64_t at = 1; at < 25; at = spool_next_segment(spool, at)) {
        snprintf(path, sizeof path, "/s/spool/%020llu.seg", (unsigned long long)(newest = at));
        sim_take_away(path);
    }
    spool_close(spool);
    os_close(os_open("/s/spool/00000000000000000024.ids", OS_NEW)); /* and one that is empty */
    spool = open_sized(SMALL);
    assert_true(spool_first(spool) == newest || spool_first(spool) == 25);
    assert_int_equal(spool_first(spool), spool_end(spool));
    assert_slices(spool_id(spool), slice_from(id, SPOOL_ID_BYTES));
    spool_close(spool);
}

/* The state is that of the last commit that is left, also in front of the newest segment. */
static void a_newest_segment_without_a_whole_group_has_the_state_before_it(void **state) {
    (void)state;
    for (int damage = 0; damage < 3; damage++) {
        make_spool(1, 6); /* one group each */
        size_t length;
        char *bytes = copy_of("/s/spool/00000000000000000016.seg", &length);
        bytes[length - 1]++;
        sim_put("/s/spool/00000000000000000016.seg", bytes, length);
        if (damage == 1) { /* the commit before it too */
            char *before = copy_of("/s/spool/00000000000000000013.seg", &length);
            before[length - 1]++;
            sim_put("/s/spool/00000000000000000013.seg", before, length);
            memory_free(before);
        }
        if (damage == 2) {
            sim_inject((struct sim_fault){
                .calls = SIM_OPEN, .at = 2, .error = EMFILE, .path = "00000000000000000013.seg" });
            assert_refused("00000000000000000013.seg: cannot be read");
            sim_inject((struct sim_fault){
                .calls = SIM_READ, .at = 2, .error = EMFILE, .path = "00000000000000000013.seg" });
            assert_refused("00000000000000000013.seg: cannot be read");
            sim_inject((struct sim_fault){ 0 });
        }
        struct spool *spool = open_sized(1);
        assert_int_equal(spool_end(spool), 16);
        assert_state(spool, damage == 1 ? 13 : 16);
        spool_close(spool);
        memory_free(bytes);
    }
}

/* Whole frames, and yet none that was ever written there. */
static void a_commit_that_does_not_fit_is_damage(void **state) {
    (void)state;
    make_spool(0, 3);
    size_t length;
    char *bytes = copy_of(FIRST, &length);
    struct segment_header header;
    (void)!segment_get_header(slice_from(bytes, length), &header);
    uint32_t seed = segment_seed(header.id);
    struct commit none = { 0 };
    static const struct {
        uint64_t last;
        size_t records;
    } wrong[] = { { 3, 0 }, { 20, 100 }, { 8, 0 } };
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        struct buffer file;
        buffer_init(&file, 100000);
        assert_true(buffer_append(&file, slice_from(bytes, length)));
        struct buffer group;
        buffer_init(&group, 100000);
        for (uint64_t n = 0; n < wrong[i].records; n++) {
            struct made made;
            make_record(&made, 10 + n, 600);
            assert_true(frame_put_record(&group, seed, &made.record));
        }
        size_t records = group.length;
        assert_true(frame_put_commit(&group, seed, wrong[i].last, &none));
        /* the commit alone: its group is longer than what is there */
        assert_true(buffer_append(&file, slice_skip(buffer_slice(&group), records)));
        sim_put(FIRST, file.data, file.length);
        struct spool *spool = open_sized(0);
        assert_int_equal(spool_end(spool), 10);
        assert_int_equal(spool_cut_bytes(spool), file.length - length);
        assert_state(spool, 10);
        spool_close(spool);
        buffer_free(&group);
        buffer_free(&file);
    }
    memory_free(bytes);
}

/* The last group is damaged and so is the commit before it: the records of that are still there. */
static void a_torn_group_behind_a_damaged_commit_leaves_what_was_committed(void **state) {
    (void)state;
    make_spool(0, 4);
    size_t length;
    char *bytes = copy_of(FIRST, &length);
    struct segment_header header;
    (void)!segment_get_header(slice_from(bytes, length), &header);
    size_t third = group_end(slice_from(bytes, length), segment_seed(header.id), 10);
    bytes[third - 1]++;
    bytes[third + 40]++;
    sim_put(FIRST, bytes, length);
    struct spool *spool = open_sized(0);
    assert_int_equal(spool_end(spool), 10);
    assert_int_equal(read_all(spool).records, 9);
    assert_state(spool, 7);
    assert_int_equal(quarantined().count, 1); /* what was cut */
    spool_close(spool);
    memory_free(bytes);
}

/* Should it have been whole once, it would be gone without a trace. */
static void a_torn_group_that_cannot_be_put_aside_is_not_cut(void **state) {
    (void)state;
    make_spool(0, 5);
    size_t length, after;
    char *bytes = copy_of(FIRST, &length);
    struct segment_header header;
    (void)!segment_get_header(slice_from(bytes, length), &header);
    bytes[group_end(slice_from(bytes, length), segment_seed(header.id), 13) + 40]++;
    sim_put(FIRST, bytes, length);
    sim_inject(
        (struct sim_fault){ .calls = SIM_CREATE, .path = "quarantine", .at = 1, .error = EIO });
    assert_refused(FIRST ": cannot be put into quarantine");
    (void)!sim_bytes(FIRST, &after);
    assert_int_equal(after, length);
    struct spool *spool = open_sized(0);
    assert_int_equal(spool_end(spool), 13);
    assert_int_equal(quarantined().count, 1);
    spool_close(spool);
    memory_free(bytes);
}

static void an_end_that_cannot_be_cut_is_not_written_on(void **state) {
    (void)state;
    make_spool(0, 5);
    size_t length;
    char *bytes = copy_of(FIRST, &length);
    bytes = memory_resize(bytes, length + 10);
    memset(bytes + length, 'x', 10);
    sim_put(FIRST, bytes, length + 10);
    sim_inject((struct sim_fault){ .calls = SIM_TRUNCATE, .at = 1, .error = EIO });
    struct spool *spool = open_sized(0);
    assert_int_equal(spool_cut_bytes(spool), 10);
    append_threes(spool, 1);
    assert_int_equal(spool_next_segment(spool, 1), 16);
    assert_int_equal(read_all(spool).records, 18);
    spool_close(spool);
    memory_free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        DAMAGE_TEST(an_end_that_cannot_be_read_is_not_cut),
        DAMAGE_TEST(a_segment_without_header_is_known_by_the_others),
        DAMAGE_TEST(an_only_segment_without_header_is_known_by_a_list_of_ids),
        DAMAGE_TEST(sequences_go_on_when_only_lists_of_ids_are_left),
        DAMAGE_TEST(a_newest_segment_without_a_whole_group_has_the_state_before_it),
        DAMAGE_TEST(a_commit_that_does_not_fit_is_damage),
        DAMAGE_TEST(a_torn_group_behind_a_damaged_commit_leaves_what_was_committed),
        DAMAGE_TEST(a_torn_group_that_cannot_be_put_aside_is_not_cut),
        DAMAGE_TEST(an_end_that_cannot_be_cut_is_not_written_on),
    };
    return cmocka_run_group_tests_name("spool_start", tests, NULL, NULL);
}
