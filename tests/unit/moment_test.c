/* Instants as people type them, and where a wrong one is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "config/moment.h"
#include <cmocka.h>
#include <string.h>

#define NOW INT64_C(1792000000000) /* 2026-10-14T17:46:40Z */

static int64_t read_ms(const char *text) {
    struct error err;
    int64_t ms = -1;
    assert_true(moment_read("--since", text, NOW, &ms, &err));
    return ms;
}

static void a_duration_lies_before_now(void **state) {
    (void)state;
    assert_int_equal(read_ms("15m"), NOW - 15 * 60000);
    assert_int_equal(read_ms("24h"), NOW - 24 * INT64_C(3600000));
    assert_int_equal(read_ms("7d"), NOW - 7 * INT64_C(86400000));
    assert_int_equal(read_ms("1.5h"), NOW - 5400000);
    assert_int_equal(read_ms("90000d"), 0);
}

static void a_date_is_its_first_instant_in_utc(void **state) {
    (void)state;
    assert_int_equal(read_ms("1970-01-02"), 86400000);
    assert_int_equal(read_ms("1970-01-02T00:00:01Z"), 86401000);
    assert_int_equal(read_ms("1970-01-02T00:30"), 86400000 + 1800000);
    assert_int_equal(read_ms("1970-01-02 00:30"), 86400000 + 1800000);
    assert_int_equal(read_ms("1970-01-02T00:30+01:00"), 86400000 - 1800000);
}

static void what_is_no_time_is_shown_at_its_place(void **state) {
    static const struct {
        const char *text;
        int caret;
    } wrong[] = { { "", 1 },
                  { "24", 3 },
                  { "24x", 3 },
                  { "yesterday", 1 },
                  { "2026-13-01", 1 },
                  { "2026-1-01", 7 },
                  { "2026-11-26X", 11 },
                  { "-5m", 1 },
                  { "1970-01-02T25:00", 1 } };
    (void)state;
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        struct error err = { 0 };
        int64_t ms;
        assert_false(moment_read("--until", wrong[i].text, NOW, &ms, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_string_equal(err.file, "--until");
        assert_non_null(strstr(err.suggestion, "24h"));
        if (wrong[i].text[0]) assert_int_equal(err.caret, wrong[i].caret);
    }
}

static void a_span_is_open_where_nothing_is_said_and_never_empty(void **state) {
    struct span span;
    struct error err;
    (void)state;
    assert_true(span_read(NULL, NULL, NOW, &span, &err));
    assert_true(span.since_ms == MOMENT_FIRST && span.until_ms == MOMENT_LAST);
    assert_true(span_read("2h", "1h", NOW, &span, &err));
    assert_int_equal(span.until_ms - span.since_ms, 3600000);
    assert_false(span_read("1h", "2h", NOW, &span, &err));
    assert_non_null(strstr(err.text, "--since 1h is not before --until 2h"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_duration_lies_before_now),
        cmocka_unit_test(a_date_is_its_first_instant_in_utc),
        cmocka_unit_test(what_is_no_time_is_shown_at_its_place),
        cmocka_unit_test(a_span_is_open_where_nothing_is_said_and_never_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
