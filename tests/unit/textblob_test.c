/* TextBlob: equal to the reference on every row, any text survived, any sensible lexicon served. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "lexicon_from_lua.h"
#include "sentiment_rows.h"

static void *bundled; /* the engine with the lexicon that users get */
static struct arena arena;

static int engine_make(void **state) {
    (void)state;
    struct error err = { 0 };
    struct lexicon *lexicon = lexicon_from_lua("plugins/lexicons/textblob.lua");
    bundled = textblob_ops.create(lexicon, &err);
    lexicon_destroy(lexicon);
    arena_init(&arena);
    return bundled == NULL;
}

static int engine_drop(void **state) {
    (void)state;
    textblob_ops.destroy(bundled);
    arena_free(&arena);
    return 0;
}

static double value_of(const void *engine, struct slice text) {
    return textblob_ops.score(engine, text, &arena, false).value;
}

static bool label_fits(const struct label_rule *rule, double value) {
    return rule->kind == LABEL_ELSE || value < rule->bound ||
           (rule->kind == LABEL_UPTO && value == rule->bound);
}

static void row_check(const struct row *row, void *context) {
    (void)context;
    struct score score = textblob_ops.score(bundled, row->text, &arena, false);
    const struct label_rule *label = textblob_ops.labels;
    while (!label_fits(label, score.value))
        label++;
    if (fabs(score.value - atof(row->columns[2])) > 1e-9 ||
        fabs(score.parts[0].value - atof(row->columns[3])) > 1e-9 ||
        !slice_is(label->name, row->columns[4]))
        fail_msg("%s: %.17g, not %s", row->columns[1], score.value, row->columns[2]);
    struct score told = textblob_ops.score(bundled, row->text, &arena, true);
    if (told.value != score.value || !evidence_adds_up(&told))
        fail_msg("%s: the explanation does not add up", row->columns[1]);
    arena_reset(&arena, ARENA_BLOCK_BYTES * 2);
}

static void awkward_texts_score_as_in_the_reference(void **state) {
    (void)state;
    FILE *file = rows_open("tests/data/sentiment", "textblob_edge.tsv");
    assert_int_equal(rows_each(file, row_check, NULL), 165);
}

static void posts_score_as_in_the_reference(void **state) {
    (void)state;
    size_t rows = rows_each_shared("textblob_expected.tsv", row_check, NULL);
    assert_true(rows == 0 || rows == 2165);
}

static void an_explanation_names_adverbs_and_negations(void **state) {
    (void)state;
    struct score score = textblob_ops.score(bundled, SLICE("not very good !"), &arena, true);
    assert_int_equal(score.evidence_count, 1);
    assert_true(slice_is(score.evidence[0].word, "good"));
    assert_true(slice_is(score.evidence[0].note, "0.7 in the lexicon, x 0.769231 by \"very\", "
                                                 "x -0.5 negated by \"not\", x 1.25 for \"!\""));
}

/* What the reference joins it joins here: the rows have few of these. */
static void emoticons_with_blanks_are_read_and_sentences_part_them(void **state) {
    (void)state;
    assert_true(value_of(bundled, SLICE(": )")) == 0.5);
    assert_true(value_of(bundled, SLICE(": ' (")) == -1);
    assert_true(value_of(bundled, SLICE(":o )")) == 0.75);
    assert_true(value_of(bundled, SLICE(":\n\n(")) == 0);
    assert_true(value_of(bundled, SLICE("*\n\n)")) == 0.25);
    assert_true(value_of(bundled, SLICE("o . O")) == 0);
    assert_true(value_of(bundled, SLICE("< 3")) == 1);
    assert_true(value_of(bundled, SLICE("\xE2\x99\xA5")) == 1);
}

static void a_mark_of_irony_is_subjective_and_nothing_else(void **state) {
    (void)state;
    struct score score = textblob_ops.score(bundled, SLICE("( ! )"), &arena, false);
    assert_true(score.value == 0 && score.parts[0].value == 1);
}

static void broken_bytes_harm_nobody(void **state) {
    (void)state;
    uint32_t seed = 1;
    for (int round = 0; round < 20000; round++) {
        char text[48];
        for (size_t i = 0; i < sizeof text; i++) {
            seed = seed * 1664525 + 1013904223;
            text[i] = (char)(seed >> 24);
        }
        double value = value_of(bundled, slice_from(text, seed >> 8 & 31));
        assert_true(value >= -1 && value <= 1);
        arena_reset(&arena, ARENA_BLOCK_BYTES);
    }
    assert_true(value_of(bundled, slice_from(NULL, 0)) == 0);
}

static void a_million_marks_are_explained_in_bounded_space(void **state) {
    (void)state;
    size_t length = SCORER_TEXT_MAX;
    char *text = memory_alloc(length);
    memset(text, '!', length);
    memcpy(text, "bad ", 4);
    struct score score = textblob_ops.score(bundled, slice_from(text, length), &arena, true);
    assert_true(score.value == -1);
    assert_true(score.evidence[0].note.length < 1000);
    for (size_t i = 0; i < length; i++)
        text[i] = "very "[i % 5];
    score = textblob_ops.score(bundled, slice_from(text, length), &arena, true);
    assert_int_equal(score.evidence_count, 1);
    memory_free(text);
    arena_reset(&arena, 0);
}

/* Initials without end before marks without end: each full stop asks for the whole word. */
static void a_long_word_with_stops_takes_no_quadratic_time(void **state) {
    (void)state;
    size_t length = SCORER_TEXT_MAX;
    char *text = memory_alloc(length);
    for (size_t i = 0; i < length; i++)
        text[i] = (i < length / 2 ? "a." : "!.")[i % 2];
    assert_true(value_of(bundled, slice_from(text, length)) == 0);
    memory_free(text);
    arena_reset(&arena, 0);
}

static void *engine_of(enum lexicon_section section, const char *key, const double numbers[3],
                       struct error *err) {
    struct lexicon *lexicon = lexicon_create();
    struct lexicon_entry entry = { .key = slice_of(key) };
    memcpy(entry.numbers, numbers, sizeof entry.numbers);
    lexicon_set(lexicon, section, &entry);
    void *engine = textblob_ops.create(lexicon, err);
    lexicon_destroy(lexicon);
    return engine;
}

static void a_key_in_capitals_matches_in_any_case(void **state) {
    (void)state;
    struct error err = { 0 };
    void *engine = engine_of(LEXICON_WORDS, "Stonks", (double[]){ 0.6, 0.9, 1 }, &err);
    assert_non_null(engine);
    assert_true(value_of(engine, SLICE("STONKS, stonks")) == 0.6);
    textblob_ops.destroy(engine);
}

static void an_emoticon_of_ones_own_is_read(void **state) {
    (void)state;
    struct error err = { 0 };
    void *engine = engine_of(LEXICON_EMOTICONS, "\\o/", (double[]){ 0.8, 0, 1 }, &err);
    assert_non_null(engine);
    assert_true(value_of(engine, SLICE("yes \\ o /")) == 0.8);
    textblob_ops.destroy(engine);
}

static void numbers_without_sense_are_refused_by_name(void **state) {
    (void)state;
    struct error err = { 0 };
    assert_null(engine_of(LEXICON_WORDS, "stonks", (double[]){ 2.4, 0, 1 }, &err));
    assert_non_null(strstr(err.text, "\"stonks\" needs a polarity between -1 and 1"));
    assert_null(engine_of(LEXICON_WORDS, "stonks", (double[]){ 0.4, -1, 1 }, &err));
    assert_null(engine_of(LEXICON_WORDS, "stonks", (double[]){ 0.4, 1, 0 }, &err));
    assert_null(engine_of(LEXICON_EMOTICONS, ":)", (double[]){ NAN, 0, 1 }, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(awkward_texts_score_as_in_the_reference),
        cmocka_unit_test(posts_score_as_in_the_reference),
        cmocka_unit_test(an_explanation_names_adverbs_and_negations),
        cmocka_unit_test(emoticons_with_blanks_are_read_and_sentences_part_them),
        cmocka_unit_test(a_mark_of_irony_is_subjective_and_nothing_else),
        cmocka_unit_test(broken_bytes_harm_nobody),
        cmocka_unit_test(a_million_marks_are_explained_in_bounded_space),
        cmocka_unit_test(a_long_word_with_stops_takes_no_quadratic_time),
        cmocka_unit_test(a_key_in_capitals_matches_in_any_case),
        cmocka_unit_test(an_emoticon_of_ones_own_is_read),
        cmocka_unit_test(numbers_without_sense_are_refused_by_name),
    };
    return cmocka_run_group_tests(tests, engine_make, engine_drop);
}
