/* From the rules that X has to those that queries want: others' stay, nothing is missing, and what
 * X takes no more of is put together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/compiler.h"
#include "post/query_push.h"
#include "x/rules.h"

static void want(struct x_wanted *wanted, size_t query, const char *value, struct arena *arena) {
    struct x_rule rule = { .value = arena_copy(arena, slice_of(value)),
                           .tag = arena_format(arena, "linnet:q%zu", query),
                           .query = query };
    x_rule_add(&wanted->rules, &rule, arena);
}

static void have(struct x_rule_list *present, const char *value, const char *tag,
                 struct arena *arena) {
    struct x_rule rule = { .id = arena_format(arena, "%zu", present->count),
                           .value = arena_copy(arena, slice_of(value)),
                           .tag = arena_copy(arena, slice_of(tag)) };
    x_rule_add(present, &rule, arena);
}

static struct x_wanted wanted_words(size_t count, struct arena *arena) {
    struct x_wanted wanted = { 0 };
    for (size_t i = 0; i < count; i++)
        want(&wanted, i, arena_format(arena, "word%zu", i).data, arena);
    return wanted;
}

static void a_rule_is_found_by_its_text_among_many(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct x_wanted wanted = wanted_words(3000, &arena);
    for (size_t i = 0; i < 3000; i++) {
        const struct x_rule *found = x_rule_find(&wanted.rules, arena_format(&arena, "word%zu", i));
        assert_ptr_equal(&wanted.rules.items[i], found);
    }
    assert_null(x_rule_find(&wanted.rules, SLICE("word3000")));
    assert_null(x_rule_find(&(struct x_rule_list){ 0 }, SLICE("word")));
    arena_free(&arena);
}

static void what_is_wanted_is_added_before_what_is_stale_goes(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct x_wanted wanted = { 0 };
    struct x_rule_list present = { 0 };
    want(&wanted, 0, "new", &arena);
    want(&wanted, 1, "renamed", &arena);
    want(&wanted, 2, "kept", &arena);
    want(&wanted, 3, "theirs", &arena);
    have(&present, "theirs", "somebody", &arena);
    have(&present, "kept", "linnet:q2", &arena);
    have(&present, "renamed", "linnet:old", &arena);
    have(&present, "stale", "linnet:gone", &arena);
    struct x_rule_plan plan = x_rules_plan(&wanted, &present, &arena);
    assert_int_equal(1, plan.first.count);
    assert_true(slice_is(plan.first.items[0].value, "new"));
    assert_int_equal(2, plan.stale.count);
    assert_int_equal(1, plan.then.count); /* X would not take its text twice */
    assert_true(slice_is(plan.then.items[0].value, "renamed"));
    assert_int_equal(1, plan.kept);
    assert_int_equal(1, plan.foreign);
    assert_int_equal(0, plan.left_out.count);
    arena_free(&arena);
}

static void without_queries_only_the_rules_of_others_stay(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct x_wanted wanted = { 0 };
    struct x_rule_list present = { 0 };
    have(&present, "theirs", "somebody", &arena);
    have(&present, "stale", "linnet:gone", &arena);
    struct x_rule_plan plan = x_rules_plan(&wanted, &present, &arena);
    assert_int_equal(1, plan.stale.count);
    assert_true(slice_is(plan.stale.items[0].value, "stale"));
    assert_int_equal(0, plan.first.count + plan.then.count);
    arena_free(&arena);
}

/* All words of the rules that are there in the end, in their order. */
static void check_words(const struct x_rule_list *rules, size_t count, struct arena *arena) {
    size_t at = 0;
    for (size_t i = 0; i < rules->count; i++) {
        struct slice rest = rules->items[i].value;
        assert_in_range(rest.length, 1, RULE_MAX_BYTES);
        while (rest.length) {
            const char *end = memmem(rest.data, rest.length, " OR ", 4);
            struct slice word = end ? slice_first(rest, (size_t)(end - rest.data)) : rest;
            assert_true(slice_equal(word, arena_format(arena, "word%zu", at++)));
            rest = end ? slice_skip(rest, word.length + 4) : SLICE("");
        }
    }
    assert_int_equal(count, at);
}

static void more_than_x_takes_are_put_together_and_none_is_lost(void **state) {
    (void)state;
    static const size_t counts[] = { 1000, 1001, 1100, 5000, 60000 };
    for (size_t i = 0; i < LENGTH(counts); i++) {
        struct arena arena;
        arena_init(&arena);
        struct x_wanted wanted = wanted_words(counts[i], &arena);
        struct x_rule_plan plan = x_rules_plan(&wanted, &(struct x_rule_list){ 0 }, &arena);
        assert_in_range(plan.first.count, 950, X_MOST_RULES);
        assert_int_equal(0, plan.left_out.count);
        check_words(&plan.first, counts[i], &arena);
        size_t shared = plan.first.items[plan.first.count - 1].shared;
        assert_true(counts[i] > X_MOST_RULES ? shared > 0 : shared == 0);
        arena_free(&arena);
    }
}

static void another_query_changes_few_of_the_rules_that_are_put_together(void **state) {
    (void)state;
    struct arena arena;
    struct x_wanted more = { 0 };
    arena_init(&arena);
    struct x_wanted wanted = wanted_words(1500, &arena);
    struct x_rule_plan before = x_rules_plan(&wanted, &(struct x_rule_list){ 0 }, &arena);
    want(&more, 9999, "another", &arena);
    for (size_t i = 0; i < wanted.rules.count; i++)
        x_rule_add(&more.rules, &wanted.rules.items[i], &arena);
    struct x_rule_plan after = x_rules_plan(&more, &before.first, &arena);
    assert_in_range(after.first.count + after.then.count, 1, 3);
    assert_in_range(after.stale.count, 1, 3);
    arena_free(&arena);
}

static void what_finds_no_place_does_not_depend_on_what_is_there(void **state) {
    (void)state;
    struct arena arena;
    struct x_wanted wanted = { 0 };
    struct x_rule_list present = { 0 };
    arena_init(&arena);
    for (size_t i = 0; i < 1200; i++)
        want(&wanted, i, arena_format(&arena, "%0900zu", i).data, &arena);
    for (size_t i = 700; i < 1200; i++) /* of an earlier configuration, which had not all of them */
        have(&present, arena_format(&arena, "%0900zu", i).data,
             arena_format(&arena, "linnet:q%zu", i).data, &arena);
    for (size_t i = 0; i < 100; i++)
        have(&present, arena_format(&arena, "theirs%zu", i).data, "somebody", &arena);
    struct x_rule_plan plan = x_rules_plan(&wanted, &present, &arena);
    assert_int_equal(300, plan.left_out.count);
    for (size_t i = 0; i < 300; i++)
        assert_int_equal(900 + i, plan.left_out.items[i].query);
    assert_int_equal(200, plan.kept);
    assert_int_equal(300, plan.stale.count);
    assert_int_equal(400, plan.first.count); /* so many X takes before others go */
    assert_int_equal(300, plan.then.count);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_is_found_by_its_text_among_many),
        cmocka_unit_test(what_is_wanted_is_added_before_what_is_stale_goes),
        cmocka_unit_test(without_queries_only_the_rules_of_others_stay),
        cmocka_unit_test(more_than_x_takes_are_put_together_and_none_is_lost),
        cmocka_unit_test(another_query_changes_few_of_the_rules_that_are_put_together),
        cmocka_unit_test(what_finds_no_place_does_not_depend_on_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
