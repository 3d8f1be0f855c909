/* JSON string escapes to UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "json/unescape.h"

static struct arena arena;

static int begin(void **state) {
    (void)state;
    arena_init(&arena);
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

static void assert_gives(const char *inner, struct slice expected) {
    struct slice text;
    assert_true(json_unescape(slice_of(inner), &arena, &text));
    assert_true(slice_equal(text, expected));
}

static void every_short_escape_is_known(void **state) {
    (void)state;
    assert_gives("a\\\"\\\\\\/\\b\\f\\n\\r\\tz", SLICE("a\"\\/\b\f\n\r\tz"));
    assert_gives("", SLICE(""));
    assert_gives("plain", SLICE("plain"));
}

static void every_code_point_can_be_written_with_u(void **state) {
    (void)state;
    for (uint32_t code_point = 0; code_point <= 0x10FFFF;
         code_point += code_point < 0x900 ? 1 : 7) {
        char inner[20], expected[4];
        if (code_point >= 0xD800 && code_point <= 0xDFFF) continue;
        if (code_point < 0x10000)
            snprintf(inner, sizeof inner, "\\u%04x", code_point);
        else
            snprintf(inner, sizeof inner, "\\u%04X\\u%04x", 0xD800 + ((code_point - 0x10000) >> 10),
                     0xDC00 + ((code_point - 0x10000) & 0x3FF));
        assert_gives(inner, slice_from(expected, utf8_encode(code_point, expected)));
        arena_reset(&arena, ARENA_BLOCK_BYTES * 2);
    }
}

static void each_lone_surrogate_is_one_replacement_character(void **state) {
    (void)state;
#define LONE "\xEF\xBF\xBD"
    assert_gives("\\ud800", SLICE(LONE));
    assert_gives("\\udfff", SLICE(LONE));
    assert_gives("\\ud800\\ud800", SLICE(LONE LONE));
    assert_gives("\\ud800\\ud83d\\ude00", SLICE(LONE "\xF0\x9F\x98\x80"));
    assert_gives("\\ud83dx\\ude00", SLICE(LONE "x" LONE));
    assert_gives("\\ud83d\\n", SLICE(LONE "\n"));
    assert_gives("\\ud83d\\u0041", SLICE(LONE "A"));
    assert_gives("\\ude00\\ud83d", SLICE(LONE LONE));
}

static void what_rfc_8259_does_not_know_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = { "\\",         "a\\",          "\\a",          "\\0",
                                         "\\x41",      "\\U0041",      "\\u",          "\\u1",
                                         "\\u12",      "\\u123",       "\\u12g4",      "\\u-123",
                                         "\\u 123",    "\\'",          "\\ud83d\\u12", "\\ud83d\\",
                                         "\\ud83d\\q", "\\u00\xC3\xA9" };
    struct slice text;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(json_unescape(slice_of(wrong[i]), &arena, &text));
    assert_false(json_unescape(slice_from("\\\0", 2), &arena, &text));
}

static void the_text_may_replace_what_it_was_made_of(void **state) {
    (void)state;
    struct slice text = SLICE("a\\u0000b");
    assert_true(json_unescape(text, &arena, &text));
    assert_int_equal(text.length, 3);
    assert_memory_equal(text.data, "a\0b", 3);
}

static void nothing_is_read_behind_the_end(void **state) {
    (void)state;
    static const char whole[] = "x\\ud83d\\ude00\\n\\u0041";
    for (size_t length = 0; length < sizeof whole; length++) {
        char *exact = malloc(length ? length : 1); /* the address sanitizer watches its end */
        struct slice text;
        memcpy(exact, whole, length);
        (void)!json_unescape(slice_from(exact, length), &arena, &text);
        free(exact);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_short_escape_is_known),
        cmocka_unit_test(every_code_point_can_be_written_with_u),
        cmocka_unit_test(each_lone_surrogate_is_one_replacement_character),
        cmocka_unit_test(what_rfc_8259_does_not_know_is_refused),
        cmocka_unit_test(the_text_may_replace_what_it_was_made_of),
        cmocka_unit_test(nothing_is_read_behind_the_end),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
