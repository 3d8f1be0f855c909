/* What a source x remembers across restarts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/compiler.h"
#include "base/date.h"
#include "sources/x_memory.h"

static int64_t at(const char *text) {
    int64_t ms;
    assert_true(date_read_iso(slice_of(text), &ms));
    return ms;
}

static void what_is_written_is_read(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    const struct x_memory memory = {
        1000, 900, 3000, 1500, { 2, 750, 10000 }, { 20000, 657, 12, 345 }
    };
    struct x_memory read;
    struct slice text = x_memory_write(&memory, &arena);
    assert_true(slice_is(text, "x1 1000 900 3000 1500 2 750 10000 20000 12 657 345"));
    assert_true(x_memory_read(text, 2000, &read));
    assert_true(slice_equal(text, x_memory_write(&read, &arena)));
    arena_free(&arena);
}

static void what_is_something_else_is_nothing(void **state) {
    (void)state;
    static const char *const texts[] = { "", "x1", "x2 1 2 3 4 5 6 7 8 9 10", "0 0 4096 abc",
                                         "x1 1 2 3 4 5 6 7 8 9 10 z" };
    struct x_memory read;
    for (size_t i = 0; i < LENGTH(texts); i++) {
        assert_false(x_memory_read(slice_of(texts[i]), 1, &read));
        assert_true(read.heard_ms == 0 && read.ladder.network_ms == 0 && read.read.of_day == 0);
    }
}

static void moments_that_cannot_be_are_bounded(void **state) {
    (void)state;
    struct x_memory read;
    int64_t now_ms = at("2026-11-27T12:00:00Z");
    assert_true(x_memory_read(
        SLICE("x1 9000000000000 9000000000000 9000000000000 9000000000000 0 0 0 0 0 0 0"), now_ms,
        &read));
    assert_true(read.heard_ms == now_ms && read.gap_ms == now_ms);
    assert_true(read.until_ms - now_ms == INT64_C(32) * 86400000);
    assert_true(x_memory_read(SLICE("x1 -5 -5 1 1 0 0 0 0 0 0 0"), now_ms, &read));
    assert_true(read.heard_ms == 0 && read.gap_ms == 0 && read.until_ms == 0);
}

static void a_clock_that_was_set_back_makes_no_wait_longer(void **state) {
    (void)state;
    struct x_memory read;
    int64_t now_ms = at("2026-11-27T12:00:00Z");
    assert_true(x_memory_read(SLICE("x1 0 0 2200000000000 250 0 0 0 0 0 0 0"), now_ms, &read));
    assert_true(read.until_ms == now_ms + 250);
}

static void posts_are_counted_by_day_and_month(void **state) {
    (void)state;
    struct x_read read = { 0 };
    x_read_add(&read, 3, at("2026-11-29T23:59:59Z"));
    x_read_add(&read, 4, at("2026-11-30T00:00:00Z"));
    assert_int_equal(4, read.of_day);
    assert_int_equal(7, read.of_month);
    x_read_add(&read, 1, at("2026-12-01T00:00:00Z"));
    assert_int_equal(1, read.of_day);
    assert_int_equal(1, read.of_month);
    x_read_add(&read, 2, at("2027-12-01T00:00:00Z"));
    assert_int_equal(2, read.of_month);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(what_is_something_else_is_nothing),
        cmocka_unit_test(moments_that_cannot_be_are_bounded),
        cmocka_unit_test(a_clock_that_was_set_back_makes_no_wait_longer),
        cmocka_unit_test(posts_are_counted_by_day_and_month),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
