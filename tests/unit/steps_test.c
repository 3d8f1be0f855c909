/* Which roll-ups a question reads: each minute of the span once, by as few of them as there can be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "search/steps.h"
#include <cmocka.h>
#include <stdlib.h>

#define DAY INT64_C(20000 * 86400) /* the start of one */

static size_t plan(int64_t from_s, int64_t to_s, int64_t coarsest,
                   struct step_range ranges[MAX_STEP_RANGES]) {
    struct span span = { from_s * 1000, to_s * 1000 };
    return plan_steps(&span, coarsest, ranges);
}

static void assert_range(const struct step_range *range, int64_t step_s, int64_t from_s,
                         int64_t to_s) {
    assert_int_equal(range->step_s, step_s);
    assert_int_equal(range->from_s, from_s);
    assert_int_equal(range->to_s, to_s);
}

static void days_are_in_the_middle_and_finer_steps_at_the_ends(void **state) {
    struct step_range ranges[MAX_STEP_RANGES];
    (void)state;
    assert_int_equal(plan(DAY - 5400, DAY + 2 * 86400 + 3700, STEP_DAY, ranges), 5);
    assert_range(&ranges[0], 60, DAY - 5400, DAY - 3600);
    assert_range(&ranges[1], 3600, DAY - 3600, DAY);
    assert_range(&ranges[2], 86400, DAY, DAY + 2 * 86400);
    assert_range(&ranges[3], 3600, DAY + 2 * 86400, DAY + 2 * 86400 + 3600);
    assert_range(&ranges[4], 60, DAY + 2 * 86400 + 3600, DAY + 2 * 86400 + 3720);
}

static void open_ends_are_read_from_the_coarsest_step_alone(void **state) {
    struct step_range ranges[MAX_STEP_RANGES];
    struct span all = { MOMENT_FIRST, MOMENT_LAST };
    (void)state;
    assert_int_equal(plan_steps(&all, STEP_DAY, ranges), 1);
    assert_int_equal(ranges[0].step_s, STEP_DAY);
    assert_true(ranges[0].from_s < -62167219200 && ranges[0].to_s > 253402300800);
    assert_int_equal(plan_steps(&all, STEP_MINUTE, ranges), 1);
    assert_int_equal(ranges[0].step_s, STEP_MINUTE);
}

static void a_question_by_the_hour_reads_nothing_coarser(void **state) {
    struct step_range ranges[MAX_STEP_RANGES];
    (void)state;
    assert_int_equal(plan(DAY, DAY + 3 * 86400, STEP_HOUR, ranges), 1);
    assert_range(&ranges[0], 3600, DAY, DAY + 3 * 86400);
}

static void seconds_are_widened_to_their_minutes(void **state) {
    struct step_range ranges[MAX_STEP_RANGES];
    struct span span = { (DAY + 61) * 1000 + 1, (DAY + 61) * 1000 + 2 };
    (void)state;
    assert_int_equal(plan_steps(&span, STEP_DAY, ranges), 1);
    assert_range(&ranges[0], 60, DAY + 60, DAY + 120);
    assert_int_equal(step_start(-1, 60), -60);
    assert_int_equal(step_start(-60, 60), -60);
}

static void every_minute_of_a_random_span_is_read_once(void **state) {
    (void)state;
    srand(7);
    for (int round = 0; round < 20000; round++) {
        struct step_range ranges[MAX_STEP_RANGES];
        int64_t from = (DAY - rand() % (4 * 86400)) / 60 * 60, to = from + 60 + rand() % 500000;
        size_t count = plan(from, to, STEP_DAY, ranges);
        assert_true(count >= 1 && count <= MAX_STEP_RANGES);
        int64_t at = from;
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(ranges[i].from_s, at);
            assert_true(ranges[i].from_s % ranges[i].step_s == 0);
            assert_true(ranges[i].to_s % ranges[i].step_s == 0);
            at = ranges[i].to_s;
        }
        assert_int_equal(at, (to + 59) / 60 * 60);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_are_in_the_middle_and_finer_steps_at_the_ends),
        cmocka_unit_test(open_ends_are_read_from_the_coarsest_step_alone),
        cmocka_unit_test(a_question_by_the_hour_reads_nothing_coarser),
        cmocka_unit_test(seconds_are_widened_to_their_minutes),
        cmocka_unit_test(every_minute_of_a_random_span_is_read_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
