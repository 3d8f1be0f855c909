/* store/spool.h: which keys were kept, and segments that go while their keys stay. */
#include "spool_records.h"

#include "../sim/os_sim.h"
#include "base/os.h"
#include <errno.h>

#define SMALL 4096 /* segments: a few groups each */

/* ---- ids ---- */

struct ids {
    uint64_t counts[SPOOL_ID_KINDS], first[SPOOL_ID_KINDS], last[SPOOL_ID_KINDS];
};

static void note_id(void *context, uint64_t hash, enum spool_id kind) {
    struct ids *ids = context;
    if (ids->counts[kind]++ == 0) ids->first[kind] = hash;
    ids->last[kind] = hash;
}

static struct ids ids_of(struct spool *spool) {
    struct ids ids = { 0 };
    struct error err;
    assert_true(spool_ids(spool, note_id, &ids, &err));
    return ids;
}

static uint64_t key_hash(uint64_t sequence) {
    struct made made;
    make_record(&made, sequence, 600);
    return hash_bytes(made.record.key);
}

/* Of 100 records in 40 groups; sequence % 7 % 3 == 2 makes a delete. */
static void assert_all_ids(struct spool *spool) {
    struct ids ids = ids_of(spool);
    uint64_t deletes = 0;
    for (uint64_t i = 1; i <= 100; i++)
        deletes += i % 7 % 3 == 2;
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

#define SPOOL_TEST(test) cmocka_unit_test_setup(test, empty_disk)

int main(void) {
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(kept_keys_are_known_in_the_order_they_came),
        SPOOL_TEST(a_list_of_ids_that_is_missing_or_damaged_is_made_again),
        SPOOL_TEST(a_list_of_other_records_is_made_again),
        SPOOL_TEST(read_only_makes_no_list),
        SPOOL_TEST(what_is_dropped_is_gone_and_its_keys_are_not),
        SPOOL_TEST(keys_that_cannot_be_read_for_now_hold_up_the_start),
        SPOOL_TEST(a_segment_stays_until_its_keys_are_written),
        SPOOL_TEST(the_segment_before_the_newest_stays_until_that_holds_two_groups),
        SPOOL_TEST(dropping_what_was_removed_by_hand_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
