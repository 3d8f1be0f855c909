/* UTF-8 and folding: every code point, every kind of broken bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/utf8.h"
#include "text/fold.h"
#include <cmocka.h>
#include <stdlib.h>
#include <utf8proc.h>

static void every_code_point_survives_encoding_and_decoding(void **state) {
    (void)state;
    for (uint32_t code_point = 0; code_point <= 0x10FFFF; code_point++) {
        char bytes[4];
        const char *at = bytes;
        size_t length = utf8_encode(code_point, bytes);
        bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
        assert_int_equal(utf8_decode(&at, bytes + length),
                         surrogate ? UTF8_REPLACEMENT : code_point);
        assert_ptr_equal(at, bytes + length);
        assert_true(utf8_valid(slice_from(bytes, length)));
        assert_int_equal(utf8_count(slice_from(bytes, length)), 1);
    }
}

static void what_is_no_code_point_is_encoded_as_replacement(void **state) {
    (void)state;
    char bytes[4];
    assert_int_equal(utf8_encode(0x110000, bytes), 3);
    assert_memory_equal(bytes, "\xEF\xBF\xBD", 3);
}

static void broken_bytes_are_replaced_one_by_one(void **state) {
    (void)state;
    static const char *const broken[] = { "\x80",
                                          "\xC0\xAF",
                                          "\xC1\xBF",
                                          "\xE0\x80\x80",
                                          "\xED\xA0\x80",
                                          "\xF0\x80\x80\x80",
                                          "\xF4\x90\x80\x80",
                                          "\xF5\x80\x80\x80",
                                          "\xFF",
                                          "\xC3",
                                          "\xE2\x82",
                                          "\xF0\x9F\x98" };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct slice text = slice_of(broken[i]);
        const char *at = text.data, *end = text.data + text.length;
        assert_false(utf8_valid(text));
        assert_int_equal(utf8_count(text), text.length);
        while (at < end)
            assert_int_equal(utf8_decode(&at, end), UTF8_REPLACEMENT);
    }
}

static void a_broken_byte_does_not_swallow_its_neighbours(void **state) {
    (void)state;
    const char *text = "\xC3"
                       "a",
               *at = text;
    assert_int_equal(utf8_decode(&at, text + 2), UTF8_REPLACEMENT);
    assert_int_equal(utf8_decode(&at, text + 2), 'a');
}

static void folding_agrees_with_utf8proc_for_every_code_point_between_letters(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    for (uint32_t code_point = 0x80; code_point <= 0x10FFFF; code_point++) {
        if ((code_point >= 0xD800 && code_point <= 0xDFFF) || code_point == 0x2019) continue;
        char bytes[8] = "e";
        size_t length = 1 + utf8_encode(code_point, bytes + 1);
        bytes[length++] = 'X';
        utf8proc_uint8_t *composed = NULL, *expected = NULL;
        utf8proc_ssize_t size = utf8proc_map((utf8proc_uint8_t *)bytes, (utf8proc_ssize_t)length,
                                             &composed, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
        size = utf8proc_map(composed, size, &expected,
                            UTF8PROC_COMPOSE | UTF8PROC_STABLE | UTF8PROC_CASEFOLD);
        struct slice folded = fold_text(slice_from(bytes, length), &arena);
        assert_int_equal(folded.length, size);
        assert_memory_equal(folded.data, expected, folded.length);
        free(composed);
        free(expected);
        arena_reset(&arena, ARENA_BLOCK_BYTES);
    }
    arena_free(&arena);
}

static void assert_folds(const char *text, const char *expected) {
    struct arena arena;
    arena_init(&arena);
    struct slice folded = fold_text(slice_of(text), &arena);
    assert_int_equal(folded.length, strlen(expected));
    assert_memory_equal(folded.data, expected, folded.length);
    arena_free(&arena);
}

static void folding_is_full_keeps_accents_and_straightens_apostrophes(void **state) {
    (void)state;
    assert_folds("", "");
    assert_folds("Don\u2019T", "don't");
    assert_folds("STRA\u00DFE", "strasse");
    assert_folds("\u0130", "i\u0307");
    assert_folds("I\u0307", "i\u0307");
    assert_folds("CAFE\u0301", "caf\u00E9");
    assert_folds("\uFB03", "ffi");
    assert_folds("\u1100\u1161\u11A8", "\uAC01");
    assert_folds("a\xFFZ", "a\uFFFDz");
}

static void folding_a_long_run_of_marks_stays_within_its_memory(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    enum { MARKS = 40000 };
    char *text = malloc(2 * MARKS);
    for (size_t i = 0; i < MARKS; i++)
        memcpy(text + 2 * i, i % 2 ? "\u0316" : "\u0301", 2);
    struct slice folded = fold_text(slice_from(text, 2 * MARKS), &arena);
    assert_int_equal(folded.length, 2 * MARKS);
    for (size_t i = 0; i < MARKS; i++) /* decomposes to four bytes from two */
        memcpy(text + 2 * i, "\u0344", 2);
    folded = fold_text(slice_from(text, 2 * MARKS), &arena);
    assert_int_equal(folded.length, 4 * MARKS);
    free(text);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_survives_encoding_and_decoding),
        cmocka_unit_test(what_is_no_code_point_is_encoded_as_replacement),
        cmocka_unit_test(broken_bytes_are_replaced_one_by_one),
        cmocka_unit_test(a_broken_byte_does_not_swallow_its_neighbours),
        cmocka_unit_test(folding_agrees_with_utf8proc_for_every_code_point_between_letters),
        cmocka_unit_test(folding_is_full_keeps_accents_and_straightens_apostrophes),
        cmocka_unit_test(folding_a_long_run_of_marks_stays_within_its_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
