/* Waits before the next try, and what servers ask for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/compiler.h"
#include "net/backoff.h"
#include "net/retry_after.h"

static void waits_double_up_to_their_longest(void **state) {
    (void)state;
    assert_int_equal(200, backoff_ceiling_ms(0, 200, 60000));
    assert_int_equal(1600, backoff_ceiling_ms(3, 200, 60000));
    assert_int_equal(60000, backoff_ceiling_ms(9, 200, 60000));
    assert_int_equal(60000, backoff_ceiling_ms(UINT32_MAX, 200, 60000));
    assert_int_equal(100, backoff_ceiling_ms(0, 200, 100));
}

static void jitter_reaches_both_ends(void **state) {
    (void)state;
    assert_int_equal(0, backoff_jitter_ms(0, UINT64_MAX));
    assert_int_equal(0, backoff_jitter_ms(9, 10));
    assert_int_equal(9, backoff_jitter_ms(9, 19));
}

static void a_wait_begins_at_nothing_and_a_long_one_at_half(void **state) {
    (void)state;
    assert_int_equal(0, backoff_wait_ms(3, 200, 60000, 1601));
    assert_int_equal(1600, backoff_wait_ms(3, 200, 60000, 1600));
    assert_int_equal(800, backoff_long_wait_ms(3, 200, 60000, 801));
    assert_int_equal(1600, backoff_long_wait_ms(3, 200, 60000, 800));
}

static void a_server_may_ask_for_seconds_or_a_date_within_bounds(void **state) {
    (void)state;
    static const struct {
        const char *value;
        uint64_t ms;
    } rows[] = {
        { "0", 0 },
        { " 7 ", 7000 },
        { "315360000", 300000 },
        { "99999999999999999999999", 300000 },
        { "-5", 0 },
        { "1.5", 0 },
        { "", 0 },
        { "soon", 0 },
        { "Wed, 21 Oct 2015 07:28:00 GMT", 60000 },
        { "Wed, 21 Oct 2015 07:26:00 GMT", 0 },
        { "Fri, 21 Oct 2095 07:28:00 GMT", 300000 },
    };
    int64_t now_ms = INT64_C(1445412420000); /* 07:27:00 */
    for (size_t i = 0; i < LENGTH(rows); i++)
        assert_int_equal(rows[i].ms, retry_after_ms(slice_of(rows[i].value), now_ms, 300000));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_double_up_to_their_longest),
        cmocka_unit_test(jitter_reaches_both_ends),
        cmocka_unit_test(a_wait_begins_at_nothing_and_a_long_one_at_half),
        cmocka_unit_test(a_server_may_ask_for_seconds_or_a_date_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
