/* The spool on a disk that fails, in a process that is killed, under power that is cut. */
#include "spool_records.h"

#include "../sim/os_sim.h"
#include "base/os.h"
#include <errno.h>

#define SMALL 2500 /* segments: a few groups each */
#define GROUPS 24
#define POWER_CUTS 8

static uint64_t group_records(int group) { return (uint64_t)group % 4; }

/* Sequence behind the first `groups` groups. */
static uint64_t end_of(int groups) {
    uint64_t end = 1;
    for (int i = 0; i < groups; i++)
        end += group_records(i);
    return end;
}

/* What the spool has promised. */
struct promised {
    int groups; /* stored, as it said */
    uint64_t first;
};

/* A disk without room is tried again, as the pipeline does. */
static bool append_next(struct spool *spool, struct promised *promised) {
    enum spool_outcome outcome = SPOOL_NO_ROOM;
    for (int tries = 0; tries < 3 && outcome == SPOOL_NO_ROOM; tries++)
        outcome = append(spool, group_records(promised->groups));
    if (outcome == SPOOL_STORED) assert_false(sim_is_dead());
    promised->groups += outcome == SPOOL_STORED;
    return outcome == SPOOL_STORED;
}

static void note_nothing(void *context, const struct known_id *id) { (void)context, (void)id; }

/* An open that fails is tried once more: what failed did so once. */
static struct spool *open_twice(void) {
    struct error err;
    struct spool *spool = try_open(SMALL, &err);
    return spool ? spool : try_open(SMALL, &err);
}

/* Opens, appends, drops, closes; twice. False when something stopped it. */
static bool play(struct promised *promised) {
    struct error err;
    for (int part = 1; part <= 2; part++) {
        struct spool *spool = open_twice();
        if (spool == NULL) return false;
        bool going = true;
        while (going && promised->groups < part * GROUPS / 2)
            going = append_next(spool, promised);
        (void)!spool_ids(spool, note_nothing, NULL, &err);
        if (going) {
            promised->first = end_of(promised->groups / 2);
            spool_drop(spool, promised->first);
        }
        spool_close(spool);
        if (!going) return false;
    }
    return !sim_is_dead();
}

/* One try is enough to start; everything promised is there, all of one more group or none of it,
 * and the state is that of the last record. */
static void assert_promises(const struct promised *promised) {
    struct spool *spool = open_sized(SMALL);
    int groups = promised->groups;
    if (spool_end(spool) != end_of(groups)) groups++;
    assert_int_equal(spool_end(spool), end_of(groups));
    if (spool_state(spool).length || promised->groups) assert_state(spool, end_of(groups));
    assert_true(spool_first(spool) <= promised->first || promised->first == 0);
    struct got got = read_from(spool, spool_first(spool), 700);
    assert_int_equal(got.damaged, 0);
    assert_int_equal(got.records, spool_end(spool) - spool_first(spool));
    spool_close(spool);
}

/* And it goes on from there. */
static void assert_goes_on(const struct promised *promised) {
    assert_promises(promised);
    struct spool *spool = open_sized(SMALL);
    struct promised now = { .first = promised->first };
    while (end_of(now.groups) != spool_end(spool) || now.groups < promised->groups)
        now.groups++;
    for (int i = 0; i < 3; i++)
        assert_true(append_next(spool, &now));
    spool_close(spool);
    sim_cut_power(0);
    assert_promises(&now);
}

/* After a kill alone, and after each power cut. */
static void assert_survives(const struct promised *promised) {
    void *image = sim_save();
    sim_restart();
    assert_goes_on(promised);
    for (uint64_t seed = 0; seed < POWER_CUTS; seed++) {
        sim_restore(image);
        sim_cut_power(seed);
        assert_goes_on(promised);
    }
    free(image);
}

/* faults.md 1, 3, 4 */
static void killed_before_each_change_everything_stored_is_there(void **state) {
    (void)state;
    for (int half = 0; half < 2; half++)
        for (uint64_t at = 1;; at++) {
            struct promised promised = { 0 };
            sim_reset();
            sim_inject((struct sim_fault){ .calls = SIM_CHANGES, .kill_at = at, .half = half });
            bool finished = play(&promised);
            assert_int_equal(finished, sim_count() < at);
            assert_survives(&promised);
            if (finished) break;
        }
}

/* faults.md 2 */
static void killed_again_while_it_recovers_it_ends_the_same(void **state) {
    (void)state;
    for (uint64_t at = 1;; at++) {
        struct promised promised = { 0 };
        sim_reset();
        sim_inject((struct sim_fault){ .calls = SIM_CHANGES, .kill_at = at, .half = true });
        bool finished = play(&promised);
        void *image = sim_save();
        for (uint64_t again = 1;; again++) {
            struct error err;
            sim_restore(image);
            sim_cut_power(2 + at);
            sim_inject((struct sim_fault){ .calls = SIM_CHANGES, .kill_at = again, .half = true });
            struct spool *spool = try_open(SMALL, &err);
            bool killed = sim_is_dead();
            if (spool) spool_close(spool);
            sim_cut_power(again + at);
            assert_goes_on(&promised);
            if (!killed) break;
        }
        free(image);
        if (finished) break;
    }
}

/* A sync that failed leaves bytes in the system's memory that look as if they were stored. */
static void killed_after_a_failed_sync_nothing_unsynced_is_believed(void **state) {
    (void)state;
    for (uint64_t at = 1;; at++)
        for (uint64_t later = 1; later <= 3; later++) {
            struct promised promised = { 0 };
            sim_reset();
            sim_inject((struct sim_fault){
                .calls = SIM_CHANGES, .at = at, .error = EIO, .kill_at = at + later });
            bool finished = play(&promised);
            if (sim_count() < at) return;
            if (finished) continue;
            sim_restart();
            struct spool *spool = open_sized(SMALL); /* takes a group that it finds for stored */
            while (end_of(promised.groups) < spool_end(spool))
                promised.groups++;
            spool_close(spool);
            sim_cut_power(0);
            assert_goes_on(&promised);
        }
}

/* faults.md 6, 8, 15: once. */
static void each_call_fails_once_and_all_is_stored(void **state) {
    (void)state;
    static const int errors[] = { EIO, ENOSPC, EMFILE, EACCES };
    for (size_t i = 0; i < LENGTH(errors); i++)
        for (uint64_t at = 1;; at++) {
            struct promised promised = { 0 };
            sim_reset();
            sim_inject((struct sim_fault){
                .calls = SIM_ANY, .at = at, .error = errors[i], .half = at % 2 });
            bool finished = play(&promised);
            assert_true(finished);
            if (sim_count() < at) break;
            assert_survives(&promised);
        }
}

/* faults.md 5, 7, 15: from some call on always, then no more. */
static void each_kind_of_call_fails_for_long_and_then_it_goes_on(void **state) {
    (void)state;
    static const int errors[] = { EIO, ENOSPC, EMFILE };
    for (size_t i = 0; i < LENGTH(errors); i++)
        for (unsigned calls = 1; calls <= SIM_STAT; calls *= 2)
            for (uint64_t at = 1;; at++) {
                struct promised promised = { 0 };
                sim_reset();
                sim_inject((struct sim_fault){ .calls = calls,
                                               .at = at,
                                               .error = errors[i],
                                               .forever = true,
                                               .half = at % 2 });
                (void)!play(&promised);
                bool hit = sim_count() >= at;
                sim_inject((struct sim_fault){ 0 });
                assert_goes_on(&promised);
                if (!hit) break;
            }
}

/* faults.md 5 */
static void a_full_disk_takes_nothing_until_there_is_room(void **state) {
    (void)state;
    static const unsigned calls[] = { SIM_WRITE, SIM_SYNC, SIM_CREATE, SIM_RENAME };
    for (size_t i = 0; i < LENGTH(calls); i++) {
        sim_reset();
        struct spool *spool = open_sized(SMALL);
        struct promised promised = { 0 };
        while (promised.groups < 4)
            assert_true(append_next(spool, &promised));
        uint64_t end = spool_end(spool), bytes = spool_bytes(spool);
        for (int tries = 0; tries < 20; tries++) {
            sim_inject((struct sim_fault){
                .calls = calls[i], .at = 1, .error = ENOSPC, .forever = true, .half = true });
            enum spool_outcome outcome = append_sized(spool, 3, tries % 2 ? 600 : 100);
            if (outcome == SPOOL_STORED) break; /* nothing new was needed */
            assert_int_equal(outcome, SPOOL_NO_ROOM);
            assert_int_equal(spool_end(spool), end);
            assert_int_equal(spool_bytes(spool), bytes);
            assert_state(spool, end);
            assert_int_equal(read_all(spool).records, end - 1); /* readers go on */
            sim_inject((struct sim_fault){ 0 });
        }
        void *image = sim_save();
        for (uint64_t seed = 0; seed < POWER_CUTS; seed++) {
            sim_restore(image);
            sim_cut_power(seed);
            struct spool *after = open_sized(0);
            assert_int_equal(spool_cut_bytes(after), 0); /* what was written of them is gone */
            spool_close(after);
        }
        sim_restore(image);
        free(image);
        sim_inject((struct sim_fault){ 0 });
        assert_true(append_next(spool, &promised));
        spool_close(spool);
        assert_goes_on(&promised);
    }
}

static void count_file(void *context, const char *name) {
    (void)name;
    ++*(size_t *)context;
}

/* faults.md 7 */
static void a_disk_that_never_syncs_is_given_up_and_nothing_grows(void **state) {
    (void)state;
    struct spool *spool = open_sized(SMALL);
    struct promised promised = { 0 };
    while (promised.groups < 4)
        assert_true(append_next(spool, &promised));
    size_t before = 0;
    assert_true(os_list_folder("/s/spool", count_file, &before));
    for (int restart = 0; restart < 3; restart++) {
        struct error err;
        sim_inject((struct sim_fault){ .calls = SIM_SYNC, .at = 1, .error = EIO, .forever = true });
        for (int tries = 0; tries < 3 && spool; tries++)
            assert_int_equal(append(spool, 2), SPOOL_BROKEN);
        if (spool) spool_close(spool);
        spool = try_open(SMALL, &err);
        assert_null(spool);
        assert_non_null(strstr(err.text, "Input/output error"));
        size_t after = 0;
        assert_true(os_list_folder("/s/spool", count_file, &after));
        assert_true(after <= before + 1); /* a list of ids */
    }
    sim_inject((struct sim_fault){ 0 });
    assert_goes_on(&promised);
}

/* faults.md 6: the descriptor is not used again, whatever it says later. */
static void a_segment_whose_sync_failed_is_closed_for_good(void **state) {
    (void)state;
    static const int errors[] = { EIO, ENOSPC };
    for (size_t i = 0; i < LENGTH(errors); i++) {
        sim_reset();
        struct spool *spool = open_sized(0);
        struct promised promised = { 0 };
        while (promised.groups < 4)
            assert_true(append_next(spool, &promised));
        sim_inject((struct sim_fault){ .calls = SIM_SYNC, .at = 1, .error = errors[i] });
        assert_true(append_next(spool, &promised));
        assert_true(append_next(spool, &promised));
        assert_int_equal(spool_next_segment(spool, 1), end_of(4));
        sim_inject((struct sim_fault){ .calls = SIM_WRITE | SIM_SYNC | SIM_TRUNCATE,
                                       .path = "00000000000000000001.seg" });
        assert_true(append_next(spool, &promised));
        assert_int_equal(sim_count(), 0);
        spool_close(spool);
        sim_cut_power(0);
        assert_goes_on(&promised);
    }
}

static uint64_t length_of(const char *path) {
    size_t length = 0;
    assert_non_null(sim_bytes(path, &length));
    return length;
}

/* faults.md 3 */
static void a_torn_tail_is_cut_at_the_last_whole_group(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        sim_reset();
        struct spool *spool = open_sized(0);
        struct promised promised = { 0 };
        while (promised.groups < 4)
            assert_true(append_next(spool, &promised));
        sim_inject((struct sim_fault){ .calls = SIM_SYNC, .kill_at = 1 });
        assert_false(append_next(spool, &promised)); /* written, and neither synced nor promised */
        spool_close(spool);
        sim_cut_power(seed);
        spool = open_sized(0);
        assert_int_equal(length_of("/s/spool/00000000000000000001.seg"), spool_bytes(spool));
        spool_close(spool);
        assert_goes_on(&promised);
    }
}

#define FAULT_TEST(test) cmocka_unit_test_setup(test, empty_disk)

/* Behind what may be torn nothing is written: the segment ends. */
static void an_end_that_cannot_be_restored_ends_the_segment(void **state) {
    static const unsigned kinds[] = { SIM_WRITE | SIM_TRUNCATE, SIM_WRITE | SIM_SYNC };
    for (size_t i = 0; i < LENGTH(kinds); i++) {
        empty_disk(state);
        struct spool *spool = open_sized(0);
        append_groups(spool, 2);
        uint64_t end = spool_end(spool), first = spool_first(spool);
        sim_inject((struct sim_fault){
            .calls = kinds[i], .at = 1, .error = ENOSPC, .forever = true, .half = true });
        assert_int_equal(append(spool, 3), SPOOL_NO_ROOM);
        sim_inject((struct sim_fault){ 0 });
        assert_int_equal(append(spool, 3), SPOOL_STORED);
        assert_int_equal(spool_next_segment(spool, first), end);
        assert_int_equal(spool_end(spool), end + 3);
        assert_int_equal(read_all(spool).damaged, 0);
        spool_close(spool);
    }
}

static void a_segment_that_cannot_be_looked_at_is_not_written_on(void **state) {
    (void)state;
    struct spool *spool = open_sized(0);
    append_groups(spool, 2);
    uint64_t end = spool_end(spool);
    sim_inject((struct sim_fault){ .calls = SIM_STAT, .at = 1, .error = EIO });
    assert_int_equal(append(spool, 3), SPOOL_STORED);
    assert_int_equal(spool_next_segment(spool, 1), end);
    assert_int_equal(read_all(spool).damaged, 0);
    spool_close(spool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        FAULT_TEST(killed_before_each_change_everything_stored_is_there),
        FAULT_TEST(killed_again_while_it_recovers_it_ends_the_same),
        FAULT_TEST(killed_after_a_failed_sync_nothing_unsynced_is_believed),
        FAULT_TEST(each_call_fails_once_and_all_is_stored),
        FAULT_TEST(each_kind_of_call_fails_for_long_and_then_it_goes_on),
        FAULT_TEST(a_full_disk_takes_nothing_until_there_is_room),
        FAULT_TEST(a_disk_that_never_syncs_is_given_up_and_nothing_grows),
        FAULT_TEST(a_torn_tail_is_cut_at_the_last_whole_group),
        FAULT_TEST(a_segment_whose_sync_failed_is_closed_for_good),
        FAULT_TEST(an_end_that_cannot_be_restored_ends_the_segment),
        FAULT_TEST(a_segment_that_cannot_be_looked_at_is_not_written_on),
    };
    return cmocka_run_group_tests_name("spool_faults", tests, NULL, NULL);
}
