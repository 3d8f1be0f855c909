/* The query language: rows of tests/data/queries, refusals, explanations, and random queries over
 * random texts against a plain evaluator. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "query_fixture.h"
#include <cmocka.h>
#include <stdlib.h>

#define DATA "tests/data/queries/"

/* Runs `row` for each line of a file, without its end; returns how many there were. */
static size_t each_line(const char *path, void (*row)(char *line)) {
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char line[8192];
    size_t count = 0;
    for (; fgets(line, sizeof line, file); count++) {
        line[strcspn(line, "\n")] = '\0';
        row(line);
    }
    fclose(file);
    return count;
}

static int failures;

static void check_row(char *line, enum query_language language) {
    struct arena arena;
    struct error err = { 0 };
    char *query = strchr(line, '\t') + 1, *json = strchr(query, '\t');
    *json++ = '\0';
    arena_init(&arena);
    struct message message = fixture_message(json, &arena);
    struct query_source source = { .name = "row", .text = slice_of(query), .language = language };
    int got = fixture_match(source, &message, &arena, &err);
    if (got != line[0] - '0') {
        print_error("%d instead of %c: %s  on  %s  %s\n", got, line[0], query, json, err.text);
        failures++;
    }
    arena_free(&arena);
}

static void check_query_row(char *line) { check_row(line, QUERY_LANGUAGE); }
static void check_track_row(char *line) { check_row(line, QUERY_TRACK_LIST); }
static void check_search_row(char *line) { check_row(line, QUERY_SEARCH_LANGUAGE); }

static void every_row_of_the_tables_gives_what_it_expects(void **state) {
    (void)state;
    failures = 0;
    assert_true(each_line(DATA "cases.tsv", check_query_row) >= 50);
    assert_true(each_line(DATA "more.tsv", check_query_row) >= 150);
    assert_int_equal(failures, 0);
}

static void track_lists_match_as_the_stream_documents(void **state) {
    (void)state;
    failures = 0;
    assert_true(each_line(DATA "track.tsv", check_track_row) >= 30);
    assert_int_equal(failures, 0);
}

static void a_search_may_ask_for_what_processing_found(void **state) {
    (void)state;
    failures = 0;
    assert_true(each_line(DATA "search.tsv", check_search_row) >= 25);
    assert_int_equal(failures, 0);
}

static bool refused(struct query_source source, size_t *offset, struct error *err) {
    size_t bad_query = 99;
    struct query_set *set = query_set_create(&source, 1, &bad_query, offset, err);
    if (set) query_set_destroy(set);
    return set == NULL && bad_query == 0;
}

static void check_bad(char *line) {
    struct error err = { 0 };
    size_t offset = SIZE_MAX;
    bool fine =
        refused((struct query_source){ "bad", slice_of(line), QUERY_LANGUAGE }, &offset, &err) &&
        offset <= strlen(line) && err.kind == ERROR_CONFIG && err.caret >= 1 && err.line == 1 &&
        strlen(err.text) > 15 && strcmp(err.file, "bad") == 0;
    if (fine) return;
    print_error("not refused well: %s (%s)\n", line, err.text);
    failures++;
}

static void every_bad_query_is_refused_with_place_and_sentence(void **state) {
    (void)state;
    failures = 0;
    assert_true(each_line(DATA "bad.txt", check_bad) >= 10);
    assert_true(each_line(DATA "bad_more.txt", check_bad) >= 100);
    assert_int_equal(failures, 0);
}

static void assert_refused(const char *query, size_t at, const char *text, const char *suggestion) {
    struct error err = { 0 };
    size_t offset = SIZE_MAX;
    assert_true(
        refused((struct query_source){ "q", slice_of(query), QUERY_LANGUAGE }, &offset, &err));
    assert_int_equal(offset, at);
    assert_string_equal(err.text, text);
    assert_string_equal(err.suggestion, suggestion);
}

static void a_refusal_names_the_byte_and_suggests_a_cure(void **state) {
    (void)state;
    assert_refused("cat fro:anna", 4, "there is no operator 'fro:'", "did you mean from:?");
    assert_refused("has:hashtag", 4, "has: does not know 'hashtag'", "did you mean has:hashtags?");
    assert_refused("(cat", 0, "the parenthesis opened here is never closed", "");
    assert_refused("a \"open", 2, "the quotation mark opened here is never closed", "");
    assert_refused("/a(/", 3, "the regular expression is wrong here: missing closing parenthesis",
                   "");
    assert_refused(
        "a sentiment:negative", 2,
        "sentiment: asks for what is found only after this query has matched; it works in "
        "search and alerts",
        "");
    assert_refused("cat AND dog", 4, "AND is not written: a space already means it",
                   "leave AND out, or write \"and\" to look for the word");
    assert_refused("", 0, "the query is empty", "");
    assert_refused(" \t\n", 0, "the query is empty", "");
    assert_refused("a \xFF", 2, "the query is not valid UTF-8 here", "");
}

static void what_no_search_could_find_is_refused_at_its_place(void **state) {
    static const struct {
        const char *text;
        size_t offset;
    } bad[] = { { "a score:", 8 },    { "a score:bad", 8 },         { "score:<", 6 },
                { "score:1..", 6 },   { "score:0.5..0.1", 6 },      { "sentiment:", 10 },
                { "score:0x10", 6 },  { "a sentimet:negative", 2 }, { "query:(a OR b)", 6 },
                { "score:=>0.5", 6 }, { "a NEAR/3 score:1", 9 } };
    (void)state;
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct error err = { 0 };
        size_t offset = SIZE_MAX;
        struct query_source source = { "q", slice_of(bad[i].text), QUERY_SEARCH_LANGUAGE };
        assert_true(refused(source, &offset, &err));
        if (offset != bad[i].offset) print_error("%s: %s\n", bad[i].text, err.text);
        assert_int_equal(offset, bad[i].offset);
    }
}

static void lengths_and_depths_have_ceilings(void **state) {
    (void)state;
    static char text[40000];
    struct error err;
    size_t offset;
    memset(text, 'a', QUERY_MAX_BYTES + 1);
    assert_true(
        refused((struct query_source){ "q", slice_from(text, QUERY_MAX_BYTES + 1), QUERY_LANGUAGE },
                &offset, &err));
    assert_false(
        refused((struct query_source){ "q", slice_from(text, QUERY_MAX_BYTES), QUERY_LANGUAGE },
                &offset, &err));
    for (size_t depth = QUERY_MAX_DEPTH; depth <= QUERY_MAX_DEPTH + 1; depth++) {
        memset(text, '(', depth);
        text[depth] = 'a';
        memset(text + depth + 1, ')', depth);
        struct query_source source = { "q", slice_from(text, 2 * depth + 1), QUERY_LANGUAGE };
        assert_int_equal(refused(source, &offset, &err), depth > QUERY_MAX_DEPTH);
    }
    for (size_t terms = TRACK_MAX_TERMS; terms <= TRACK_MAX_TERMS + 1; terms++) {
        for (size_t i = 0; i < terms; i++)
            memcpy(text + 2 * i, "a,", 2);
        struct query_source source = { "q", slice_from(text, 2 * terms - 1), QUERY_TRACK_LIST };
        assert_int_equal(refused(source, &offset, &err), terms > TRACK_MAX_TERMS);
    }
    memset(text, 'a', 61);
    assert_true(refused((struct query_source){ "q", slice_from(text, 61), QUERY_TRACK_LIST },
                        &offset, &err));
    assert_false(refused((struct query_source){ "q", slice_from(text, 60), QUERY_TRACK_LIST },
                         &offset, &err));
    assert_true(
        refused((struct query_source){ "q", SLICE("a,,b"), QUERY_TRACK_LIST }, &offset, &err));
    assert_int_equal(offset, 2);
}

static void many_queries_are_matched_at_once_in_ascending_order(void **state) {
    (void)state;
    static const struct query_source sources[] = {
        { "a", { "cat", 3 }, false },      { "b", { "-dog", 4 }, false },
        { "c", { "dog", 3 }, false },      { "d", { "lang:en", 7 }, false },
        { "e", { "mouse,cat", 9 }, true },
    };
    struct arena arena;
    struct error err;
    size_t bad_query, bad_offset;
    arena_init(&arena);
    struct query_set *set = query_set_create(sources, 5, &bad_query, &bad_offset, &err);
    assert_non_null(set);
    assert_int_equal(query_set_count(set), 5);
    struct query_scratch *scratch = query_scratch_create(set);
    struct message cat = fixture_message("{\"text\":\"cat cat\",\"lang\":\"en\"}", &arena);
    struct message dog = fixture_message("{\"text\":\"dog\"}", &arena);
    for (int round = 0; round < 3; round++) {
        query_set_match(set, scratch, &cat, &arena);
        assert_int_equal(cat.query_count, 4);
        assert_memory_equal(cat.queries, ((uint32_t[]){ 0, 1, 3, 4 }), 4 * sizeof(uint32_t));
        query_set_match(set, scratch, &dog, &arena);
        assert_int_equal(dog.query_count, 1);
        assert_int_equal(dog.queries[0], 2);
    }
    query_scratch_destroy(scratch);
    query_set_destroy(set);
    arena_free(&arena);
}

static void an_empty_set_matches_nothing(void **state) {
    (void)state;
    struct error err;
    size_t bad_query, bad_offset;
    struct arena arena;
    arena_init(&arena);
    struct query_set *set = query_set_create(NULL, 0, &bad_query, &bad_offset, &err);
    struct query_scratch *scratch = query_scratch_create(set);
    struct message message = { .text = SLICE("cat"), .query_count = 9 };
    query_set_match(set, scratch, &message, &arena);
    assert_int_equal(query_set_count(set), 0);
    assert_int_equal(message.query_count, 0);
    query_scratch_destroy(scratch);
    query_set_destroy(set);
    arena_free(&arena);
}

/* "term=matched; ..." */
static void assert_explained(const char *query, const char *json, const char *expected) {
    struct error err;
    struct arena arena;
    size_t bad_query, bad_offset, count, used = 0;
    char out[1000] = "";
    struct query_source source = { "q", slice_of(query), QUERY_LANGUAGE };
    arena_init(&arena);
    struct query_set *set = query_set_create(&source, 1, &bad_query, &bad_offset, &err);
    assert_non_null(set);
    struct query_scratch *scratch = query_scratch_create(set);
    struct message message = fixture_message(json, &arena);
    struct query_reason *reasons = query_set_explain(set, scratch, &message, &arena, &count);
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(out + used, sizeof out - used, "%s%.*s=%.*s", i ? "; " : "",
                                 SLICE_ARGS(reasons[i].term), SLICE_ARGS(reasons[i].matched));
    assert_string_equal(out, expected);
    query_scratch_destroy(scratch);
    query_set_destroy(set);
    arena_free(&arena);
}

static void an_explanation_names_terms_and_what_they_met(void **state) {
    (void)state;
    assert_explained("cat OR dog", "{\"text\":\"my CAT\"}", "cat=CAT");
    assert_explained("/c.t/ \"coca cola\" -dog lang:en",
                     "{\"text\":\"Coca-Cola cut\",\"lang\":\"en\"}",
                     "/c.t/=cut; \"coca cola\"=Coca-Cola; -dog=; lang:en=en");
    assert_explained("acme NEAR/3 refund*", "{\"text\":\"want Refunds from ACME now\"}",
                     "acme NEAR/3 refund*=Refunds from ACME");
    assert_explained("#cat has:hashtags from:anna is:reply",
                     "{\"text\":\"x\",\"hashtags\":[\"Cat\"],\"reply\":true,\"author\":{\"handle\":"
                     "\"Anna\",\"id\":\"7\"}}",
                     "#cat=Cat; has:hashtags=Cat; from:anna=Anna; is:reply=");
    assert_explained("url:example", "{\"text\":\"see https://Example.org\"}",
                     "url:example=Example");
    assert_explained("cat", "{\"text\":\"dog\"}", "");
}

static void a_regular_expression_that_never_ends_is_stopped(void **state) {
    (void)state;
    struct arena arena;
    struct error err;
    arena_init(&arena);
    struct message message = { .text =
                                   SLICE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!") };
    struct query_source source = { "q", SLICE("/^(a+)+$/"), QUERY_LANGUAGE };
    assert_int_equal(fixture_match(source, &message, &arena, &err), 0);
    arena_free(&arena);
}

static void broken_text_is_searched_without_harm(void **state) {
    (void)state;
    struct arena arena;
    struct error err;
    arena_init(&arena);
    struct message message = { .text = SLICE("\xFF cat \xE2\x82") };
    assert_int_equal(fixture_match((struct query_source){ "q", SLICE("cat"), QUERY_LANGUAGE },
                                   &message, &arena, &err),
                     1);
    assert_int_equal(fixture_match((struct query_source){ "q", SLICE("/c.t/"), QUERY_LANGUAGE },
                                   &message, &arena, &err),
                     1);
    struct message none = { 0 };
    assert_int_equal(
        fixture_match((struct query_source){ "q", SLICE("-/c.t/ -cat"), QUERY_LANGUAGE }, &none,
                      &arena, &err),
        1);
    arena_free(&arena);
}

static void a_sample_is_the_same_each_time_and_about_as_large_as_asked(void **state) {
    (void)state;
    struct arena arena;
    struct error err;
    arena_init(&arena);
    int kept = 0;
    for (int i = 0; i < 2000; i++) {
        struct message message = { .id = arena_format(&arena, "%d", i) };
        struct query_source source = { "q", SLICE("sample:10"), QUERY_LANGUAGE };
        int first = fixture_match(source, &message, &arena, &err);
        assert_int_equal(fixture_match(source, &message, &arena, &err), first);
        kept += first;
    }
    assert_in_range(kept, 140, 260);
    arena_free(&arena);
}

static void random_bytes_never_break_the_parser(void **state) {
    (void)state;
    static const char *const pieces[] = { "a",
                                          "(",
                                          ")",
                                          " ",
                                          " OR ",
                                          "-",
                                          "\"",
                                          "NEAR/2 ",
                                          "from:",
                                          "[",
                                          "1 ",
                                          "]",
                                          "/",
                                          "*",
                                          "#",
                                          "~3",
                                          "\\",
                                          "has:links",
                                          "sample:",
                                          "point_radius:",
                                          "\xFF",
                                          "\xE6\x9D\xB1",
                                          "bounding_box:",
                                          "NOT ",
                                          "km",
                                          ":",
                                          "@" };
    struct error err;
    struct arena arena;
    arena_init(&arena);
    srand(11);
    for (int round = 0; round < 30000; round++) {
        char text[300];
        size_t length = 0;
        for (int left = rand() % 14; left > 0; left--) {
            const char *piece = pieces[(size_t)rand() % LENGTH(pieces)];
            memcpy(text + length, piece, strlen(piece));
            length += strlen(piece);
        }
        char *exact = malloc(length ? length : 1);
        memcpy(exact, text, length);
        struct message message = { .text = SLICE("a a b \xE6\x9D\xB1") };
        struct query_source source = { "q", slice_from(exact, length),
                                       (enum query_language)(round % 3) };
        error_clear(&err);
        if (fixture_match(source, &message, &arena, &err) < 0) assert_true(err.text[0]);
        free(exact);
        arena_reset(&arena, ARENA_BLOCK_BYTES);
    }
    arena_free(&arena);
}

#include "query_random.h"

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_the_tables_gives_what_it_expects),
        cmocka_unit_test(track_lists_match_as_the_stream_documents),
        cmocka_unit_test(a_search_may_ask_for_what_processing_found),
        cmocka_unit_test(what_no_search_could_find_is_refused_at_its_place),
        cmocka_unit_test(every_bad_query_is_refused_with_place_and_sentence),
        cmocka_unit_test(a_refusal_names_the_byte_and_suggests_a_cure),
        cmocka_unit_test(lengths_and_depths_have_ceilings),
        cmocka_unit_test(many_queries_are_matched_at_once_in_ascending_order),
        cmocka_unit_test(an_empty_set_matches_nothing),
        cmocka_unit_test(an_explanation_names_terms_and_what_they_met),
        cmocka_unit_test(a_regular_expression_that_never_ends_is_stopped),
        cmocka_unit_test(broken_text_is_searched_without_harm),
        cmocka_unit_test(a_sample_is_the_same_each_time_and_about_as_large_as_asked),
        cmocka_unit_test(random_bytes_never_break_the_parser),
        cmocka_unit_test(random_queries_agree_with_a_plain_evaluator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
