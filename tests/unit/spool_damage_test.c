/* Segments that a bad disk or a hand has changed: what is left is read, what is lost is counted. */
#include "spool_damage.h"

/* faults.md 9: in front of the last group, one record is lost at most, and counted; in the last,
 * which may be a torn one, the group. Nothing damaged is handed out, nothing else lost. */
static void every_flipped_bit_of_the_newest_segment_costs_a_record_or_the_last_group(void **state) {
    (void)state;
    make_spool(0, 5);
    size_t length;
    char *bytes = copy_of(FIRST, &length);
    void *image = sim_save();
    struct segment_header header;
    (void)!segment_get_header(slice_from(bytes, length), &header);
    size_t last = group_end(slice_from(bytes, length), segment_seed(header.id), 13);
    for (size_t i = 0; i < length; i++) {
        sim_restore(image);
        bytes[i] ^= (char)(1 << i % 8);
        sim_put(FIRST, bytes, length);
        bytes[i] ^= (char)(1 << i % 8);
        struct spool *spool = open_sized(0);
        assert_int_equal(spool_end(spool), i < last ? 16 : 13);
        assert_int_equal(spool_cut_bytes(spool), i < last ? 0 : length - last);
        assert_state(spool, spool_end(spool));
        struct got got = read_from(spool, 1, 500);
        assert_true(got.damaged <= 1);
        assert_int_equal(got.records + got.damaged, spool_end(spool) - 1);
        /* a header, and the end of a commit, cost nothing; a record is put aside */
        assert_int_equal(got.damaged ? quarantined().count : 1, 1);
        append_threes(spool, 1);
        assert_int_equal(read_all(spool).damaged, got.damaged);
        spool_close(spool);
    }
    free(image);
    memory_free(bytes);
}

static void every_flipped_bit_of_an_older_segment_costs_a_record(void **state) {
    (void)state;
    make_spool(SMALL, 8);
    size_t length;
    char *bytes = copy_of(FIRST, &length);
    void *image = sim_save();
    for (size_t i = 0; i < length; i++) {
        sim_restore(image);
        bytes[i] ^= (char)(1 << i % 8);
        sim_put(FIRST, bytes, length);
        bytes[i] ^= (char)(1 << i % 8);
        struct spool *spool = open_sized(SMALL);
        struct got got = read_from(spool, 1, 500);
        assert_int_equal(spool_end(spool), 25);
        assert_true(got.damaged <= 1);
        assert_int_equal(got.records + got.damaged, 24);
        assert_state(spool, 25);
        spool_close(spool);
    }
    free(image);
    memory_free(bytes);
}

/* faults.md 9: its bytes are put aside under a name that says where they were, once. */
static void damage_is_put_aside_once(void **state) {
    (void)state;
    make_spool(SMALL, 8);
    size_t length, put;
    char *bytes = copy_of(FIRST, &length);
    bytes[SEGMENT_HEADER_BYTES + 50]++;
    sim_put(FIRST, bytes, length);
    struct spool *spool = open_sized(SMALL);
    for (int i = 0; i < 3; i++)
        assert_int_equal(read_from(spool, 1, 500).damaged, 1);
    struct files files = quarantined();
    assert_int_equal(files.count, 1);
    struct frame frame;
    (void)!frame_find(slice_from(bytes + SEGMENT_HEADER_BYTES, length), spool_seed(spool), &frame);
    char path[128], says[64];
    snprintf(says, sizeof says, "00000000000000000001-%zu-%zu", SEGMENT_HEADER_BYTES, frame.bytes);
    assert_string_equal(files.last, says);
    snprintf(path, sizeof path, "/s/quarantine/%s", files.last);
    const char *aside = sim_bytes(path, &put);
    assert_slices(slice_from(aside, put), slice_from(bytes + SEGMENT_HEADER_BYTES, frame.bytes));
    spool_close(spool);
    memory_free(bytes);
}

/* Only when it is put aside does a reader go past it; a full disk holds nobody up. */
static void damage_that_cannot_be_put_aside_is_not_passed(void **state) {
    (void)state;
    make_spool(SMALL, 8);
    size_t length;
    char *bytes = copy_of(FIRST, &length);
    bytes[SEGMENT_HEADER_BYTES + 50]++;
    sim_put(FIRST, bytes, length);
    struct error err;
    struct spool *spool = open_sized(SMALL);
    struct spool_read read = { 0 };
    buffer_init(&read.frames, MAX_FRAME_BYTES);
    static const unsigned calls[] = { SIM_CREATE, SIM_WRITE, SIM_SYNC, SIM_RENAME,
                                      SIM_SYNC_FOLDER };
    for (size_t i = 0; i < LENGTH(calls); i++) {
        sim_inject(
            (struct sim_fault){ .calls = calls[i], .at = 1, .error = EIO, .path = "quarantine" });
        assert_false(spool_read(spool, 1, 5000, &read, &err));
        assert_non_null(strstr(err.text, FIRST ": cannot be put into quarantine"));
        if (calls[i] == SIM_SYNC_FOLDER) continue; /* it is there, though */
        assert_int_equal(quarantined().count, 0);
    }
    for (struct files files; (files = quarantined()).count;) {
        char path[128];
        snprintf(path, sizeof path, "/s/quarantine/%s", files.last);
        sim_take_away(path);
    }
    sim_inject(
        (struct sim_fault){ .calls = SIM_STAT, .at = 1, .error = EACCES, .path = "quarantine" });
    assert_false(spool_read(spool, 1, 5000, &read, &err));
    static const int full[] = { ENOSPC, EDQUOT };
    for (size_t i = 0; i < LENGTH(full); i++) {
        sim_inject((struct sim_fault){ .calls = SIM_WRITE, .at = 1, .error = full[i] });
        assert_true(spool_read(spool, 1, 5000, &read, &err));
        assert_int_equal(read.damaged, 1);
        assert_int_equal(quarantined().count, 0);
    }
    buffer_free(&read.frames);
    spool_close(spool);
    memory_free(bytes);
}

/* What comes in front of it is handed out all the same. */
static void records_in_front_of_what_cannot_be_read_are_handed_out(void **state) {
    (void)state;
    make_spool(SMALL, 8);
    size_t length;
    char *bytes = copy_of(FIRST, &length);
    struct spool *spool = open_sized(SMALL);
    size_t second = group_end(slice_from(bytes, length), spool_seed(spool), 4);
    bytes[second + 50]++;
    sim_put(FIRST, bytes, length);
    struct error err;
    struct spool_read read = { 0 };
    buffer_init(&read.frames, MAX_FRAME_BYTES);
    sim_inject((struct sim_fault){
        .calls = SIM_CREATE, .at = 1, .error = EIO, .forever = true, .path = "quarantine" });
    assert_true(spool_read(spool, 1, 5000, &read, &err));
    assert_int_equal(read.count, 3);
    assert_int_equal(read.next, 4);
    assert_false(spool_read(spool, 4, 5000, &read, &err));
    buffer_free(&read.frames);
    spool_close(spool);
    memory_free(bytes);
}

/* faults.md 9: a disk that does not give a block back. */
static void unreadable_blocks_are_damage_and_the_rest_is_read(void **state) {
    (void)state;
    sim_reset();
    struct spool *spool = open_sized(SMALL * 10);
    append_threes(spool, 60);
    struct error err;
    struct spool_read read = { 0 };
    buffer_init(&read.frames, MAX_FRAME_BYTES);
    /* all at once, then the third block */
    sim_inject((struct sim_fault){ .calls = SIM_READ, .at = 1, .error = EIO });
    assert_int_equal(read_from(spool, 1, 500).damaged, 0);
    /* each block: the segment is gone, the others are not */
    sim_inject((struct sim_fault){
        .calls = SIM_READ, .at = 1, .error = EIO, .forever = true, .path = FIRST });
    assert_true(spool_read(spool, 1, 500, &read, &err));
    uint64_t second = spool_next_segment(spool, 1);
    assert_int_equal(read.first, second);
    assert_int_equal(read.damaged, second - 1);
    assert_int_equal(quarantined().count, 1);
    /* not to be read for now is no damage */
    static const unsigned calls[] = { SIM_OPEN, SIM_STAT, SIM_READ };
    for (size_t i = 0; i < LENGTH(calls); i++) {
        sim_inject(
            (struct sim_fault){ .calls = calls[i], .at = 1, .error = EMFILE, .path = FIRST });
        assert_false(spool_read(spool, 1, 500, &read, &err));
        assert_non_null(strstr(err.text, FIRST));
    }
    buffer_free(&read.frames);
    spool_close(spool);
}

/* faults.md 13 */
static void segments_removed_while_it_runs_are_damage_and_it_goes_on(void **state) {
    (void)state;
    sim_reset();
    struct spool *spool = open_sized(SMALL);
    append_threes(spool, 8);
    uint64_t second = spool_next_segment(spool, 1), newest = 1;
    while (spool_next_segment(spool, newest) < spool_end(spool))
        newest = spool_next_segment(spool, newest);
    char path[64];
    snprintf(path, sizeof path, "/s/spool/%020llu.seg", (unsigned long long)newest);
    sim_take_away(FIRST);
    struct got got = read_from(spool, 1, 500);
    assert_int_equal(got.damaged, second - 1);
    assert_int_equal(got.records, 25 - second);
    sim_take_away(path);
    got = read_from(spool, 1, 500);
    assert_int_equal(got.damaged, second - 1 + 25 - newest);
    append_threes(spool, 2); /* to a new segment, not into the void */
    got = read_from(spool, 25, 500);
    assert_int_equal(got.records, 6);
    spool_close(spool);
    spool = open_sized(SMALL);
    got = read_from(spool, 1, 500);
    assert_int_equal(spool_end(spool), 31);
    assert_int_equal(got.records + got.damaged, 30);
    assert_int_equal(got.damaged, second - 1 + 25 - newest);
    spool_close(spool);
}

static void a_segment_cut_while_it_runs_is_damage_and_it_goes_on(void **state) {
    (void)state;
    static const size_t cuts[] = { 0, 1, SEGMENT_HEADER_BYTES, 1000 };
    for (size_t i = 0; i < LENGTH(cuts); i++) {
        sim_reset();
        struct spool *spool = open_sized(0);
        append_threes(spool, 8);
        size_t length;
        char *bytes = copy_of(FIRST, &length);
        sim_put(FIRST, bytes, cuts[i]);
        struct got before = read_from(spool, 1, 500);
        assert_int_equal(before.records + before.damaged, 24);
        assert_true(before.damaged > 0);
        append_threes(spool, 2);
        struct got got = read_from(spool, 1, 500);
        assert_int_equal(got.damaged, before.damaged);
        assert_int_equal(got.records, before.records + 6);
        assert_int_equal(spool_next_segment(spool, 1), 25);
        spool_close(spool);
        spool = open_sized(0);
        assert_int_equal(read_from(spool, 1, 500).damaged, before.damaged);
        spool_close(spool);
        memory_free(bytes);
    }
}

/* Another file under its name. */
static void a_segment_replaced_while_it_runs_is_not_written_to(void **state) {
    (void)state;
    sim_reset();
    struct spool *spool = open_sized(0);
    append_threes(spool, 2);
    sim_take_away(FIRST);
    os_close(os_open(FIRST, OS_UPDATE));
    size_t length;
    sim_put(FIRST, "no segment", 10);
    append_threes(spool, 1);
    (void)!sim_bytes(FIRST, &length);
    assert_int_equal(length, 10);
    assert_int_equal(read_from(spool, 1, 500).records, 3);
    spool_close(spool);
}

/* A disk that is not mounted has lost nothing. */
static void a_folder_that_is_gone_is_no_damage(void **state) {
    (void)state;
    sim_reset();
    struct spool *spool = open_sized(SMALL);
    append_threes(spool, 8);
    struct error err;
    struct spool_read read = { 0 };
    buffer_init(&read.frames, MAX_FRAME_BYTES);
    sim_take_away("/s/spool");
    assert_false(spool_read(spool, 1, 500, &read, &err));
    assert_non_null(strstr(err.text, "/s/spool: cannot be opened"));
    buffer_free(&read.frames);
    spool_close(spool);
}

/* Nor is one whose folder cannot be looked at for now. */
static void a_segment_that_is_gone_is_no_damage_before_its_folder_is_seen(void **state) {
    (void)state;
    make_spool(SMALL, 8);
    struct spool *spool = open_sized(SMALL);
    struct error err;
    struct spool_read read = { 0 };
    buffer_init(&read.frames, MAX_FRAME_BYTES);
    sim_take_away(FIRST);
    sim_inject((struct sim_fault){ .calls = SIM_STAT, .at = 1, .error = EACCES });
    assert_false(spool_read(spool, 1, 500, &read, &err));
    assert_non_null(strstr(err.text, "/s/spool: cannot be opened"));
    assert_true(spool_read(spool, 1, 500, &read, &err));
    assert_true(read.damaged > 0);
    buffer_free(&read.frames);
    spool_close(spool);
}

/* The disk loses blocks, and then there is something else: nobody knows which are lost. */
static void blocks_that_are_not_read_for_now_are_no_damage(void **state) {
    (void)state;
    make_spool(SMALL, 8);
    struct spool *spool = open_sized(SMALL);
    struct error err;
    struct spool_read read = { 0 };
    buffer_init(&read.frames, MAX_FRAME_BYTES);
    sim_inject((struct sim_fault){ .calls = SIM_READ,
                                   .path = FIRST,
                                   .at = 1,
                                   .error = EIO,
                                   .forever = true,
                                   .later_error = EMFILE });
    assert_false(spool_read(spool, 1, 500, &read, &err));
    assert_string_equal(err.text, FIRST ": cannot be read: Too many open files");
    sim_inject((struct sim_fault){ 0 });
    assert_int_equal(read_from(spool, 1, 500).damaged, 0);
    buffer_free(&read.frames);
    spool_close(spool);
}

static void who_only_reads_puts_nothing_aside(void **state) {
    (void)state;
    make_spool(SMALL, 8);
    size_t length;
    char *bytes = copy_of(FIRST, &length);
    bytes[SEGMENT_HEADER_BYTES + 50]++;
    sim_put(FIRST, bytes, length);
    struct error err;
    struct spool_options options = { .folder = STATE, .read_only = true };
    struct spool *spool = spool_open(&options, &err);
    assert_non_null(spool);
    sim_inject((struct sim_fault){ .calls = SIM_CHANGES });
    assert_int_equal(read_from(spool, 1, 500).damaged, 1);
    assert_int_equal(sim_count(), 0);
    spool_close(spool);
    memory_free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        DAMAGE_TEST(every_flipped_bit_of_the_newest_segment_costs_a_record_or_the_last_group),
        DAMAGE_TEST(every_flipped_bit_of_an_older_segment_costs_a_record),
        DAMAGE_TEST(damage_is_put_aside_once),
        DAMAGE_TEST(damage_that_cannot_be_put_aside_is_not_passed),
        DAMAGE_TEST(records_in_front_of_what_cannot_be_read_are_handed_out),
        DAMAGE_TEST(unreadable_blocks_are_damage_and_the_rest_is_read),
        DAMAGE_TEST(segments_removed_while_it_runs_are_damage_and_it_goes_on),
        DAMAGE_TEST(a_segment_cut_while_it_runs_is_damage_and_it_goes_on),
        DAMAGE_TEST(a_segment_replaced_while_it_runs_is_not_written_to),
        DAMAGE_TEST(a_folder_that_is_gone_is_no_damage),
        DAMAGE_TEST(a_segment_that_is_gone_is_no_damage_before_its_folder_is_seen),
        DAMAGE_TEST(blocks_that_are_not_read_for_now_are_no_damage),
        DAMAGE_TEST(who_only_reads_puts_nothing_aside),
    };
    return cmocka_run_group_tests_name("spool_damage", tests, NULL, NULL);
}
