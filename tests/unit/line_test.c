/* One post as one line: what it shows, how wide it is, and that nothing in it commands a terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "base/utf8.h"
#include "sinks/line.h"

static struct buffer out;

static int begin(void **state) {
    (void)state;
    buffer_init(&out, (size_t)1 << 20);
    return 0;
}

static int end(void **state) {
    (void)state;
    buffer_free(&out);
    return 0;
}

static struct slice shown(const struct line *line, int columns, bool color) {
    out.length = 0;
    assert_true(line_append(&out, line, columns, color));
    return buffer_slice(&out);
}

/* The same, as a C string. */
static const char *shown_text(const struct line *line, int columns, bool color) {
    shown(line, columns, color);
    assert_true(buffer_append(&out, slice_from("", 1)));
    return out.data;
}

static const struct line usual = { .when_ms = 1539202764000,
                                   .label = { "positive", 8 },
                                   .scored = true,
                                   .score = 0.6369,
                                   .queries = { "coffee", 6 },
                                   .author = { "ada", 3 },
                                   .text = { "I love this", 11 } };

static void a_post_shows_when_what_and_who(void **state) {
    (void)state;
    assert_true(slice_is(shown(&usual, 0, false),
                         "20:19:24  positive +0.637  coffee       @ada  I love this\n"));
    struct line bare = { .when_ms = INT64_MIN, .label = SLICE("unknown"), .text = SLICE("hi") };
    assert_true(slice_is(shown(&bare, 0, false), "          unknown       -               hi\n"));
}

static void colours_are_asked_for_and_closed(void **state) {
    (void)state;
    struct line line = usual;
    struct slice plain = shown(&line, 80, false);
    assert_null(memchr(plain.data, '\033', plain.length));
    assert_non_null(strstr(shown_text(&line, 80, true), "\033[32mpositive"));
    line.label = SLICE("negative");
    assert_non_null(strstr(shown_text(&line, 80, true), "\033[31mnegative"));
    assert_non_null(strstr(out.data, "\033[0m"));
}

/* Without our own colours no control character is left, and all of it is UTF-8. */
static void assert_inert(struct slice line) {
    assert_true(utf8_valid(line));
    assert_int_equal(line.data[line.length - 1], '\n');
    const char *at = line.data, *stop = at + line.length - 1;
    while (at < stop) {
        uint32_t code_point = utf8_decode(&at, stop);
        assert_false(code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0));
        assert_false(code_point == 0x2028 || code_point == 0x2029);
        assert_false(code_point >= 0x202a && code_point <= 0x202e); /* turn the line around */
        assert_false(code_point >= 0x2066 && code_point <= 0x2069);
    }
}

static void hostile_text_cannot_command_the_terminal(void **state) {
    (void)state;
    static const char *const hostile[] = {
        "\x1b[2J\x1b[31mred\x1b]0;title\x07",
        "a\nb\r\nc\rd\te\vf\fg\bh",
        "\xC2\x9B"
        "31m",
        "\x9b"
        "31m",
        "\xE2\x80\xAE"
        "right to left",
        "\xE2\x80\xA8 line \xE2\x80\xA9 paragraph",
        "\x7f\x01\x02",
        "\xff\xfe\x80 broken \xE2\x80",
        "\xE2\x81\xA6 isolate",
        "\xF3\xA0\x81\x81 tag",
    };
    for (size_t i = 0; i < LENGTH(hostile); i++)
        for (int columns = 0; columns <= 120; columns += 40) {
            struct line line = usual;
            line.text = slice_of(hostile[i]);
            assert_inert(shown(&line, columns, false));
            line.author = line.queries = line.label = slice_of(hostile[i]);
            assert_inert(shown(&line, columns, false));
        }
    struct line line = usual;
    line.text = slice_from("a\0b", 3);
    assert_inert(shown(&line, 80, false));
}

static void any_bytes_are_inert(void **state) {
    (void)state;
    srand(5);
    for (int round = 0; round < 5000; round++) {
        char bytes[60];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (char)(rand() % 2 ? rand() : 0x80 + rand() % 64);
        struct line line = usual;
        line.text = slice_from(bytes, sizeof bytes);
        line.author = slice_from(bytes, (size_t)rand() % 40);
        line.queries = slice_from(bytes + 7, (size_t)rand() % 40);
        assert_inert(shown(&line, rand() % 100, false));
    }
}

static void white_space_keeps_words_apart(void **state) {
    (void)state;
    struct line line = usual;
    line.text = SLICE("one\ntwo\tthree");
    assert_true(slice_ends(shown(&line, 0, false), SLICE("one two three\n")));
}

static int width_of(struct slice line) {
    int width = 0;
    const char *at = line.data, *stop = at + line.length - 1;
    while (at < stop)
        width += utf8proc_charwidth((utf8proc_int32_t)utf8_decode(&at, stop));
    return width;
}

static void no_line_is_wider_than_the_terminal(void **state) {
    (void)state;
    static const char *const texts[] = {
        "a long text that does not fit on the terminal, whatever its width, because it goes on and "
        "on and on and on and on and on and on and on and on and on and on and on and on",
        "\xE4\xBD\xA0\xE5\xA5\xBD\xE4\xBD\xA0\xE5\xA5\xBD\xE4\xBD\xA0\xE5\xA5\xBD\xE4\xBD\xA0\xE5"
        "\xA5\xBD\xE4\xBD\xA0\xE5\xA5\xBD\xE4\xBD\xA0\xE5\xA5\xBD\xE4\xBD\xA0\xE5\xA5\xBD",
        "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80 \xF0\x9F",
        "e\xCC\x81\xCC\x81\xCC\x81 short",
        "",
    };
    for (size_t i = 0; i < LENGTH(texts); i++)
        for (size_t cut = 0; cut < 2; cut++)
            for (int columns = 20; columns <= 130; columns++) {
                struct line line = usual;
                line.text = slice_of(texts[i]);
                if (cut) line.author = line.queries = slice_first(line.text, 42);
                assert_true(width_of(shown(&line, columns, false)) <= columns);
            }
}

static void what_is_cut_ends_in_an_ellipsis_and_what_fits_is_not_cut(void **state) {
    (void)state;
    struct line line = usual;
    int whole = width_of(shown(&line, 0, false));
    assert_true(slice_ends(shown(&line, whole, false), SLICE("I love this\n")));
    assert_true(slice_ends(shown(&line, whole - 1, false), SLICE("I love th\xE2\x80\xA6\n")));
    line.text = SLICE("I love this\x1b\n");
    assert_null(strstr(shown_text(&line, whole + 1, false), "\xE2\x80\xA6"));
}

static void a_full_buffer_is_told(void **state) {
    (void)state;
    for (size_t ceiling = 0; ceiling < 57; ceiling++) {
        struct buffer small;
        buffer_init(&small, ceiling);
        assert_false(line_append(&small, &usual, 0, false));
        buffer_free(&small);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_shows_when_what_and_who),
        cmocka_unit_test(colours_are_asked_for_and_closed),
        cmocka_unit_test(hostile_text_cannot_command_the_terminal),
        cmocka_unit_test(any_bytes_are_inert),
        cmocka_unit_test(white_space_keeps_words_apart),
        cmocka_unit_test(no_line_is_wider_than_the_terminal),
        cmocka_unit_test(what_is_cut_ends_in_an_ellipsis_and_what_fits_is_not_cut),
        cmocka_unit_test(a_full_buffer_is_told),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
