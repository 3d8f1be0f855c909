/* Spans that a source x has missed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/compiler.h"
#include "base/date.h"
#include "x/gap.h"

static void a_gap_goes_on_until_it_ends(void **state) {
    (void)state;
    struct x_gaps gaps = { .count = 0 };
    x_gaps_begin(&gaps, 1000, 7);
    x_gaps_begin(&gaps, 2000, 8);
    assert_int_equal(1, gaps.count);
    x_gaps_end(&gaps, 5000, 1000);
    x_gaps_end(&gaps, 6000, 1000);
    assert_true(gaps.items[0].from_ms == 1000 && gaps.items[0].to_ms == 5000);
    assert_true(gaps.items[0].since_id == 7);
}

static void a_short_one_is_none(void **state) {
    (void)state;
    struct x_gaps gaps = { .count = 0 };
    x_gaps_begin(&gaps, 1000, 0);
    x_gaps_end(&gaps, 1999, 1000);
    assert_int_equal(0, gaps.count);
    x_gaps_begin(&gaps, 5000, 0);
    x_gaps_end(&gaps, 4000, 0); /* the clock was set back */
    assert_true(gaps.items[0].to_ms == 5000);
}

static void more_than_there_is_room_for_become_one_that_begins_anew(void **state) {
    (void)state;
    struct x_gaps gaps = { .count = 0 };
    for (int i = 1; i <= X_MOST_GAPS; i++) {
        x_gaps_begin(&gaps, i * 10000, (uint64_t)i);
        x_gaps_end(&gaps, i * 10000 + 5000, 1000);
        gaps.items[i - 1].until_id = gaps.items[i - 1].query = 9;
    }
    x_gaps_begin(&gaps, 90000, 99);
    assert_int_equal(X_MOST_GAPS, gaps.count);
    const struct x_gap *last = &gaps.items[X_MOST_GAPS - 1];
    assert_true(last->from_ms == 80000 && last->to_ms == 0 && last->since_id == 8);
    assert_true(last->until_id == 0 && last->query == 0);
    x_gaps_end(&gaps, 95000, 1000);
    assert_true(last->to_ms == 95000);
}

static void one_is_found_by_its_beginning_and_goes_alone(void **state) {
    (void)state;
    struct x_gaps gaps = {
        { { .from_ms = 1, .to_ms = 2 }, { .from_ms = 3, .to_ms = 4 }, { .from_ms = 5 } }, 3
    };
    assert_null(x_gaps_find(&gaps, 2));
    x_gaps_remove(&gaps, x_gaps_find(&gaps, 3));
    assert_int_equal(2, gaps.count);
    assert_true(gaps.items[0].from_ms == 1 && gaps.items[1].from_ms == 5);
}

static void ids_tell_when_posts_were_written(void **state) {
    (void)state;
    int64_t ms;
    assert_true(date_read_iso(SLICE("2026-11-20T10:35:00Z"), &ms));
    assert_true(x_id_ms(x_id_at(ms)) == ms);
    assert_true(x_id_at(0) == 0);
    assert_true(x_id_read(SLICE("1784600000000000001")) == UINT64_C(1784600000000000001));
    static const char *const others[] = { "", "x", "12a", "-1", "12345678901234567890" };
    for (size_t i = 0; i < LENGTH(others); i++)
        assert_true(x_id_read(slice_of(others[i])) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gap_goes_on_until_it_ends),
        cmocka_unit_test(a_short_one_is_none),
        cmocka_unit_test(more_than_there_is_room_for_become_one_that_begins_anew),
        cmocka_unit_test(one_is_found_by_its_beginning_and_goes_alone),
        cmocka_unit_test(ids_tell_when_posts_were_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
