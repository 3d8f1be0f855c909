/* VADER: equal to the reference on every row, any text survived, any sensible lexicon served. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "lexicon_from_lua.h"
#include "sentiment/rounding.h"
#include "sentiment_rows.h"

static void *bundled; /* the engine with the lexicon that users get */
static struct arena arena;

static int engine_make(void **state) {
    (void)state;
    struct error err = { 0 };
    struct lexicon *lexicon = lexicon_from_lua("plugins/lexicons/vader.lua");
    bundled = vader_ops.create(lexicon, &err);
    lexicon_destroy(lexicon);
    arena_init(&arena);
    return bundled == NULL;
}

static int engine_drop(void **state) {
    (void)state;
    vader_ops.destroy(bundled);
    arena_free(&arena);
    return 0;
}

static double value_of(const void *engine, struct slice text) {
    return vader_ops.score(engine, text, &arena, false).value;
}

static void row_check(const struct row *row, void *context) {
    (void)context;
    struct score score = vader_ops.score(bundled, row->text, &arena, false);
    double wanted[] = { atof(row->columns[5]), atof(row->columns[2]), atof(row->columns[3]),
                        atof(row->columns[4]) };
    bool same = score.value == wanted[0] && score.parts[0].value == wanted[1] &&
                score.parts[1].value == wanted[2] && score.parts[2].value == wanted[3];
    if (!same) fail_msg("%s: %.4f, not %.4f", row->columns[1], score.value, wanted[0]);
    struct score told = vader_ops.score(bundled, row->text, &arena, true);
    if (told.value != score.value || !evidence_adds_up(&told))
        fail_msg("%s: the explanation does not add up", row->columns[1]);
    arena_reset(&arena, ARENA_BLOCK_BYTES * 2);
}

static void awkward_texts_score_as_in_the_reference(void **state) {
    (void)state;
    FILE *file = rows_open("tests/data/sentiment", "vader_edge.tsv");
    assert_int_equal(rows_each(file, row_check, NULL), 165);
}

static void posts_and_reviews_score_as_in_the_reference(void **state) {
    (void)state;
    size_t rows = rows_each_shared("vader_expected.tsv", row_check, NULL);
    assert_true(rows == 0 || rows == 10073);
}

static bool note_holds(const struct score *score, const char *word, const char *piece) {
    for (size_t i = 0; i < score->evidence_count; i++) {
        const struct evidence *evidence = &score->evidence[i];
        if (slice_is(evidence->word, word) &&
            memmem(evidence->note.data, evidence->note.length, piece, strlen(piece)))
            return true;
    }
    return false;
}

static void an_explanation_names_what_changed_a_word(void **state) {
    (void)state;
    struct slice text = SLICE("It was not very good, but I am REALLY happy!");
    struct score score = vader_ops.score(bundled, text, &arena, true);
    assert_true(note_holds(&score, "good", "+0.293 boosted by \"very\""));
    assert_true(note_holds(&score, "good", "negated by \"not\""));
    assert_true(note_holds(&score, "good", "x 0.5 before \"but\""));
    assert_true(note_holds(&score, "happy", "boosted by \"REALLY\""));
    assert_true(note_holds(&score, "happy", "x 1.5 after \"but\""));
    assert_non_null(memmem(score.summary.data, score.summary.length, "0.292 for \"!\"", 13));
}

static void an_explanation_names_idioms_and_capitals(void **state) {
    (void)state;
    struct score score =
        vader_ops.score(bundled, SLICE("that cake is to die for, GREAT"), &arena, true);
    assert_true(note_holds(&score, "GREAT", "+0.733 in capitals"));
    score = vader_ops.score(bundled, SLICE("we met at the bus stop, good"), &arena, true);
    assert_true(note_holds(&score, "good", "becomes 0 in the idiom \"bus stop\""));
}

/* The value is halved or raised where the reference would do it, in a time that a million words
 * allow. */
static void a_long_text_with_but_takes_no_quadratic_time(void **state) {
    (void)state;
    size_t length = SCORER_TEXT_MAX;
    char *text = memory_alloc(length);
    for (size_t i = 0; i < length; i++)
        text[i] = "good great but "[i % 15];
    assert_true(value_of(bundled, slice_from(text, length)) == 1.0);
    memory_free(text);
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
    assert_true(value_of(bundled, SLICE("good\xFF bad")) < 0);
    assert_true(value_of(bundled, slice_from(NULL, 0)) == 0);
}

static void *engine_of(enum lexicon_section section, const char *key, double number,
                       struct error *err) {
    struct lexicon *lexicon = lexicon_create();
    struct lexicon_entry entry = { .key = slice_of(key),
                                   .numbers = { number, 0, 1 },
                                   .text = SLICE("words") };
    lexicon_set(lexicon, section, &entry);
    void *engine = vader_ops.create(lexicon, err);
    lexicon_destroy(lexicon);
    return engine;
}

static void a_key_in_capitals_matches_in_any_case(void **state) {
    (void)state;
    struct error err = { 0 };
    void *engine = engine_of(LEXICON_WORDS, "STONKS", 2.4, &err);
    assert_non_null(engine);
    assert_true(value_of(engine, SLICE("stonks")) > 0.5);
    assert_true(value_of(engine, SLICE("Stonks!")) > 0.5);
    vader_ops.destroy(engine);
}

static void a_key_with_blanks_is_no_idiom_and_no_error(void **state) {
    (void)state;
    struct error err = { 0 };
    void *engine = engine_of(LEXICON_WORDS, " to the moon ", 2.4, &err);
    assert_non_null(engine);
    assert_true(value_of(engine, SLICE("to the moon")) == 0);
    vader_ops.destroy(engine);
}

static void letters_beyond_ascii_are_lowered(void **state) {
    (void)state;
    struct error err = { 0 };
    void *engine = engine_of(LEXICON_WORDS, "ÉBLOUISSANT", 3, &err);
    assert_non_null(engine);
    assert_true(value_of(engine, SLICE("éblouissant")) > 0.5);
    vader_ops.destroy(engine);
}

static void numbers_without_sense_are_refused_by_name(void **state) {
    (void)state;
    struct error err = { 0 };
    assert_null(engine_of(LEXICON_WORDS, "stonks", NAN, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
    assert_non_null(strstr(err.text, "\"stonks\""));
    assert_null(engine_of(LEXICON_BOOSTERS, "mega", INFINITY, &err));
    assert_null(engine_of(LEXICON_EMOJI, "x", 0, &err));
    assert_non_null(strstr(err.text, "emoji"));
}

static void an_empty_lexicon_scores_everything_neutral(void **state) {
    (void)state;
    struct error err = { 0 };
    struct lexicon *lexicon = lexicon_create();
    void *engine = vader_ops.create(lexicon, &err);
    lexicon_destroy(lexicon);
    assert_non_null(engine);
    struct score score = vader_ops.score(engine, SLICE("NO kind of good, least but"), &arena, true);
    assert_true(score.known && score.value == 0 && score.parts[1].value == 1);
    vader_ops.destroy(engine);
}

static void rounding_agrees_with_printf(void **state) {
    (void)state;
    assert_true(decimal_round(0.5, 0) == 0);
    assert_true(decimal_round(2.675, 2) == 2.67);
    assert_true(decimal_round(-0.00005, 4) == -0.0001 || decimal_round(-0.00005, 4) == 0);
    char digits[32];
    for (int i = 0; i < 200000; i++) {
        double value = i % 2 ? i / 200000.0 : (i + 0.5) / 10000.0 / 21;
        snprintf(digits, sizeof digits, "%.4f", value);
        assert_true(decimal_round(value, 4) == strtod(digits, NULL));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(awkward_texts_score_as_in_the_reference),
        cmocka_unit_test(posts_and_reviews_score_as_in_the_reference),
        cmocka_unit_test(an_explanation_names_what_changed_a_word),
        cmocka_unit_test(an_explanation_names_idioms_and_capitals),
        cmocka_unit_test(a_long_text_with_but_takes_no_quadratic_time),
        cmocka_unit_test(broken_bytes_harm_nobody),
        cmocka_unit_test(a_key_in_capitals_matches_in_any_case),
        cmocka_unit_test(a_key_with_blanks_is_no_idiom_and_no_error),
        cmocka_unit_test(letters_beyond_ascii_are_lowered),
        cmocka_unit_test(numbers_without_sense_are_refused_by_name),
        cmocka_unit_test(an_empty_lexicon_scores_everything_neutral),
        cmocka_unit_test(rounding_agrees_with_printf),
    };
    return cmocka_run_group_tests(tests, engine_make, engine_drop);
}
