/* The words of a scorer: setting, finding, order, copies, removal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lexicon_from_lua.h"
#include "sentiment/scorer.h"

static void word_set(struct lexicon *lexicon, const char *key, double value) {
    struct lexicon_entry entry = { .key = slice_of(key), .numbers = { value, 0, 1 } };
    lexicon_set(lexicon, LEXICON_WORDS, &entry);
}

static double word_get(const struct lexicon *lexicon, const char *key) {
    const struct lexicon_entry *entry = lexicon_find(lexicon, LEXICON_WORDS, slice_of(key));
    assert_non_null(entry);
    return entry->numbers[0];
}

static void an_empty_lexicon_finds_nothing(void **state) {
    (void)state;
    struct lexicon *lexicon = lexicon_create();
    assert_null(lexicon_find(lexicon, LEXICON_WORDS, SLICE("good")));
    assert_int_equal(lexicon_count(lexicon, LEXICON_WORDS), 0);
    assert_false(lexicon_remove(lexicon, SLICE("good")));
    lexicon_destroy(lexicon);
}

static void keys_keep_their_case_and_are_copied(void **state) {
    (void)state;
    struct lexicon *lexicon = lexicon_create();
    char key[] = "Stonks";
    word_set(lexicon, key, 2.4);
    memset(key, 'x', 6);
    assert_true(word_get(lexicon, "Stonks") == 2.4);
    assert_null(lexicon_find(lexicon, LEXICON_WORDS, SLICE("stonks")));
    lexicon_destroy(lexicon);
}

static void a_second_value_replaces_the_first_in_its_place(void **state) {
    (void)state;
    struct lexicon *lexicon = lexicon_create();
    word_set(lexicon, "a", 1);
    word_set(lexicon, "b", 2);
    word_set(lexicon, "a", 3);
    assert_int_equal(lexicon_count(lexicon, LEXICON_WORDS), 2);
    assert_true(slice_is(lexicon_at(lexicon, LEXICON_WORDS, 0)->key, "a"));
    assert_true(word_get(lexicon, "a") == 3);
    lexicon_destroy(lexicon);
}

static void removal_keeps_the_order_and_reaches_every_section(void **state) {
    (void)state;
    struct lexicon *lexicon = lexicon_create();
    struct lexicon_entry negator = { .key = SLICE("b") };
    word_set(lexicon, "a", 1);
    word_set(lexicon, "b", 2);
    word_set(lexicon, "c", 3);
    lexicon_set(lexicon, LEXICON_NEGATORS, &negator);
    assert_true(lexicon_remove(lexicon, SLICE("b")));
    assert_false(lexicon_remove(lexicon, SLICE("b")));
    assert_int_equal(lexicon_count(lexicon, LEXICON_WORDS), 2);
    assert_int_equal(lexicon_count(lexicon, LEXICON_NEGATORS), 0);
    assert_true(slice_is(lexicon_at(lexicon, LEXICON_WORDS, 1)->key, "c"));
    assert_true(word_get(lexicon, "c") == 3);
    lexicon_destroy(lexicon);
}

static void a_copy_lives_on_without_its_base(void **state) {
    (void)state;
    struct lexicon *base = lexicon_create();
    struct lexicon_entry emoji = { .key = SLICE("\xF0\x9F\x98\x80"), .text = SLICE("a face") };
    word_set(base, "good", 1.9);
    lexicon_set(base, LEXICON_EMOJI, &emoji);
    struct lexicon *copy = lexicon_copy(base);
    word_set(copy, "bad", -2.5);
    assert_int_equal(lexicon_count(base, LEXICON_WORDS), 1);
    lexicon_destroy(base);
    assert_true(word_get(copy, "good") == 1.9);
    assert_true(slice_is(lexicon_find(copy, LEXICON_EMOJI, emoji.key)->text, "a face"));
    lexicon_destroy(copy);
}

static void copying_nothing_gives_an_empty_lexicon(void **state) {
    (void)state;
    struct lexicon *lexicon = lexicon_copy(NULL);
    assert_int_equal(lexicon_count(lexicon, LEXICON_WORDS), 0);
    lexicon_destroy(lexicon);
    lexicon_destroy(NULL);
}

static void ten_thousand_words_are_found_again(void **state) {
    (void)state;
    struct lexicon *lexicon = lexicon_create();
    char key[32];
    for (int i = 0; i < 10000; i++) {
        snprintf(key, sizeof key, "word%d", i);
        word_set(lexicon, key, i);
    }
    for (int i = 0; i < 10000; i++) {
        snprintf(key, sizeof key, "word%d", i);
        assert_true(word_get(lexicon, key) == i);
    }
    lexicon_destroy(lexicon);
}

static void the_bundled_lexicons_are_whole(void **state) {
    (void)state;
    struct lexicon *vader = lexicon_from_lua("plugins/lexicons/vader.lua");
    assert_int_equal(lexicon_count(vader, LEXICON_WORDS), 7504);
    assert_int_equal(lexicon_count(vader, LEXICON_BOOSTERS), 84);
    assert_int_equal(lexicon_count(vader, LEXICON_NEGATORS), 59);
    assert_int_equal(lexicon_count(vader, LEXICON_IDIOMS), 9);
    assert_int_equal(lexicon_count(vader, LEXICON_EMOJI), 1212);
    lexicon_destroy(vader);
    struct lexicon *textblob = lexicon_from_lua("plugins/lexicons/textblob.lua");
    assert_int_equal(lexicon_count(textblob, LEXICON_WORDS), 2860);
    assert_int_equal(lexicon_count(textblob, LEXICON_EMOTICONS), 76);
    assert_int_equal(lexicon_count(textblob, LEXICON_NEGATORS), 4);
    assert_int_equal(lexicon_count(textblob, LEXICON_ABBREVIATIONS), 37);
    lexicon_destroy(textblob);
}

static void engines_are_found_by_name(void **state) {
    (void)state;
    for (size_t i = 0; scorer_ops_name(i); i++)
        assert_string_equal(scorer_ops_find(slice_of(scorer_ops_name(i)))->name,
                            scorer_ops_name(i));
    assert_non_null(scorer_ops_find(SLICE("vader")));
    assert_non_null(scorer_ops_find(SLICE("textblob")));
    assert_null(scorer_ops_find(SLICE("vade")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_lexicon_finds_nothing),
        cmocka_unit_test(keys_keep_their_case_and_are_copied),
        cmocka_unit_test(a_second_value_replaces_the_first_in_its_place),
        cmocka_unit_test(removal_keeps_the_order_and_reaches_every_section),
        cmocka_unit_test(a_copy_lives_on_without_its_base),
        cmocka_unit_test(copying_nothing_gives_an_empty_lexicon),
        cmocka_unit_test(ten_thousand_words_are_found_again),
        cmocka_unit_test(the_bundled_lexicons_are_whole),
        cmocka_unit_test(engines_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
