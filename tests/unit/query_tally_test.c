/* Posts counted by query, across a change of queries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flow/query_tally.h"
#include <stdio.h>
#include <stdlib.h>

static struct snapshot *load(const char *const *queries) {
    static const struct part_kind *const none[] = { NULL };
    static const struct parts parts = { none, none };
    struct error err;
    struct snapshot_request request = {
        .defaults = true, .share = ".", .parts = &parts, .queries = queries, .generation = 1
    };
    struct snapshot *snapshot = snapshot_load(&request, &err);
    if (snapshot == NULL) fail_msg("%s", err.text);
    return snapshot;
}

static struct batch *batch_of(const struct snapshot *snapshot) {
    struct batch *batch = batch_create();
    batch->snapshot = snapshot_hold(snapshot);
    return batch;
}

static void end(struct batch *batch) {
    snapshot_release(batch->snapshot);
    batch->snapshot = NULL;
    batch_destroy(batch);
}

static const uint32_t both[] = { 0, 1 };

static void add(struct batch *batch, enum message_outcome outcome, enum message_kind kind,
                const char *label, uint32_t queries) {
    struct message *message = batch_add(batch, SLICE("x"), 0);
    message->outcome = outcome;
    message->kind = kind;
    message->label = slice_of(label);
    message->queries = both;
    message->query_count = queries;
    message->received_ms = 77;
}

static void kept_posts_are_counted_for_each_of_their_queries(void **state) {
    (void)state;
    struct snapshot *snapshot = load((const char *const[]){ "tea", "coffee", NULL });
    struct query_tally tally = { 0 };
    query_tally_adopt(&tally, snapshot);
    struct batch *batch = batch_of(snapshot);
    add(batch, OUTCOME_KEPT, MESSAGE_POST, "positive", 2);
    add(batch, OUTCOME_KEPT, MESSAGE_POST, "curious", 1);
    add(batch, OUTCOME_DUPLICATE, MESSAGE_POST, "positive", 2);
    add(batch, OUTCOME_KEPT, MESSAGE_DELETE, "positive", 2);
    query_tally_add(&tally, batch);
    assert_int_equal(tally.count, 2);
    assert_string_equal(tally.sums[0].name, "e1");
    assert_int_equal(tally.sums[0].matched, 2);
    assert_int_equal(tally.sums[0].by_mood[POSITIVE], 1);
    assert_int_equal(tally.sums[0].by_mood[OTHER_MOOD], 1);
    assert_int_equal(tally.sums[1].matched, 1);
    assert_int_equal(tally.sums[1].last_ms, 77);
    end(batch);
    query_tally_free(&tally);
    snapshot_release(snapshot);
}

static void without_queries_everything_is_one(void **state) {
    (void)state;
    struct snapshot *snapshot = load(NULL);
    struct query_tally tally = { 0 };
    query_tally_adopt(&tally, snapshot);
    struct batch *batch = batch_of(snapshot);
    add(batch, OUTCOME_KEPT, MESSAGE_POST, "neutral", 0);
    query_tally_add(&tally, batch);
    assert_string_equal(tally.sums[0].name, "everything");
    assert_int_equal(tally.sums[0].by_mood[NEUTRAL], 1);
    end(batch);
    query_tally_free(&tally);
    snapshot_release(snapshot);
}

static void names_that_stay_go_on_counting_wherever_they_are(void **state) {
    (void)state;
    enum { MANY = 5000 };
    static char *queries[MANY + 1];
    struct query_tally tally = { 0 };
    for (int i = 0; i < MANY; i++) {
        queries[i] = malloc(16);
        snprintf(queries[i], 16, "w%d", i);
    }
    struct snapshot *many = load((const char *const *)queries);
    struct snapshot *few = load((const char *const[]){ "a", "b", "c", NULL });
    query_tally_adopt(&tally, many);
    for (int i = 0; i < MANY; i++)
        tally.sums[i].matched = (uint64_t)i + 1;
    query_tally_adopt(&tally, few); /* e1, e2, e3 */
    assert_int_equal(tally.count, 3);
    assert_int_equal(tally.sums[2].matched, 3);
    query_tally_adopt(&tally, many);
    assert_int_equal(tally.sums[1].matched, 2);
    assert_int_equal(tally.sums[3].matched, 0);
    query_tally_free(&tally);
    snapshot_release(many);
    snapshot_release(few);
    for (int i = 0; i < MANY; i++)
        free(queries[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_posts_are_counted_for_each_of_their_queries),
        cmocka_unit_test(without_queries_everything_is_one),
        cmocka_unit_test(names_that_stay_go_on_counting_wherever_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
