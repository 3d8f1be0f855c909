/* Budgets of a source x: what is spent, what it will be, what is done about it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "base/compiler.h"
#include "base/date.h"
#include "x/spend.h"

static int64_t at(const char *text) {
    int64_t ms;
    assert_true(date_read_iso(slice_of(text), &ms));
    return ms;
}

static struct x_read read_at(const char *when, uint64_t posts) {
    struct x_read read = { 0 };
    x_read_add(&read, posts, at(when));
    return read;
}

static const struct x_settings settings = { .price = 0.5, .budget_day = 50, .budget_month = 1000 };

static enum x_thrift thrift_of(uint64_t posts) {
    struct x_read read = read_at("2026-11-27T12:00:00Z", posts);
    return x_spend_of(&settings, &read, at("2026-11-27T12:00:00Z")).thrift;
}

static void near_a_budget_it_warns_then_narrows_then_waits(void **state) {
    (void)state;
    assert_int_equal(X_FREE, thrift_of(79));
    assert_int_equal(X_WARN, thrift_of(80));
    assert_int_equal(X_NARROW, thrift_of(90));
    assert_int_equal(X_PAUSE, thrift_of(100));
    assert_int_equal(X_PAUSE, thrift_of(1000000));
}

static void the_next_day_is_free_and_the_month_goes_on(void **state) {
    (void)state;
    struct x_read read = read_at("2026-11-27T23:59:59Z", 100);
    struct x_spend spend = x_spend_of(&settings, &read, at("2026-11-27T23:59:59Z"));
    assert_int_equal(X_PAUSE, spend.thrift);
    assert_string_equal("daily", spend.period);
    assert_true(spend.until_ms == at("2026-11-28T00:00:00Z"));
    spend = x_spend_of(&settings, &read, at("2026-11-28T00:00:00Z"));
    assert_int_equal(X_FREE, spend.thrift);
    assert_true(spend.day == 0 && spend.month == 50);
    read = read_at("2026-11-28T00:00:00Z", 2000);
    spend = x_spend_of(&settings, &read, at("2026-11-29T00:00:00Z"));
    assert_string_equal("monthly", spend.period);
    assert_true(spend.until_ms == at("2026-12-01T00:00:00Z"));
    assert_int_equal(X_FREE, x_spend_of(&settings, &read, at("2026-12-01T00:00:00Z")).thrift);
}

static void forecasts_go_on_as_it_was(void **state) {
    (void)state;
    struct x_read read = read_at("2026-11-16T06:00:00Z", 10);
    struct x_spend spend = x_spend_of(&settings, &read, at("2026-11-16T06:00:00Z"));
    assert_true(fabs(spend.day_end - 20) < 1e-9); /* a quarter of the day */
    assert_true(fabs(spend.month_end - 5.0 * 30 / 15.25) < 1e-9);
    spend = x_spend_of(&settings, &read, at("2026-11-16T06:00:00Z"));
    read = read_at("2026-11-16T00:00:01Z", 10); /* a second says nothing of a day */
    spend = x_spend_of(&settings, &read, at("2026-11-16T00:00:01Z"));
    assert_true(spend.day_end <= 5.0 * 24 + 1e-9);
    read = read_at("2028-02-29T23:00:00Z", 2);
    assert_true(x_spend_of(&settings, &read, at("2028-02-29T23:00:00Z")).month_end < 1.1);
}

static void without_a_budget_nothing_is_near(void **state) {
    (void)state;
    const struct x_settings free = { .price = 0.005 };
    struct x_read read = read_at("2026-11-27T12:00:00Z", 1000000);
    char text[400];
    assert_int_equal(X_FREE, x_spend_of(&free, &read, at("2026-11-27T12:00:00Z")).thrift);
    x_spend_print(&free, &read, at("2026-11-27T12:00:00Z"), text, sizeof text);
    assert_non_null(strstr(text, "1000000 posts today, 5000 spent, 1e+04 at its end"));
    read = (struct x_read){ 0 };
    x_spend_print(&free, &read, at("2026-11-27T12:00:00Z"), text, sizeof text);
    assert_string_equal("", text);
}

static uint64_t left_of(double price, double day, double month, uint64_t posts) {
    const struct x_settings some = { .price = price, .budget_day = day, .budget_month = month };
    struct x_read read = read_at("2026-11-27T12:00:00Z", posts);
    return x_spend_left(&some, &read, at("2026-11-27T12:00:00Z"));
}

static void what_is_left_is_what_spends_the_nearest_budget(void **state) {
    (void)state;
    assert_true(left_of(0.5, 50, 1000, 93) == 7);
    assert_true(left_of(0.5, 0, 50, 93) == 7);
    assert_true(left_of(0.5, 50, 1000, 100) == 0);
    assert_true(left_of(0.5, 50, 1000, 1000) == 0);
    assert_true(left_of(0.005, 5, 0, 0) == 1000);
    assert_true(left_of(0.3, 1, 0, 0) == 4); /* three of them spend 0.9 */
    assert_true(left_of(0.5, 0, 0, 7) == UINT64_MAX);
    for (uint64_t posts = 0; posts < 1000; posts++) {
        struct x_read read = read_at("2026-11-27T12:00:00Z", left_of(0.003, 0.7, 0, posts) + posts);
        const struct x_settings some = { .price = 0.003, .budget_day = 0.7 };
        assert_int_equal(X_PAUSE, x_spend_of(&some, &read, at("2026-11-27T12:00:00Z")).thrift);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(near_a_budget_it_warns_then_narrows_then_waits),
        cmocka_unit_test(the_next_day_is_free_and_the_month_goes_on),
        cmocka_unit_test(forecasts_go_on_as_it_was),
        cmocka_unit_test(without_a_budget_nothing_is_near),
        cmocka_unit_test(what_is_left_is_what_spends_the_nearest_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
