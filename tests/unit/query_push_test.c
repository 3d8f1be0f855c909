/* Rules of X for queries: never narrower than them, never longer than they may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/compiler.h"
#include "post/query_push.h"

static struct query_set *set_of(struct slice text, enum query_language language) {
    size_t bad_query, bad_offset;
    struct error err;
    struct query_source source = { "q", text, language };
    struct query_set *set = query_set_create(&source, 1, &bad_query, &bad_offset, &err);
    if (set == NULL) fail_msg("%s: %.*s", err.text, SLICE_ARGS(text));
    return set;
}

/* Rules joined by " | "; or "none: why". */
static void check_rules(const char *query, const char *wanted, bool whole) {
    struct arena arena;
    struct query_set *set = set_of(slice_of(query), QUERY_LANGUAGE);
    arena_init(&arena);
    struct rule_texts rules = query_set_rules(set, 0, RULE_MAX_BYTES, &arena);
    struct slice text = rules.count ? SLICE("") : slice_of("none");
    for (size_t i = 0; i < rules.count; i++)
        text = ARENA_JOIN(&arena, text, i ? SLICE(" | ") : SLICE(""), rules.items[i]);
    if (!slice_is(text, wanted))
        fail_msg("%s\n  is  %.*s\n  not %s", query, SLICE_ARGS(text), wanted);
    if (rules.count) assert_int_equal(whole, rules.whole);
    if (rules.count == 0) assert_non_null(rules.why_none);
    arena_free(&arena);
    query_set_destroy(set);
}

static void what_x_evaluates_is_asked_of_it(void **state) {
    (void)state;
    check_rules("cat", "cat", true);
    check_rules("Cat has:images", "cat has:images", true);
    check_rules("(#python OR \"python 3\") lang:en -is:retweet",
                "lang:en -is:retweet (#python OR \"python 3\")", true);
    check_rules("skiing -(snow OR day)", "skiing -snow -day", true);
    check_rules("AT&T", "\"AT&T\"", true);
    check_rules("don't 3.5", "\"don't\" \"3.5\"", true);
    check_rules("cat or dog", "cat \"or\" dog", true);
    check_rules("from:@anna to:7 @bob $AAPL", "from:anna to:7 @bob $aapl", true);
    check_rules("url:\"https://example.org/a\" coffee", "coffee url:\"https://example.org/a\"",
                true);
    check_rules("coffee lang:he", "coffee lang:iw", true);
    check_rules("coffee lang:zh", "coffee (lang:zh-CN OR lang:zh-TW)", true);
    check_rules("a1 OR b1 OR c1 d1", "a1 OR b1 OR c1 d1", true);
    check_rules("network:x cat", "cat", true);
    check_rules("\xe6\x9d\xb1\xe4\xba\xac", "\"\xe6\x9d\xb1\xe4\xba\xac\"", true);
    check_rules("point_radius:[2.35 48.86 10km] cat", "cat point_radius:[2.35 48.86 10km]", true);
}

static void what_x_does_not_evaluate_stays_here(void **state) {
    (void)state;
    check_rules("acme NEAR/6 (down OR outage OR refund*)", "acme", false);
    check_rules("acme NEAR/6 (down OR outage)", "acme (down OR outage)", false);
    check_rules("cat -refund* /x+/ sample:10", "cat", false);
    check_rules("cat -(dog bird)", "cat", false);
    check_rules("cat is:bot -has:media", "cat", false);
    check_rules("bounding_box:[2 48 3 49] cat", "cat", false);
    check_rules("bounding_box:[2.2 48.8 2.5 48.9] cat -bounding_box:[2.3 48.8 2.4 48.9]",
                "cat bounding_box:[2.2 48.8 2.5 48.9]", false);
    check_rules("cat lang:tlh", "cat", false);
    check_rules("cat lang:en-GB", "cat lang:en", false);
    check_rules("\"go #now\"", "go #now", false);
}

static void what_x_cannot_look_for_has_no_rule(void **state) {
    (void)state;
    static const char *const none[] = { "-cat",
                                        "lang:en",
                                        "is:reply has:links",
                                        "cat OR refund*",
                                        "cat OR lang:en",
                                        "network:bluesky cat",
                                        "cat OR -dog",
                                        "/x/",
                                        "#1",
                                        "from:anna.example.org",
                                        "refund*" };
    for (size_t i = 0; i < LENGTH(none); i++)
        check_rules(none[i], "none", false);
    check_rules("cat OR from:anna.example.org OR network:bluesky", "cat", true);
}

static void a_track_list_is_looked_for_in_all_places(void **state) {
    (void)state;
    struct arena arena;
    struct query_set *set = set_of(SLICE("twitter,cat dog"), QUERY_TRACK_LIST);
    arena_init(&arena);
    struct rule_texts rules = query_set_rules(set, 0, RULE_MAX_BYTES, &arena);
    assert_int_equal(1, rules.count);
    assert_true(slice_is(rules.items[0],
                         "(twitter OR url:\"twitter\" OR #twitter OR @twitter) OR (cat OR "
                         "url:\"cat\" OR #cat OR @cat) (dog OR url:\"dog\" OR #dog OR @dog)"));
    arena_free(&arena);
    query_set_destroy(set);
}

/* ---- never narrower ------------------------------------------------------------------------- */

static const char *const leaves[] = {
    "wa",
    "wb",
    "wc",
    "wd",
    "\"wa wb\"",
    "\"wb #wc\"",
    "#wa",
    "#wb",
    "@wa",
    "@wb",
    "$wc",
    "wa*",
    "/w[ab] wc/",
    "lang:en",
    "lang:de",
    "is:retweet",
    "is:reply",
    "is:quote",
    "has:links",
    "has:hashtags",
    "has:mentions",
    "has:media",
    "has:images",
    "has:geo",
    "from:wa",
    "from:7",
    "to:wb",
    "sample:50",
    "url:wa",
    "network:x",
    "wa&wb",
    "url:\"wa.wb\"",
    "is:sensitive",
    "network:y",
    "has:cashtags",
    "bounding_box:[1 1 1.1 1.1]",
    "point_radius:[1 1 5km]",
    "\"wa wb wc wd wa wb wc wd\"",
    "\"wa #wb wc @wb wd $wc wa wb\"",
    "url:\"http://wa.wb/wc/wd/wa/wb/wc\"",
};

static struct slice random_query(struct arena *arena, int depth) {
    if (depth == 0 || rand() % 4 == 0) return slice_of(leaves[(size_t)rand() % LENGTH(leaves)]);
    struct slice left = random_query(arena, depth - 1), right = random_query(arena, depth - 1);
    switch (rand() % 7) {
    case 0:
    case 1: return ARENA_JOIN(arena, SLICE("("), left, SLICE(" OR "), right, SLICE(")"));
    case 2: return ARENA_JOIN(arena, SLICE("-("), left, SLICE(")"));
    case 3: return ARENA_JOIN(arena, SLICE("(w"), SLICE("a NEAR/2 (wb OR wc*))"));
    default: return ARENA_JOIN(arena, SLICE("("), left, SLICE(" "), right, SLICE(")"));
    }
}

static struct slice_list random_list(struct arena *arena) {
    struct slice_list list = { arena_alloc(arena, 3 * sizeof(struct slice)), (uint32_t)rand() % 3 };
    for (uint32_t i = 0; i < list.count; i++)
        list.items[i] = arena_format(arena, "w%c", 'a' + rand() % 4);
    return list;
}

static struct message random_message(struct arena *arena) {
    static const char *const words[] = { "wa",  "wb",  "wc",
                                         "wd",  "waa", "#wa",
                                         "@wb", "$wc", "http://wa.wb/wc" };
    struct slice text = SLICE("");
    for (int i = rand() % 6; i > 0; i--)
        text = ARENA_JOIN(arena, text, SLICE(" "), slice_of(words[(size_t)rand() % LENGTH(words)]));
    struct message message = { .text = text,
                               .network = SLICE("x"),
                               .id = arena_format(arena, "%d", rand()),
                               .lang = rand() % 2 ? SLICE("en") : SLICE("de"),
                               .author = { SLICE("7"), SLICE("wa"), SLICE("W"), -1 },
                               .reply_to_handle = rand() % 2 ? SLICE("wb") : SLICE(""),
                               .traits = (uint32_t)rand() & 0x7ff,
                               .hashtags = random_list(arena),
                               .mentions = random_list(arena),
                               .urls = random_list(arena),
                               .lon = 1.05,
                               .lat = 1.01 };
    return message;
}

static bool holds(const struct query_set *set, const struct message *message, struct arena *arena) {
    struct query_scratch *scratch = query_scratch_create(set);
    struct message copy = *message;
    query_set_match(set, scratch, &copy, arena);
    query_scratch_destroy(scratch);
    return copy.query_count > 0;
}

static unsigned compare(struct arena *arena, size_t most_bytes, bool *whole) {
    struct slice query = random_query(arena, 1 + rand() % 4);
    struct query_set *set = set_of(query, QUERY_LANGUAGE);
    struct rule_texts rules = query_set_rules(set, 0, most_bytes, arena);
    struct query_set **sets = arena_alloc(arena, (rules.count + 1) * sizeof(void *));
    unsigned held = 0;
    for (size_t i = 0; i < rules.count; i++) {
        assert_in_range(rules.items[i].length, 1, most_bytes);
        sets[i] = set_of(rules.items[i], QUERY_LANGUAGE);
    }
    for (int round = 0; round < 20 && rules.count; round++) {
        struct message message = random_message(arena);
        bool local = holds(set, &message, arena), rule = false;
        for (size_t i = 0; i < rules.count; i++)
            rule |= holds(sets[i], &message, arena);
        if (local && !rule)
            fail_msg("narrower: %.*s\n  %zu rules, first %.*s\n  for '%.*s'", SLICE_ARGS(query),
                     rules.count, SLICE_ARGS(rules.items[0]), SLICE_ARGS(message.text));
        if (rules.whole && rule && !local)
            fail_msg("not whole: %.*s\n  first %.*s", SLICE_ARGS(query),
                     SLICE_ARGS(rules.items[0]));
        held += local;
    }
    for (size_t i = 0; i < rules.count; i++)
        query_set_destroy(sets[i]);
    query_set_destroy(set);
    *whole = rules.count && rules.whole;
    return held;
}

static void a_rule_is_never_narrower_than_its_query(void **state) {
    (void)state;
    unsigned held = 0, wholes = 0;
    srand(7);
    for (int i = 0; i < 6000; i++) {
        struct arena arena;
        bool whole;
        arena_init(&arena);
        held += compare(&arena, i % 3 ? RULE_MAX_BYTES : 24, &whole);
        wholes += whole;
        arena_free(&arena);
    }
    assert_in_range(held, 2000, 100000);
    assert_in_range(wholes, 300, 6000);
}

/* ---- never too long ------------------------------------------------------------------------- */

static void a_query_that_is_too_long_is_shared_out(void **state) {
    (void)state;
    struct arena arena;
    struct slice query = SLICE("lang:en -is:retweet (word0");
    arena_init(&arena);
    for (int i = 1; i < 300; i++)
        query = arena_format(&arena, "%.*s OR word%d", SLICE_ARGS(query), i);
    query = ARENA_JOIN(&arena, query, SLICE(")"));
    struct query_set *set = set_of(query, QUERY_LANGUAGE);
    struct rule_texts rules = query_set_rules(set, 0, RULE_MAX_BYTES, &arena);
    assert_in_range(rules.count, 3, 6);
    assert_true(rules.whole);
    size_t words = 0;
    for (size_t i = 0; i < rules.count; i++) {
        struct slice rule = rules.items[i];
        assert_in_range(rule.length, 30, RULE_MAX_BYTES);
        assert_true(slice_starts(rule, SLICE("lang:en -is:retweet (word")));
        for (const char *at = rule.data; (at = strstr(at, "word")); at++)
            words++;
    }
    assert_int_equal(300, words);
    query_set_destroy(set);
    arena_free(&arena);
}

static struct rule_texts rules_of(struct slice query, size_t most_bytes, struct arena *arena) {
    struct query_set *set = set_of(query, QUERY_LANGUAGE);
    struct rule_texts rules = query_set_rules(set, 0, most_bytes, arena);
    for (size_t i = 0; i < rules.count; i++) {
        assert_in_range(rules.items[i].length, 1, most_bytes);
        rules.items[i] = arena_copy(arena, rules.items[i]);
    }
    query_set_destroy(set);
    return rules;
}

static void of_too_many_words_that_must_all_be_there_the_longest_are_left_out(void **state) {
    (void)state;
    struct arena arena;
    struct slice query = SLICE("short");
    arena_init(&arena);
    for (int i = 0; i < 30; i++)
        query = arena_format(&arena, "%.*s %c%099d", SLICE_ARGS(query), 'a' + i % 26, i);
    struct rule_texts rules = rules_of(query, RULE_MAX_BYTES, &arena);
    assert_int_equal(1, rules.count);
    assert_in_range(rules.items[0].length, 900, RULE_MAX_BYTES);
    assert_false(rules.whole);
    arena_free(&arena);
}

static void what_is_left_out_is_no_more_than_has_to_be(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    struct slice query = arena_format(&arena, "lang:en %0900d %0120d", 1, 2);
    struct rule_texts rules = rules_of(query, RULE_MAX_BYTES, &arena);
    assert_int_equal(1, rules.count);
    assert_int_equal(900 + 1 + 120, rules.items[0].length);
    arena_free(&arena);
}

/* 1,360 words: whoever copies them all for each that is left out needs gigabytes. */
static void very_many_short_words_are_no_trouble(void **state) {
    (void)state;
    struct arena arena;
    struct slice query = SLICE("");
    arena_init(&arena);
    for (int i = 0; i < 1360; i++)
        query = arena_format(&arena, "%.*s %c%c", SLICE_ARGS(query), 'a' + i / 36 % 26,
                             "abcdefghijklmnopqrstuvwxyz0123456789"[i % 36]);
    struct rule_texts rules = rules_of(query, RULE_MAX_BYTES, &arena);
    assert_int_equal(1, rules.count);
    assert_in_range(rules.items[0].length, 1000, RULE_MAX_BYTES);
    arena_free(&arena);
}

/* The one rule of a query; "" when it has none. */
static struct slice rule_of(struct slice query, struct arena *arena) {
    struct rule_texts rules = rules_of(query, RULE_MAX_BYTES, arena);
    assert_in_range(rules.count, 0, 1);
    if (rules.count) assert_false(rules.whole);
    return rules.count ? rules.items[0] : SLICE("");
}

static void of_a_phrase_that_is_too_long_the_beginning_is_asked_for(void **state) {
    (void)state;
    struct arena arena;
    struct slice words = SLICE("the words"), link = SLICE("https://example.org");
    arena_init(&arena);
    for (int i = 0; i < 200; i++)
        words = arena_format(&arena, "%.*s word%d", SLICE_ARGS(words), i);
    struct slice rule =
        rule_of(arena_format(&arena, "lang:en \"%.*s\"", SLICE_ARGS(words)), &arena);
    assert_true(slice_starts(rule, SLICE("lang:en \"the words word0 word1 ")));
    assert_true(slice_ends(rule, SLICE("\"")));
    assert_in_range(rule.length, 500, 550);
    for (int i = 0; i < 200; i++)
        link = arena_format(&arena, "%.*s/part%d", SLICE_ARGS(link), i);
    rule = rule_of(arena_format(&arena, "url:\"%.*s\"", SLICE_ARGS(link)), &arena);
    assert_true(slice_starts(rule, SLICE("url:\"https://example.org/part0/part1/")));
    assert_in_range(rule.length, 490, 540);
    arena_free(&arena);
}

static void of_a_phrase_with_tags_some_of_its_terms_are_asked_for(void **state) {
    (void)state;
    struct arena arena;
    struct slice words = SLICE("#tag");
    arena_init(&arena);
    for (int i = 0; i < 200; i++)
        words = arena_format(&arena, "%.*s word%d", SLICE_ARGS(words), i);
    struct slice rule = rule_of(arena_format(&arena, "\"%.*s\"", SLICE_ARGS(words)), &arena);
    assert_non_null(memmem(rule.data, rule.length, " word1 ", 7));
    assert_in_range(rule.length, 1000, RULE_MAX_BYTES);
    arena_free(&arena);
}

static void a_word_that_is_too_long_is_asked_for_only_by_what_is_beside_it(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    char *word = memset(arena_alloc(&arena, 2000), 'x', 2000);
    struct slice giant = slice_from(word, 2000);
    assert_true(slice_is(rule_of(giant, &arena), ""));
    assert_true(
        slice_is(rule_of(arena_format(&arena, "cat OR %.*s", SLICE_ARGS(giant)), &arena), ""));
    struct slice rule =
        rule_of(arena_format(&arena, "cat (dog OR %.*s) lang:en", SLICE_ARGS(giant)), &arena);
    assert_string_equal("cat lang:en", rule.data);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_x_evaluates_is_asked_of_it),
        cmocka_unit_test(what_x_does_not_evaluate_stays_here),
        cmocka_unit_test(what_x_cannot_look_for_has_no_rule),
        cmocka_unit_test(a_track_list_is_looked_for_in_all_places),
        cmocka_unit_test(a_rule_is_never_narrower_than_its_query),
        cmocka_unit_test(a_query_that_is_too_long_is_shared_out),
        cmocka_unit_test(of_too_many_words_that_must_all_be_there_the_longest_are_left_out),
        cmocka_unit_test(what_is_left_out_is_no_more_than_has_to_be),
        cmocka_unit_test(very_many_short_words_are_no_trouble),
        cmocka_unit_test(of_a_phrase_that_is_too_long_the_beginning_is_asked_for),
        cmocka_unit_test(of_a_phrase_with_tags_some_of_its_terms_are_asked_for),
        cmocka_unit_test(a_word_that_is_too_long_is_asked_for_only_by_what_is_beside_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
