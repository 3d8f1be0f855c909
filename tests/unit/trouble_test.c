/* What is said of trouble, on a clock that the test moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "flow/trouble.h"

/* ---- the clock, instead of base/clock_posix.c ---- */

static uint64_t now_ns = 1;

uint64_t clock_monotonic_ns(void) { return now_ns; }
uint64_t clock_boot_ns(void) { return now_ns; }
int64_t clock_wall_ms(void) { return 0; }
uint64_t clock_cpu_ns(void) { return 0; }
uint64_t clock_thread_ns(void) { return 0; }
uint64_t random_bits(void) { return 7; }

static void pass(unsigned seconds) { now_ns += seconds * UINT64_C(1000000000); }

static void the_same_trouble_is_said_once_a_minute(void **state) {
    (void)state;
    struct trouble trouble = { 0 };
    assert_true(trouble_is_news(&trouble, 1));
    pass(59);
    assert_false(trouble_is_news(&trouble, 1));
    pass(2);
    assert_true(trouble_is_news(&trouble, 1));
}

static void other_trouble_is_said_at_once(void **state) {
    (void)state;
    struct trouble trouble = { 0 };
    assert_true(trouble_is_news(&trouble, 1));
    assert_true(trouble_is_news(&trouble, 2));
}

static void that_it_works_is_said_once_for_what_was_said(void **state) {
    (void)state;
    struct trouble trouble = { 0 };
    assert_false(trouble_is_over(&trouble));
    assert_true(trouble_is_news(&trouble, 1));
    assert_true(trouble_is_over(&trouble));
    assert_false(trouble_is_over(&trouble));
}

static void trouble_that_comes_and_goes_is_quiet_for_a_minute(void **state) {
    (void)state;
    struct trouble trouble = { 0 };
    assert_true(trouble_is_news(&trouble, 1));
    assert_true(trouble_is_over(&trouble));
    assert_false(trouble_is_news(&trouble, 1));
    assert_false(trouble_is_over(&trouble));
    pass(61);
    assert_true(trouble_is_news(&trouble, 1));
    assert_true(trouble_is_over(&trouble));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_trouble_is_said_once_a_minute),
        cmocka_unit_test(other_trouble_is_said_at_once),
        cmocka_unit_test(that_it_works_is_said_once_for_what_was_said),
        cmocka_unit_test(trouble_that_comes_and_goes_is_quiet_for_a_minute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
