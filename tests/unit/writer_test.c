/* Writing JSON: commas, escapes, broken bytes, growth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "padded.h"
#include "json/writer.h"

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

static void commas_stand_between_and_nowhere_else(void **state) {
    (void)state;
    struct writer writer;
    writer_init(&writer, &arena, 0);
    write_object(&writer);
    write_name(&writer, SLICE("a"));
    write_array(&writer);
    write_array_end(&writer);
    write_name(&writer, SLICE("b"));
    write_array(&writer);
    write_integer(&writer, 1);
    write_object(&writer);
    write_object_end(&writer);
    write_array(&writer);
    write_raw(&writer, SLICE("null"));
    write_array_end(&writer);
    write_double(&writer, 0.5);
    write_array_end(&writer);
    write_name(&writer, SLICE("c"));
    write_text(&writer, SLICE(""));
    write_object_end(&writer);
    assert_true(slice_is(writer_finish(&writer), "{\"a\":[],\"b\":[1,{},[null],0.5],\"c\":\"\"}"));
}

static void numbers_are_exact(void **state) {
    (void)state;
    struct writer writer;
    writer_init(&writer, &arena, 0);
    write_array(&writer);
    write_integer(&writer, INT64_MAX);
    write_integer(&writer, INT64_MIN);
    write_integer(&writer, 0);
    write_double(&writer, 0.1);
    write_double(&writer, NAN);
    write_raw(&writer, SLICE("18446744073709551616"));
    write_array_end(&writer);
    assert_true(slice_is(writer_finish(&writer), "[9223372036854775807,-9223372036854775808,0,0.1,"
                                                 "null,18446744073709551616]"));
}

static struct slice written(struct slice text) {
    struct writer writer;
    writer_init(&writer, &arena, 0);
    write_text(&writer, text);
    return writer_finish(&writer);
}

static void what_json_forbids_is_escaped_and_nothing_else(void **state) {
    (void)state;
    assert_true(slice_is(written(SLICE("\"\\/\b\f\n\r\t")), "\"\\\"\\\\/\\b\\f\\n\\r\\t\""));
    assert_true(
        slice_is(written(slice_from("\0\x1f\x0b\x7f", 4)), "\"\\u0000\\u001f\\u000b\x7f\""));
    assert_true(slice_is(written(SLICE("\xC3\xA9\xF0\x9F\x98\x80\xE2\x80\xA8")),
                         "\"\xC3\xA9\xF0\x9F\x98\x80\xE2\x80\xA8\""));
    assert_true(slice_is(written(slice_from(NULL, 0)), "\"\""));
}

static void broken_bytes_become_replacement_characters(void **state) {
    (void)state;
#define BROKEN "\xEF\xBF\xBD"
    assert_true(slice_is(written(SLICE("a\x80z")), "\"a" BROKEN "z\""));
    assert_true(slice_is(written(SLICE("\xED\xA0\x80")), "\"" BROKEN BROKEN BROKEN "\""));
    assert_true(slice_is(written(SLICE("\xC0\xAF\xF5")), "\"" BROKEN BROKEN BROKEN "\""));
    assert_true(slice_is(written(SLICE("x\xF0\x9F\x98")), "\"x" BROKEN BROKEN BROKEN "\""));
    assert_true(slice_is(written(SLICE(BROKEN)), "\"" BROKEN "\"")); /* it may stand there itself */
}

/* What any bytes become is JSON, and reads back as the same bytes where those were UTF-8. */
static void any_bytes_are_written_as_json(void **state) {
    (void)state;
    struct projection *projection = projection_create();
    assert_int_equal(projection_add(projection, SLICE("a")), 0);
    projection_seal(projection);
    struct projector *projector = projector_create(projection);
    srand(3);
    for (int round = 0; round < 5000; round++) {
        char bytes[64];
        size_t length = (size_t)rand() % sizeof bytes;
        for (size_t i = 0; i < length; i++)
            bytes[i] = (char)(rand() % 3 ? rand() % 128 : rand());
        struct writer writer;
        struct slice reason;
        writer_init(&writer, &arena, 0);
        write_object(&writer);
        write_name(&writer, SLICE("a"));
        write_text(&writer, slice_from(bytes, length));
        write_object_end(&writer);
        struct slice record = padded(&arena, writer_finish(&writer), ' ');
        const struct json_slot *slot = projector_run(projector, record, &arena, &reason);
        assert_non_null(slot);
        assert_true(utf8_valid(slot->first.text));
        if (utf8_valid(slice_from(bytes, length)))
            assert_true(slice_equal(slot->first.text, slice_from(bytes, length)));
        arena_reset(&arena, (size_t)1 << 20);
    }
    projector_destroy(projector);
    projection_destroy(projection);
}

static void it_grows_past_what_was_expected(void **state) {
    (void)state;
    struct writer writer;
    writer_init(&writer, &arena, 10);
    write_array(&writer);
    for (int i = 0; i < 30000; i++)
        write_text(&writer, SLICE("0123456789"));
    write_array_end(&writer);
    struct slice json = writer_finish(&writer);
    assert_int_equal(json.length, 30000 * 13 + 1);
    for (size_t i = 0; i < 30000; i++)
        assert_memory_equal(json.data + 1 + i * 13, "\"0123456789\"", 12);
}

static void what_was_not_needed_is_given_back(void **state) {
    (void)state;
    struct writer writer;
    writer_init(&writer, &arena, 100000);
    write_integer(&writer, 1);
    struct slice json = writer_finish(&writer);
    char *next = arena_alloc(&arena, 1);
    assert_true(next - json.data <= 16);
    memset(next, 'x', 1);
    assert_true(slice_is(json, "1"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_stand_between_and_nowhere_else),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(what_json_forbids_is_escaped_and_nothing_else),
        cmocka_unit_test(broken_bytes_become_replacement_characters),
        cmocka_unit_test(any_bytes_are_written_as_json),
        cmocka_unit_test(it_grows_past_what_was_expected),
        cmocka_unit_test(what_was_not_needed_is_given_back),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
