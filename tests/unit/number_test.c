/* Numbers in JSON: exact, nearest, shortest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "json/number.h"

static void integers_are_exact_to_64_bits(void **state) {
    (void)state;
    int64_t value;
    assert_true(number_integer(SLICE("9223372036854775807"), &value) && value == INT64_MAX);
    assert_true(number_integer(SLICE("-9223372036854775808"), &value) && value == INT64_MIN);
    assert_true(number_integer(SLICE("1050118621198921729"), &value) &&
                value == 1050118621198921729);
    assert_true(number_integer(SLICE("0"), &value) && value == 0);
    assert_true(number_integer(SLICE("-0"), &value) && value == 0);
}

static void what_is_no_such_integer_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = { "9223372036854775808",
                                         "-9223372036854775809",
                                         "18446744073709551616",
                                         "1.0",
                                         "1e3",
                                         "",
                                         "-",
                                         "x",
                                         "1x",
                                         "+1",
                                         " 1",
                                         "1 ",
                                         "null",
                                         "0x1" };
    int64_t value;
    for (size_t i = 0; i < LENGTH(wrong); i++)
        assert_false(number_integer(slice_of(wrong[i]), &value));
    assert_false(number_integer(slice_from(NULL, 0), &value));
}

static void assert_double(const char *text, double expected) {
    double value = -1;
    assert_true(number_double(slice_of(text), &value));
    assert_memory_equal(&value, &expected, sizeof value);
}

static void doubles_are_the_nearest_ones(void **state) {
    (void)state;
    assert_double("0.1", 0.1);
    assert_double("-9.1393", -9.1393);
    assert_double("1e22", 1e22);
    assert_double("9007199254740993", 9007199254740992.0);
    assert_double("9007199254740993.0000000000000001", 9007199254740994.0);
    assert_double("1.7976931348623157e308", DBL_MAX);
    assert_double("2.2250738585072011e-308", 2.2250738585072011e-308);
    assert_double("4.9406564584124654e-324", 4.9406564584124654e-324);
    assert_double("-0", -0.0);
    assert_double("1E+2", 100);
}

static void what_is_too_small_for_a_double_is_zero(void **state) {
    (void)state;
    char text[520] = "0.";
    assert_double("1e-400", 0.0);
    assert_double("-1e-400", -0.0);
    assert_double("123456789.5e-99999999999999999999", 0.0);
    memset(text + 2, '0', 500);
    text[502] = '1';
    assert_double(text, 0.0);
    assert_double("0e999999999999999999999", 0.0);
}

static void infinite_ones_are_refused(void **state) {
    (void)state;
    static const char *const wrong[] = { "1e309",       "-1e309", "1e99999999999999999999",
                                         "inf",         "-inf",   "nan",
                                         "Infinity",    "NaN",    "",
                                         "-",           "x",      "1x",
                                         "0.00001e400", "1e-" };
    double value;
    for (size_t i = 0; i < LENGTH(wrong); i++)
        assert_false(number_double(slice_of(wrong[i]), &value));
    char text[420];
    memset(text, '9', 400);
    assert_false(number_double(slice_from(text, 400), &value));
    memcpy(text + 400, "e-399", 5);
    assert_true(number_double(slice_from(text, 405), &value) && value == 10.0);
}

static void the_shortest_text_is_written(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = { { 0.1, "0.1" },   { 1, "1" },           { -2.5, "-2.5" },
                  { 0, "0" },       { 0.3181, "0.3181" }, { 1.0 / 3, "0.3333333333333333" },
                  { 1e22, "1e+22" } };
    char out[NUMBER_BYTES];
    for (size_t i = 0; i < LENGTH(cases); i++)
        assert_true(slice_is(slice_from(out, number_write(cases[i].value, out)), cases[i].text));
    assert_true(slice_is(slice_from(out, number_write(NAN, out)), "null"));
    assert_true(slice_is(slice_from(out, number_write(INFINITY, out)), "null"));
    assert_true(slice_is(slice_from(out, number_write(-INFINITY, out)), "null"));
}

static void every_double_reads_back_as_itself(void **state) {
    (void)state;
    uint64_t bits = 88172645463325252;
    for (int i = 0; i < 200000; i++) {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        double value, again;
        char out[NUMBER_BYTES];
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) continue;
        size_t length = number_write(value, out);
        assert_true(length < NUMBER_BYTES);
        assert_true(number_double(slice_from(out, length), &again));
        assert_memory_equal(&value, &again, sizeof value);
    }
}

static void no_locale_changes_anything(void **state) {
    (void)state;
    static const char *const locales[] = { "de_DE.UTF-8", "fr_FR.UTF-8", "pt_BR.UTF-8" };
    bool found = false;
    for (size_t i = 0; i < LENGTH(locales) && !found; i++)
        found = setlocale(LC_ALL, locales[i]) != NULL;
    if (!found) printf("note: no locale with a decimal comma is installed\n");
    char out[NUMBER_BYTES];
    assert_double("0.5", 0.5);
    assert_double("1e-400", 0.0);
    assert_true(slice_is(slice_from(out, number_write(0.5, out)), "0.5"));
    setlocale(LC_ALL, "C");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_exact_to_64_bits),
        cmocka_unit_test(what_is_no_such_integer_is_refused),
        cmocka_unit_test(doubles_are_the_nearest_ones),
        cmocka_unit_test(what_is_too_small_for_a_double_is_zero),
        cmocka_unit_test(infinite_ones_are_refused),
        cmocka_unit_test(the_shortest_text_is_written),
        cmocka_unit_test(every_double_reads_back_as_itself),
        cmocka_unit_test(no_locale_changes_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
