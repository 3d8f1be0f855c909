/* What a source x remembers across restarts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/compiler.h"
#include "base/date.h"
#include "x/memory.h"

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
        .heard_ms = 1000,
        .until_ms = 3000,
        .wait_ms = 1500,
        .ladder = { 2, 750, 10000 },
        .keys = 4000000000,
        .last_id = UINT64_C(2012345678901234567),
        .quiet_ms = 990,
        .read = { { { 20000, 12 }, { 19999, 7 } }, { { 657, 345 }, { 656, 9 } } },
        .gaps = { { { .from_ms = 900,
                      .to_ms = 950,
                      .since_id = 8,
                      .query = UINT64_MAX,
                      .until_id = 9,
                      .given_ms = 920,
                      .posts = 4 },
                    { .from_ms = 1000 } },
                  2 },
    };
    struct x_memory read;
    struct slice text = x_memory_write(&memory, &arena);
    assert_true(slice_is(text, "x2 1000 3000 1500 2 750 10000 4000000000 2012345678901234567 "
                               "990 20000 12 19999 7 657 345 656 9 2 "
                               "900 950 8 18446744073709551615 9 920 4 1000 0 0 0 0 0 0"));
    assert_true(x_memory_read(text, 2000, &read));
    assert_true(slice_equal(text, x_memory_write(&read, &arena)));
    arena_free(&arena);
}

static void what_an_older_linnet_remembered_is_read(void **state) {
    (void)state;
    struct x_memory read;
    assert_true(
        x_memory_read(SLICE("x1 1000 900 3000 1500 2 750 10000 20000 12 657 345"), 2000, &read));
    assert_true(read.heard_ms == 1000 && read.until_ms == 3000 && read.ladder.server_ms == 10000);
    assert_true(read.gaps.count == 1 && read.gaps.items[0].from_ms == 900 &&
                read.gaps.items[0].to_ms == 0);
    assert_true(read.read.day[0].period == 20000 && read.read.day[0].posts == 12);
    assert_true(read.read.month[0].period == 657 && read.read.month[0].posts == 345);
}

static void what_is_something_else_is_nothing(void **state) {
    (void)state;
    static const char *const texts[] = { "",
                                         "x1",
                                         "x2",
                                         "x2 1 2 3 4 5 6 7 8 9 10",
                                         "0 0 4096 abc",
                                         "x1 1 2 3 4 5 6 7 8 9 10 z",
                                         "x1 1 2 3 4 5 6 7 8 9 10 -",
                                         "x1 1 2 3 4 5 6 7 8 9 10",
                                         "x2 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 1",
                                         "x2 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 0 1",
                                         "x2 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 9" };
    struct x_memory read;
    for (size_t i = 0; i < LENGTH(texts); i++) {
        assert_false(x_memory_read(slice_of(texts[i]), 1, &read));
        assert_true(read.heard_ms == 0 && read.ladder.network_ms == 0 &&
                    read.read.day[0].posts == 0);
    }
}

static void moments_that_cannot_be_are_bounded(void **state) {
    (void)state;
    struct x_memory read;
    int64_t now_ms = at("2026-11-27T12:00:00Z");
    assert_true(x_memory_read(
        SLICE("x1 9000000000000 9000000000000 9000000000000 9000000000000 0 0 0 0 0 0 0"), now_ms,
        &read));
    assert_true(read.heard_ms == now_ms && read.gaps.items[0].from_ms == now_ms);
    assert_true(read.until_ms - now_ms == INT64_C(32) * 86400000);
    assert_true(x_memory_read(SLICE("x1 -5 -5 1 1 0 0 0 0 0 0 0"), now_ms, &read));
    assert_true(read.heard_ms == 0 && read.until_ms == 0);
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
    assert_int_equal(4, read.day[0].posts);
    assert_int_equal(7, read.month[0].posts);
    x_read_add(&read, 1, at("2026-12-01T00:00:00Z"));
    assert_int_equal(1, read.day[0].posts);
    assert_int_equal(1, read.month[0].posts);
    x_read_add(&read, 2, at("2027-12-01T00:00:00Z"));
    assert_int_equal(2, read.month[0].posts);
}

static void a_clock_that_jumps_over_a_months_end_and_back_loses_no_count(void **state) {
    (void)state;
    struct x_read read = { 0 };
    x_read_add(&read, 100, at("2026-11-28T12:00:00Z"));
    x_read_add(&read, 5, at("2040-01-01T00:00:00Z"));
    assert_int_equal(5, read.month[0].posts);
    x_read_add(&read, 1, at("2026-11-28T12:00:01Z"));
    assert_int_equal(106, read.day[0].posts);
    assert_int_equal(106, read.month[0].posts);
    x_read_add(&read, 2, at("2026-12-01T00:00:00Z")); /* which is new all the same */
    assert_int_equal(2, read.day[0].posts);
    assert_int_equal(2, read.month[0].posts);
}

static void a_clock_that_is_set_back_gives_no_new_budget(void **state) {
    (void)state;
    static const char *const earlier[] = { "2026-11-27T23:59:59Z", "2026-11-26T00:00:00Z",
                                           "2026-10-31T00:00:00Z", "1970-01-01T00:00:00Z",
                                           "2026-06-01T00:00:00Z" };
    struct x_read fresh = { 0 }, old = { 0 };
    x_read_add(&old, 30, at("2026-10-30T00:00:00Z"));
    struct x_read *const reads[] = { &fresh, &old };
    for (size_t i = 0; i < LENGTH(reads); i++)
        x_read_add(reads[i], 50, at("2026-11-28T00:00:01Z"));
    for (size_t i = 0; i < LENGTH(reads) * LENGTH(earlier); i++) {
        struct x_read read = *reads[i / LENGTH(earlier)];
        x_read_add(&read, 1, at(earlier[i % LENGTH(earlier)]));
        assert_true(read.day[0].posts >= 51 && read.month[0].posts >= 51);
        x_read_add(&read, 1, at("2026-11-28T00:00:02Z"));
        assert_int_equal(52, read.day[0].posts);
        assert_int_equal(52, read.month[0].posts);
        x_read_add(&read, 0, at("2026-12-01T00:00:00Z"));
        assert_int_equal(0, read.month[0].posts);
    }
}

static void a_clock_that_was_ahead_from_the_start_is_no_matter_when_it_is_right(void **state) {
    (void)state;
    struct x_read read = { 0 };
    x_read_add(&read, 50, at("2040-01-01T00:00:00Z"));
    x_read_add(&read, 1, at("2026-11-28T00:00:00Z"));
    assert_int_equal(51, read.month[0].posts);
    x_read_add(&read, 1, at("2026-12-01T00:00:00Z"));
    assert_int_equal(1, read.month[0].posts);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(what_an_older_linnet_remembered_is_read),
        cmocka_unit_test(what_is_something_else_is_nothing),
        cmocka_unit_test(moments_that_cannot_be_are_bounded),
        cmocka_unit_test(a_clock_that_was_set_back_makes_no_wait_longer),
        cmocka_unit_test(posts_are_counted_by_day_and_month),
        cmocka_unit_test(a_clock_that_jumps_over_a_months_end_and_back_loses_no_count),
        cmocka_unit_test(a_clock_that_is_set_back_gives_no_new_budget),
        cmocka_unit_test(a_clock_that_was_ahead_from_the_start_is_no_matter_when_it_is_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
