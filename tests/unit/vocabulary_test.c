/* post/vocabulary.h: whatever a query finds, its terms are there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka needs the four on top */
#include <cmocka.h>

#include "post/query_internal.h"
#include "post/vocabulary.h"

#include "query_random.h"

static bool has_term(struct slice terms, struct slice wanted, bool prefix) {
    while (terms.length) {
        size_t length =
            (size_t)((char *)memchr(terms.data, VOCABULARY_END, terms.length) - terms.data);
        struct slice term = slice_first(terms, length);
        if (prefix ? slice_starts(term, wanted) : slice_equal(term, wanted)) return true;
        terms = slice_skip(terms, length + 1);
    }
    return false;
}

static bool term_may_hold(const struct query_set *set, uint32_t number, struct slice terms,
                          struct arena *arena) {
    struct slice term;
    const struct query_term *wanted = &set->terms[number];
    enum vocabulary_use use = vocabulary_term(wanted->kind, wanted->text, arena, &term);
    return use == VOCABULARY_NONE || has_term(terms, term, use == VOCABULARY_PREFIX);
}

/* What an index of these terms would say of the node. */
static bool may_hold(const struct query_set *set, uint32_t at, struct slice terms,
                     struct arena *arena) {
    const struct query_node *node = &set->nodes[at];
    if (node->op == QUERY_TERM) return term_may_hold(set, node->number, terms, arena);
    if (node->op == QUERY_PHRASE) {
        for (uint32_t i = 0; i < node->count; i++)
            if (!term_may_hold(set, set->phrase_terms[node->number + i], terms, arena))
                return false;
        return true;
    }
    if (node->op != QUERY_AND && node->op != QUERY_OR && node->op != QUERY_NEAR) return true;
    bool deciding = node->op == QUERY_OR;
    for (uint32_t child = at + 1; child < node->end; child = set->nodes[child].end)
        if (may_hold(set, child, terms, arena) == deciding) return deciding;
    return !deciding;
}

struct counts {
    int held, passed, refused;
};

static void look(const struct query_set *set, struct query_scratch *scratch,
                 struct message *message, struct arena *arena, struct counts *counts) {
    struct buffer terms;
    buffer_init(&terms, 1 << 20);
    query_set_match(set, scratch, message, arena);
    assert_true(vocabulary_of(message, NULL, 0, arena, &terms));
    uint32_t next = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        bool held = next < message->query_count && message->queries[next] == i;
        bool may = may_hold(set, set->queries[i].root, buffer_slice(&terms), arena);
        next += held;
        counts->held += held;
        counts->passed += may;
        counts->refused += !may;
        if (held && !may)
            fail_msg("'%.*s' on '%.*s'", SLICE_ARGS(set->queries[i].text),
                     SLICE_ARGS(message->text));
    }
    buffer_free(&terms);
}

static struct query_set *make_set(const struct query_source *sources, size_t count) {
    struct error err;
    size_t bad_query, bad_offset;
    struct query_set *set = query_set_create(sources, count, &bad_query, &bad_offset, &err);
    if (set == NULL) fail_msg("%s", err.text);
    return set;
}

static void what_random_queries_find_has_their_terms(void **state) {
    (void)state;
    struct arena arena;
    struct counts counts = { 0 };
    arena_init(&arena);
    srand(7);
    for (int round = 0; round < 1000; round++) {
        struct query_source sources[SET_MAX];
        for (size_t i = 0; i < SET_MAX; i++)
            sources[i] =
                (struct query_source){ "q", plain_write(plain_random(&arena, rand() % 4), &arena),
                                       false };
        struct query_set *set = make_set(sources, SET_MAX);
        struct query_scratch *scratch = query_scratch_create(set);
        for (int i = 0; i < 5; i++) {
            struct plain_text text;
            struct message message = plain_message(&text, &arena);
            look(set, scratch, &message, &arena, &counts);
        }
        query_scratch_destroy(scratch);
        query_set_destroy(set);
        arena_reset(&arena, ARENA_BLOCK_BYTES);
    }
    assert_true(counts.held > 5000 && counts.refused > 5000);
    arena_free(&arena);
}

static const char *const leaves[] = {
    "coffee",
    "Straße",
    "STRASSE",
    "can't",
    "3.5",
    "\xe6\x9d\xb1\xe4\xba\xac",
    "\"good #Tea\"",
    "#tea",
    "#1",
    "@anna",
    "@anna@example.org",
    "$AAPL",
    "\"pay $AAPL now\"",
    "cof*",
    "\xf0\x9f\x91\x8d",
    "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd",
    "url:example.org",
    "url:\"a/b\"",
    "\"https://www.example.org/a/b\"",
    "from:anna",
    "from:7",
    "from:anna@example.org",
    "lang:en",
    "lang:en-gb",
    "network:X",
    "has:links",
    "is:reply",
    "-coffee",
    "\"see https://t.co/a\"",
    "coffee NEAR/3 tea",
    "\"@anna likes\"",
};
static const char *const pieces[] = {
    "coffee",
    "STRASSE",
    "stra\xc3\x9f"
    "e",
    "can\xe2\x80\x99t",
    "3.5",
    "\xe6\x9d\xb1\xe4\xba\xac",
    "good #TEA",
    "tea",
    "@Anna@example.org",
    "@anna likes",
    "pay $aapl now",
    "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd",
    "\xf0\x9f\x91\x8d",
    "https://www.Example.org/a/b",
    "see",
    "https://t.co/a",
    "\xff\x01",
    "\xef\xbc\x83tea",
    "a\x1f"
    "b",
};
static const char *const items[] = { "Tea",
                                     "1",
                                     "anna@example.org",
                                     "Anna",
                                     "aapl",
                                     "a\037b",
                                     "https://www.example.org/a/b",
                                     "https://t.co/a" };
static const char *const langs[] = { "", "en", "en-GB", "de" };
#define PICK(array) slice_of((array)[(size_t)rand() % LENGTH(array)])

static struct slice_list random_list(struct arena *arena) {
    struct slice_list list = { arena_alloc(arena, 3 * sizeof *list.items), (uint32_t)rand() % 4 };
    for (uint32_t i = 0; i < list.count; i++)
        list.items[i] = PICK(items);
    return list;
}

static struct message random_message(struct arena *arena) {
    struct slice text = SLICE("");
    for (int i = rand() % 8; i > 0; i--) {
        struct slice piece = PICK(pieces);
        text = arena_format(arena, "%.*s %.*s", SLICE_ARGS(text), SLICE_ARGS(piece));
    }
    return (struct message){ .text = text,
                             .quoted_text = rand() % 4 ? SLICE("") : PICK(pieces),
                             .lang = PICK(langs),
                             .network = rand() % 2 ? SLICE("x") : SLICE("bluesky"),
                             .author = { .id = rand() % 2 ? SLICE("7") : SLICE(""),
                                         .handle = PICK(items) },
                             .hashtags = random_list(arena),
                             .mentions = random_list(arena),
                             .cashtags = random_list(arena),
                             .urls = random_list(arena) };
}

static void each_kind_of_term_is_found_in_random_messages(void **state) {
    (void)state;
    struct arena arena;
    struct query_source sources[LENGTH(leaves)];
    struct counts counts = { 0 };
    arena_init(&arena);
    srand(11);
    for (size_t i = 0; i < LENGTH(leaves); i++)
        sources[i] = (struct query_source){ "q", slice_of(leaves[i]), false };
    struct query_set *set = make_set(sources, LENGTH(leaves));
    struct query_scratch *scratch = query_scratch_create(set);
    for (int round = 0; round < 20000; round++) {
        struct message message = random_message(&arena);
        look(set, scratch, &message, &arena, &counts);
        arena_reset(&arena, ARENA_BLOCK_BYTES);
    }
    /* and hardly more is: it narrows down */
    assert_true(counts.held > 50000 && counts.passed < counts.held * 3 / 2);
    query_scratch_destroy(scratch);
    query_set_destroy(set);
    arena_free(&arena);
}

static void a_term_is_cut_and_holds_no_end_in_both_directions(void **state) {
    (void)state;
    struct arena arena;
    struct buffer terms;
    struct slice term;
    char tag[400];
    arena_init(&arena);
    buffer_init(&terms, 1 << 20);
    memset(tag, 'a', sizeof tag);
    tag[5] = VOCABULARY_END;
    struct slice long_tag = slice_from(tag, sizeof tag), name = SLICE("my\x1fquery");
    struct message message = { .hashtags = { &long_tag, 1 } };
    assert_true(vocabulary_of(&message, &name, 1, &arena, &terms));
    assert_int_equal(vocabulary_term(TERM_TAG, long_tag, &arena, &term), VOCABULARY_TERM);
    assert_int_equal(term.length, VOCABULARY_MAX_BYTES);
    assert_true(has_term(buffer_slice(&terms), term, false));
    assert_true(has_term(buffer_slice(&terms), vocabulary_query(name, &arena), false));
    assert_int_equal(vocabulary_term(TERM_TO, SLICE("anna"), &arena, &term), VOCABULARY_NONE);
    buffer_free(&terms);
    buffer_init(&terms, 8);
    assert_false(vocabulary_of(&message, &name, 1, &arena, &terms));
    buffer_free(&terms);
    arena_free(&arena);
}

int main(void) {
    (void)random_queries_agree_with_a_plain_evaluator;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_random_queries_find_has_their_terms),
        cmocka_unit_test(each_kind_of_term_is_found_in_random_messages),
        cmocka_unit_test(a_term_is_cut_and_holds_no_end_in_both_directions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
