/* Instants and the ways networks write them, held against the C library's calendar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <time.h>

#include "base/date.h"

#define YEAR_0_MS INT64_C(-62167219200000)
#define YEAR_10000_MS INT64_C(253402300800000)

static int64_t iso(const char *text) {
    int64_t ms;
    assert_true(date_read_iso(slice_of(text), &ms));
    return ms;
}

static void assert_writes(int64_t ms, const char *expected) {
    char out[DATE_BYTES];
    assert_int_equal(date_write(ms, out), 24);
    assert_string_equal(out, expected);
}

static void known_instants_are_written(void **state) {
    (void)state;
    assert_writes(0, "1970-01-01T00:00:00.000Z");
    assert_writes(-1, "1969-12-31T23:59:59.999Z");
    assert_writes(1539202764000, "2018-10-10T20:19:24.000Z");
    assert_writes(951782400123, "2000-02-29T00:00:00.123Z");
    assert_writes(YEAR_0_MS, "0000-01-01T00:00:00.000Z");
    assert_writes(YEAR_10000_MS - 1, "9999-12-31T23:59:59.999Z");
}

static void years_are_clipped(void **state) {
    (void)state;
    assert_writes(INT64_MIN, "0000-01-01T00:00:00.000Z");
    assert_writes(YEAR_0_MS - 1, "0000-01-01T00:00:00.000Z");
    assert_writes(YEAR_10000_MS, "9999-12-31T23:59:59.999Z");
    assert_writes(INT64_MAX, "9999-12-31T23:59:59.999Z");
}

static void every_day_agrees_with_the_c_library_and_reads_back(void **state) {
    (void)state;
    int64_t step = INT64_C(86400000) * 3 + 12345679; /* odd, so that all times of day come by */
    for (int64_t ms = YEAR_0_MS; ms < YEAR_10000_MS; ms += step) {
        char out[DATE_BYTES], expected[80];
        int64_t of_second = (ms % 1000 + 1000) % 1000;
        time_t seconds = (time_t)((ms - of_second) / 1000);
        struct tm tm;
        gmtime_r(&seconds, &tm);
        snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                 (int)of_second);
        date_write(ms, out);
        assert_string_equal(out, expected);
        assert_true(iso(out) == ms);
    }
}

static void iso_dates_come_in_many_forms(void **state) {
    (void)state;
    int64_t noon = 1539172800000;
    assert_true(iso("2018-10-10T12:00:00Z") == noon);
    assert_true(iso("2018-10-10t12:00:00z") == noon);
    assert_true(iso("2018-10-10 12:00:00") == noon);
    assert_true(iso("2018-10-10T12:00:00") == noon); /* bare: UTC */
    assert_true(iso("2018-10-10") == noon - 43200000);
    assert_true(iso("2018-10-10T14:00:00+02:00") == noon);
    assert_true(iso("2018-10-10T14:00:00+0200") == noon);
    assert_true(iso("2018-10-10T07:00:00-05") == noon);
    assert_true(iso("2018-10-11T11:59:00+23:59") == noon);
    assert_true(iso("2018-10-10T12:00:00.5Z") == noon + 500);
    assert_true(iso("2018-10-10T12:00:00.123456789Z") == noon + 123);
    assert_true(iso("2016-12-31T23:59:60Z") == iso("2017-01-01T00:00:00Z"));
}

static void what_is_no_iso_date_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",
        "2018",
        "2018-10",
        "2018-10-1",
        "2018-13-01",
        "2018-00-01",
        "2018-01-00",
        "2018-02-29",
        "1900-02-29",
        "2018-04-31",
        "2018-10-10T",
        "2018-10-10T24:00:00Z",
        "2018-10-10T12:60:00Z",
        "2018-10-10T12:00:61Z",
        "2018-10-10T12:00:00.Z",
        "2018-10-10T12:00:00+",
        "2018-10-10T12:00:00+2",
        "2018-10-10T12:00:00+24:00",
        "2018-10-10T12:00:00+02:",
        "2018-10-10T12:00:00Zx",
        " 2018-10-10",
        "2018-10-10Z",
        "+2018-10-10",
        "-018-10-10",
        "12018-10-10",
    };
    int64_t ms;
    for (size_t i = 0; i < LENGTH(wrong); i++)
        assert_false(date_read_iso(slice_of(wrong[i]), &ms));
    assert_true(date_read_iso(SLICE("2000-02-29"), &ms));
}

static void dates_of_x_are_read(void **state) {
    (void)state;
    int64_t ms;
    assert_true(date_read_x1(SLICE("Wed Oct 10 20:19:24 +0000 2018"), &ms));
    assert_true(ms == 1539202764000);
    assert_true(date_read_x1(SLICE("Wed Oct 10 20:19:24 -0130 2018"), &ms));
    assert_true(ms == 1539202764000 + 90 * 60000);
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    for (int month = 1; month <= 12; month++) {
        char text[40], expected[40];
        snprintf(text, sizeof text, "Mon %s 01 00:00:00 +0000 2020", months[month - 1]);
        snprintf(expected, sizeof expected, "2020-%02d-01", month);
        assert_true(date_read_x1(slice_of(text), &ms));
        assert_true(ms == iso(expected));
    }
}

static void what_is_no_date_of_x_is_refused(void **state) {
    (void)state;
    static const char right[] = "Wed Oct 10 20:19:24 +0000 2018";
    int64_t ms;
    for (size_t length = 0; length < sizeof right - 1; length++)
        assert_false(date_read_x1(slice_from(right, length), &ms));
    assert_false(date_read_x1(SLICE("Wed Okt 10 20:19:24 +0000 2018"), &ms));
    assert_false(date_read_x1(SLICE("Wed Feb 30 20:19:24 +0000 2018"), &ms));
    assert_false(date_read_x1(SLICE("Wed Oct 10 20:19:24 +000: 2018"), &ms));
    assert_false(date_read_x1(SLICE("Wed Oct 10 20:19:24 Z     2018"), &ms));
    assert_false(date_read_x1(SLICE("Wed Oct 10 20:19:24 +0000 20181"), &ms));
    assert_false(date_read_x1(slice_from(NULL, 0), &ms));
}

static void epoch_milliseconds_are_whole_and_within_the_years(void **state) {
    (void)state;
    int64_t ms;
    assert_true(date_read_epoch_ms(SLICE("1539202764000"), &ms) && ms == 1539202764000);
    assert_true(date_read_epoch_ms(SLICE("0"), &ms) && ms == 0);
    assert_true(date_read_epoch_ms(SLICE("-1"), &ms) && ms == -1);
    assert_true(date_read_epoch_ms(SLICE("-62167219200000"), &ms) && ms == YEAR_0_MS);
    assert_true(date_read_epoch_ms(SLICE("253402300799999"), &ms) && ms == YEAR_10000_MS - 1);
    static const char *const wrong[] = {
        "",
        "-",
        "--1",
        "+1",
        "1.0",
        "1e3",
        " 1",
        "1 ",
        "x",
        "253402300800000",
        "-62167219200001",
        "99999999999999999999999999",
    };
    for (size_t i = 0; i < LENGTH(wrong); i++)
        assert_false(date_read_epoch_ms(slice_of(wrong[i]), &ms));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_instants_are_written),
        cmocka_unit_test(years_are_clipped),
        cmocka_unit_test(every_day_agrees_with_the_c_library_and_reads_back),
        cmocka_unit_test(iso_dates_come_in_many_forms),
        cmocka_unit_test(what_is_no_iso_date_is_refused),
        cmocka_unit_test(dates_of_x_are_read),
        cmocka_unit_test(what_is_no_date_of_x_is_refused),
        cmocka_unit_test(epoch_milliseconds_are_whole_and_within_the_years),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
