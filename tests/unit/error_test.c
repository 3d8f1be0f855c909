/* Errors: places, quoting, what is printed, "did you mean". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/utf8.h"

static const char *printed(const struct error *err) {
    static char out[4096];
    size_t length = error_print(err, out, sizeof out);
    assert_int_equal(length, strlen(out));
    return out;
}

static void setting_says_false_and_forgets_the_place(void **state) {
    (void)state;
    struct error err;
    error_clear(&err);
    error_locate(&err, "a.lua", SLICE("abc"), 1);
    assert_false(error_set(&err, ERROR_FAILED, "%s is %d", "x", 3));
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_string_equal(err.text, "x is 3");
    assert_int_equal(err.line, 0);
    assert_string_equal(err.file, "");
    assert_string_equal(printed(&err), "linnet: x is 3\n");
}

static void the_place_is_quoted_with_a_caret_and_a_suggestion(void **state) {
    (void)state;
    struct error err;
    error_set(&err, ERROR_CONFIG, "unknown key \"trakc\"");
    error_suggest(&err, "did you mean \"%s\"?", "track");
    error_locate(&err, "linnet.lua", SLICE("return {\r\n  trakc = 1,\r\n}\r\n"), 12);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 3);
    assert_string_equal(printed(&err), "linnet.lua:2:3: unknown key \"trakc\"\n"
                                       "      trakc = 1,\n"
                                       "      ^\n"
                                       "    did you mean \"track\"?\n");
}

static void columns_count_code_points(void **state) {
    (void)state;
    struct error err;
    error_set(&err, ERROR_CONFIG, "wrong");
    error_locate(&err, "q", slice_of("\xC3\xA9\xF0\x9F\x98\x80 OR ("), 10);
    assert_int_equal(err.column, 7);
    assert_int_equal(err.caret, 7);
}

static void an_offset_behind_the_end_is_the_end(void **state) {
    (void)state;
    struct error err;
    error_set(&err, ERROR_CONFIG, "unfinished");
    error_locate(&err, "q", SLICE("a\nbc"), 1000);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 3);
    error_locate(&err, NULL, slice_from(NULL, 0), 5);
    assert_int_equal(err.line, 1);
    assert_int_equal(err.column, 1);
    assert_string_equal(err.quoted, "");
}

static void a_tab_is_quoted_as_one_space(void **state) {
    (void)state;
    struct error err;
    error_set(&err, ERROR_CONFIG, "wrong");
    error_locate(&err, "a.lua", SLICE("\tworkers\t= x"), 11);
    assert_string_equal(printed(&err), "a.lua:1:12: wrong\n"
                                       "     workers = x\n"
                                       "               ^\n");
}

static void of_a_long_line_the_part_around_the_place_is_quoted(void **state) {
    (void)state;
    struct error err;
    char line[3000];
    for (size_t i = 0; i + 2 < sizeof line; i += 2)
        memcpy(line + i, "\xC3\xA9", 2);
    for (size_t at = 0; at + 2 < sizeof line; at += 2) {
        line[at] = '!';
        line[at + 1] = '!';
        error_set(&err, ERROR_CONFIG, "wrong");
        error_locate(&err, "q", slice_from(line, sizeof line - 2), at);
        assert_true(utf8_valid(slice_of(err.quoted)));
        const char *quoted = err.quoted;
        for (int i = 1; i < err.caret; i++)
            (void)utf8_decode(&quoted, err.quoted + strlen(err.quoted));
        assert_int_equal(*quoted, '!');
        memcpy(line + at, "\xC3\xA9", 2);
    }
}

static void no_control_character_is_printed(void **state) {
    (void)state;
    struct error err;
    error_set(&err, ERROR_CONFIG, "bad \x1b[31m\r\nname\x7f \xC2\x9B");
    error_suggest(&err, "did you\n mean \x1b?");
    error_locate(&err, "a\nb\x1b.lua", SLICE("x\x1b[0m\ty\xC2\x85"), 3);
    const char *out = printed(&err);
    int newlines = 0;
    for (const char *at = out, *end = out + strlen(out); at < end;) {
        uint32_t code_point = utf8_decode(&at, end);
        newlines += code_point == '\n';
        assert_true(code_point >= 0x20 || code_point == '\n');
        assert_false(code_point >= 0x7f && code_point < 0xa0);
    }
    assert_int_equal(newlines, 4);
}

static void what_does_not_fit_is_clipped(void **state) {
    (void)state;
    struct error err;
    error_set(&err, ERROR_CONFIG, "%0900d", 1);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    error_locate(&err, "some/file.lua", SLICE("the line"), 2);
    error_suggest(&err, "did you mean something else?");
    char out[2000];
    for (size_t size = 1; size < sizeof out; size++) {
        memset(out, '#', sizeof out);
        size_t length = error_print(&err, out, size);
        assert_true(length < size);
        assert_int_equal(out[length], 0);
        assert_int_equal(out[size], '#');
    }
}

static void the_kind_gives_the_exit_code(void **state) {
    (void)state;
    struct error err;
    error_clear(&err);
    assert_int_equal(error_exit_code(&err), 0);
    error_set(&err, ERROR_FAILED, "x");
    assert_int_equal(error_exit_code(&err), 1);
    error_set(&err, ERROR_USAGE, "x");
    assert_int_equal(error_exit_code(&err), 2);
    error_set(&err, ERROR_CONFIG, "x");
    assert_int_equal(error_exit_code(&err), 78);
}

static const char *name_at(const void *context, size_t i) {
    return ((const char *const *)context)[i];
}

static const char *nearest(const char *word) {
    static const char *const names[] = { "track",  "schema", "sources", "sinks", "ab",
                                         "scorer", "http",   "labels",  NULL };
    return nearest_name(slice_of(word), name_at, names);
}

static void a_slip_of_the_fingers_finds_its_name(void **state) {
    (void)state;
    assert_string_equal(nearest("trakc"), "track");  /* swapped */
    assert_string_equal(nearest("shema"), "schema"); /* one missing */
    assert_string_equal(nearest("sinkss"), "sinks"); /* one too many */
    assert_string_equal(nearest("sorces"), "sources");
    assert_string_equal(nearest("htpt"), "http");
    assert_string_equal(nearest("labels"), "labels");
}

static void what_is_further_away_than_half_its_length_is_no_slip(void **state) {
    (void)state;
    assert_null(nearest("zzzzz"));
    assert_null(nearest(""));
    assert_null(nearest("x"));
    assert_null(nearest("ax"));
    assert_null(nearest("hxxp"));
    assert_null(nearest("a word that is longer than any name could ever be, by far"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setting_says_false_and_forgets_the_place),
        cmocka_unit_test(the_place_is_quoted_with_a_caret_and_a_suggestion),
        cmocka_unit_test(columns_count_code_points),
        cmocka_unit_test(an_offset_behind_the_end_is_the_end),
        cmocka_unit_test(a_tab_is_quoted_as_one_space),
        cmocka_unit_test(of_a_long_line_the_part_around_the_place_is_quoted),
        cmocka_unit_test(no_control_character_is_printed),
        cmocka_unit_test(what_does_not_fit_is_clipped),
        cmocka_unit_test(the_kind_gives_the_exit_code),
        cmocka_unit_test(a_slip_of_the_fingers_finds_its_name),
        cmocka_unit_test(what_is_further_away_than_half_its_length_is_no_slip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
