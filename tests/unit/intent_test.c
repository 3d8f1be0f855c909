/* Intents on disk: what was saved is there after whatever happened, or it is said that it is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
/* cmocka needs the four on top */
#include <cmocka.h>

#include "../sim/os_sim.h"
#include "base/os.h"
#include "store/frame.h"
#include "store/intent.h"
#include "store/pack.h"
#include <errno.h>
#include <stdio.h>

#define FILE_PATH "/s/out"
#define LOG SLICE("0123456789abcdef")

static struct error err;

static int start(void **state) {
    (void)state;
    sim_reset();
    return os_make_private_folder("/s") && os_sync_folder("/") ? 0 : -1;
}

static struct intents *open_file(void) {
    struct intents *intents = intents_open(FILE_PATH, LOG, &err);
    if (intents == NULL) fail_msg("%s", err.text);
    return intents;
}

static void save(struct intents *intents) {
    if (!intents_save(intents, &err)) fail_msg("%s", err.text);
}

static struct intents *reopen(struct intents *intents) {
    save(intents);
    intents_close(intents);
    sim_cut_power(0);
    return open_file();
}

static struct partition in(const char *query) {
    struct partition partition = { .members = query ? 1 : 0 };
    if (query) snprintf(partition.values[0], PARTITION_VALUE_BYTES, "%s", query);
    return partition;
}

static struct intent *add(struct intents *intents, const char *query, uint64_t first,
                          uint64_t last) {
    struct intent intent = { .first = first, .end = last + 1, .partition = in(query) };
    snprintf(intent.object, sizeof intent.object, "2026/%d-%d", (int)first, (int)last);
    return intents_add(intents, &intent);
}

/* "1-9 open, 10-19" */
static void assert_intents(const struct intents *intents, const char *wanted) {
    char text[2000] = "";
    for (const struct intent *at = intents_first(intents); at; at = at->next)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s%d-%d%s",
                 at == intents_first(intents) ? "" : ", ", at->partition.values[0], (int)at->first,
                 (int)at->end - 1, at->finished ? "" : " open");
    assert_string_equal(text, wanted);
}

static void assert_belongs(const struct intents *intents, const char *query, uint64_t sequence,
                           const char *object) {
    struct partition of = in(query);
    of.members |= 1;
    const struct intent *intent = intents_of(intents, sequence, &of);
    assert_string_equal(intent ? intent->object : "none", object);
}

static void what_was_saved_is_there(void **state) {
    (void)state;
    struct intents *intents = open_file();
    uint64_t number = intents_number(intents);
    assert_int_not_equal(number, 0);
    struct intent intent = { .object = "a/b",
                             .upload = "id",
                             .target = 7,
                             .first = 3,
                             .end = 9,
                             .records = 4,
                             .sum = 5,
                             .codec = 2,
                             .level = 1,
                             .partition = in("coffee") };
    intents_add(intents, &intent);
    intents_finish(intents, add(intents, NULL, 1, 20));
    intents = reopen(intents);
    assert_null(intents_repaired(intents));
    assert_int_equal(intents_number(intents), number);
    assert_intents(intents, "1-20, coffee3-8 open");
    const struct intent *back = intents_first(intents)->next;
    assert_string_equal(back->object, "a/b");
    assert_string_equal(back->upload, "id");
    assert_int_equal(back->target, 7);
    assert_int_equal(back->records, 4);
    assert_int_equal(back->sum, 5);
    assert_int_equal(back->codec, 2);
    assert_int_equal(back->level, 1);
    assert_int_equal(back->partition.members, 1);
    assert_false(back->own);
    intents_close(intents);
}

static void what_was_not_saved_is_not_there(void **state) {
    (void)state;
    struct intents *intents = open_file();
    add(intents, NULL, 1, 9);
    save(intents);
    add(intents, NULL, 10, 19);
    intents_close(intents);
    sim_cut_power(1);
    intents = open_file();
    assert_intents(intents, "1-9 open");
    intents_close(intents);
}

static void records_belong_by_range_and_partition(void **state) {
    (void)state;
    struct intents *intents = open_file();
    add(intents, "tea", 5, 9);
    intents_finish(intents, add(intents, "coffee", 1, 9));
    add(intents, NULL, 20, 29);
    assert_belongs(intents, "tea", 4, "none");
    assert_belongs(intents, "tea", 5, "2026/5-9");
    assert_belongs(intents, "tea", 10, "none");
    assert_belongs(intents, "coffee", 9, "2026/1-9");
    assert_belongs(intents, "milk", 9, "none");
    assert_belongs(intents, "milk", 20, "2026/20-29"); /* where nothing told them apart */
    struct partition errors = { .members = PARTITION_ERRORS };
    assert_null(intents_of(intents, 20, &errors));
    intents_close(intents);
}

static void an_open_one_is_asked_before_a_finished_one(void **state) {
    (void)state;
    struct intents *intents = open_file();
    intents_finish(intents, add(intents, "tea", 1, 30));
    add(intents, "tea", 10, 19);
    assert_belongs(intents, "tea", 9, "2026/1-30");
    assert_belongs(intents, "tea", 15, "2026/10-19");
    add(intents, "milk", 40, 70);
    intents_finish(intents, add(intents, "milk", 50, 59));
    assert_belongs(intents, "milk", 55, "2026/40-70");
    intents_close(intents);
}

static void finished_neighbours_are_one(void **state) {
    (void)state;
    struct intents *intents = open_file();
    for (uint64_t i = 0; i < 100; i++) {
        intents_finish(intents, add(intents, "tea", 1 + 20 * i, 10 + 20 * i));
        intents_finish(intents, add(intents, "milk", 4 + 20 * i, 12 + 20 * i));
    }
    assert_intents(intents, "tea1-1990, milk4-1992");
    intents_close(intents);
}

static void an_open_neighbour_keeps_two_apart(void **state) {
    (void)state;
    struct intents *intents = open_file();
    struct intent *first = add(intents, NULL, 1, 9), *second = add(intents, NULL, 10, 19);
    intents_finish(intents, add(intents, NULL, 20, 29));
    intents_finish(intents, first);
    assert_intents(intents, "1-9, 10-19 open, 20-29");
    intents_finish(intents, second);
    assert_intents(intents, "1-29");
    intents_close(intents);
}

/* Between those of another life there may be records in no object. */
static void what_is_not_known_to_be_a_neighbour_is_none(void **state) {
    (void)state;
    struct intents *intents = open_file();
    intents_finish(intents, add(intents, NULL, 1, 9));
    add(intents, NULL, 10, 19);
    intents = reopen(intents);
    intents_remove(intents, intents_first(intents)->next);
    intents_finish(intents, add(intents, NULL, 20, 29));
    assert_intents(intents, "1-9, 20-29");
    intents_close(intents);
}

static void what_is_settled_for_good_goes(void **state) {
    (void)state;
    struct intents *intents = open_file();
    intents_finish(intents, add(intents, "tea", 1, 9));
    add(intents, "milk", 2, 8);
    intents_finish(intents, add(intents, "coffee", 3, 12));
    intents_pass(intents, 9);
    assert_intents(intents, "tea1-9, milk2-8 open, coffee3-12");
    intents_pass(intents, 12);
    assert_intents(intents, "milk2-8 open, coffee3-12");
    intents_pass(intents, 13);
    assert_intents(intents, "milk2-8 open");
    intents_close(intents);
}

static void one_of_another_spool_says_nothing(void **state) {
    (void)state;
    struct intents *intents = open_file();
    intents_finish(intents, add(intents, NULL, 1, 9));
    save(intents);
    intents_close(intents);
    intents = intents_open(FILE_PATH, SLICE("another"), &err);
    assert_non_null(intents);
    assert_non_null(strstr(intents_repaired(intents), "another spool"));
    assert_null(intents_first(intents));
    intents_close(intents);
}

static char saved[20000];
static size_t saved_bytes;

static void make_file(void) {
    struct intents *intents = open_file();
    add(intents, "tea", 1, 9);
    add(intents, "milk", 4, 12);
    save(intents);
    intents_close(intents);
    memcpy(saved, sim_bytes(FILE_PATH, &saved_bytes), sizeof saved);
}

static void assert_damaged(const char *bytes, size_t length) {
    sim_put(FILE_PATH, bytes, length);
    struct intents *intents = open_file();
    if (length == saved_bytes && memcmp(bytes, saved, length) == 0)
        assert_null(intents_repaired(intents));
    else {
        assert_non_null(strstr(intents_repaired(intents), "it is damaged"));
        assert_null(intents_first(intents));
    }
    intents_close(intents);
}

static void one_that_is_cut_or_changed_anywhere_is_said_to_be_damaged(void **state) {
    char changed[sizeof saved];
    (void)state;
    make_file();
    for (size_t length = 0; length <= saved_bytes; length++)
        assert_damaged(saved, length);
    for (size_t at = 0; at < saved_bytes; at++) {
        memcpy(changed, saved, saved_bytes);
        changed[at] ^= 1 << at % 8;
        bool version = at >= 8 && at < 12; /* of a newer one, perhaps */
        if (!version) assert_damaged(changed, saved_bytes);
    }
}

/* Whoever wrote it was wrong, and its sum is right. */
static void numbers_that_cannot_be_are_damage(void **state) {
    char changed[sizeof saved];
    (void)state;
    make_file();
    for (size_t at = 12; at + 8 < saved_bytes; at += 4) {
        memcpy(changed, saved, saved_bytes);
        pack_u32(changed + at, UINT32_MAX);
        size_t sum = saved_bytes - 4;
        pack_u32(changed + sum, crc32c(0, slice_from(changed, sum)));
        sim_put(FILE_PATH, changed, saved_bytes);
        intents_close(open_file());
    }
}

/* What is saved, with a text of these bytes at a place and the sum that it then has. */
static void assert_nonsense(size_t at, const char *bytes, size_t length) {
    char changed[sizeof saved];
    size_t sum = saved_bytes - 4;
    memcpy(changed, saved, saved_bytes);
    memcpy(changed + at, bytes, length);
    pack_u32(changed + sum, crc32c(0, slice_from(changed, sum)));
    assert_damaged(changed, saved_bytes);
}

static void texts_and_counts_that_cannot_be_are_damage(void **state) {
    char number[4];
    (void)state;
    struct intents *intents = open_file();
    for (uint64_t i = 1; i < 30; i++)
        add(intents, "tea", i * 10, i * 10 + 9);
    save(intents);
    intents_close(intents);
    memcpy(saved, sim_bytes(FILE_PATH, &saved_bytes), sizeof saved);
    const char *name = memmem(saved, saved_bytes, "2026/10-19", 10);
    size_t at = (size_t)(name - saved);
    assert_nonsense(at + 4, "\0", 1);
    pack_u32(number, INTENT_OBJECT_BYTES);
    assert_nonsense(at - 4, number, 4);
    pack_u32(number, 28);
    assert_nonsense(12, number, 4);
}

static void one_that_is_too_long_is_damaged(void **state) {
    (void)state;
    make_file();
    sim_inject((struct sim_fault){ .calls = SIM_READ, .at = 1, .error = EFBIG });
    struct intents *intents = open_file();
    assert_non_null(strstr(intents_repaired(intents), "it is damaged"));
    intents_close(intents);
}

static void one_of_a_newer_format_is_refused_untouched(void **state) {
    (void)state;
    make_file();
    pack_u32(saved + 8, 2);
    sim_put(FILE_PATH, saved, saved_bytes);
    assert_null(intents_open(FILE_PATH, LOG, &err));
    assert_non_null(strstr(err.text, "made by a newer linnet"));
    size_t length;
    assert_memory_equal(sim_bytes(FILE_PATH, &length), saved, saved_bytes);
}

static void killed_at_each_change_it_is_as_before_or_after(void **state) {
    (void)state;
    for (uint64_t call = 1, calls = 1; call <= calls; call++) {
        sim_reset();
        assert_true(os_make_private_folder("/s") && os_sync_folder("/"));
        struct intents *intents = open_file();
        add(intents, NULL, 1, 9);
        save(intents);
        add(intents, NULL, 10, 19);
        sim_inject((struct sim_fault){ .calls = SIM_CHANGES, .kill_at = call, .half = call % 2 });
        bool whole = intents_save(intents, &err);
        calls = MAX(calls, sim_count() + !whole);
        intents_close(intents);
        sim_cut_power(call);
        intents = open_file();
        assert_null(intents_repaired(intents));
        assert_intents(intents,
                       whole || intents_first(intents)->next ? "1-9 open, 10-19 open" : "1-9 open");
        intents_close(intents);
    }
}

static void one_that_cannot_be_read_or_written_is_named(void **state) {
    (void)state;
    make_file();
    sim_inject((struct sim_fault){ .calls = SIM_READ, .at = 1, .error = EIO });
    assert_null(intents_open(FILE_PATH, LOG, &err));
    assert_string_equal(err.text, FILE_PATH ": cannot be read: Input/output error");
    sim_inject((struct sim_fault){ .calls = SIM_SYNC, .at = 1, .error = ENOSPC });
    assert_null(intents_open(FILE_PATH, LOG, &err));
    assert_non_null(strstr(err.text, FILE_PATH ": cannot be written: No space"));
}

static void in_memory_they_need_no_file(void **state) {
    (void)state;
    struct intents *intents = intents_open(NULL, SLICE(""), &err);
    intents_finish(intents, add(intents, NULL, 1, 9));
    save(intents);
    assert_intents(intents, "1-9");
    intents_close(intents);
}

int main(void) {
#define INTENT_TEST(test) cmocka_unit_test_setup(test, start)
    const struct CMUnitTest tests[] = {
        INTENT_TEST(what_was_saved_is_there),
        INTENT_TEST(what_was_not_saved_is_not_there),
        INTENT_TEST(records_belong_by_range_and_partition),
        INTENT_TEST(an_open_one_is_asked_before_a_finished_one),
        INTENT_TEST(finished_neighbours_are_one),
        INTENT_TEST(an_open_neighbour_keeps_two_apart),
        INTENT_TEST(what_is_not_known_to_be_a_neighbour_is_none),
        INTENT_TEST(what_is_settled_for_good_goes),
        INTENT_TEST(one_of_another_spool_says_nothing),
        INTENT_TEST(one_that_is_cut_or_changed_anywhere_is_said_to_be_damaged),
        INTENT_TEST(numbers_that_cannot_be_are_damage),
        INTENT_TEST(texts_and_counts_that_cannot_be_are_damage),
        INTENT_TEST(one_that_is_too_long_is_damaged),
        INTENT_TEST(one_of_a_newer_format_is_refused_untouched),
        INTENT_TEST(killed_at_each_change_it_is_as_before_or_after),
        INTENT_TEST(one_that_cannot_be_read_or_written_is_named),
        INTENT_TEST(in_memory_they_need_no_file),
    };
    return cmocka_run_group_tests_name("intent", tests, NULL, NULL);
}
