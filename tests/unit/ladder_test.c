/* When a lost stream is connected to again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/compiler.h"
#include "net/ladder.h"

static void check_waits(enum ladder_failure failure, const uint64_t *waits, size_t count) {
    struct ladder ladder = { 0 };
    for (size_t i = 0; i < count; i++)
        assert_int_equal(waits[i], ladder_fail(&ladder, failure));
}

static void each_kind_of_failure_has_its_documented_waits(void **state) {
    (void)state;
    const uint64_t drop[] = { 0, 250, 500, 750 }, network[] = { 250, 500, 750, 1000 };
    const uint64_t server[] = { 5000, 10000, 20000, 40000, 80000, 160000, 320000, 320000 };
    const uint64_t rate[] = { 60000, 120000, 240000, 480000, 960000, 960000 };
    check_waits(LADDER_DROP, drop, LENGTH(drop));
    check_waits(LADDER_NETWORK, network, LENGTH(network));
    check_waits(LADDER_SERVER, server, LENGTH(server));
    check_waits(LADDER_RATE, rate, LENGTH(rate));
}

static void no_wait_passes_its_longest(void **state) {
    (void)state;
    struct ladder ladder = { 0 };
    for (int i = 0; i < 100; i++)
        assert_in_range(ladder_fail(&ladder, LADDER_NETWORK), 1, 16000);
    assert_int_equal(0, ladder_fail(&ladder, LADDER_DROP));
    assert_int_equal(16000, ladder_fail(&ladder, LADDER_DROP));
    /* numbers that lay on a disk may be any */
    ladder = (struct ladder){ UINT32_MAX, UINT32_MAX, UINT32_MAX };
    for (int i = 0; i < 4; i++)
        assert_in_range(ladder_fail(&ladder, (enum ladder_failure)i), 0, LADDER_LONGEST_MS);
}

static void a_rate_limit_after_other_errors_waits_a_minute_at_least(void **state) {
    (void)state;
    struct ladder ladder = { 0 };
    ladder_fail(&ladder, LADDER_SERVER);
    assert_int_equal(60000, ladder_fail(&ladder, LADDER_RATE));
    assert_int_equal(120000, ladder_fail(&ladder, LADDER_RATE));
    assert_int_equal(240000, ladder_fail(&ladder, LADDER_SERVER));
    assert_int_equal(250, ladder_fail(&ladder, LADDER_NETWORK)); /* it has steps of its own */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_failure_has_its_documented_waits),
        cmocka_unit_test(no_wait_passes_its_longest),
        cmocka_unit_test(a_rate_limit_after_other_errors_waits_a_minute_at_least),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
