/* When keys are renewed, on clocks that the test sets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/renewal.h"
#include "base/compiler.h"

#define MINUTE_MS (INT64_C(60) * 1000)
#define MS UINT64_C(1000000)
#define NOW_NS (UINT64_C(5) * 1000000000)

static const int64_t now_ms = INT64_C(1764200000000);
static const uint64_t chances[] = { 0, 1, UINT64_MAX, UINT64_C(0x123456789abcdef) };

/* Milliseconds from now until they are renewed. */
static uint64_t renewed_after_ms(int64_t left_ms, bool may_be_old, uint64_t chance,
                                 struct key_set *keys) {
    struct error err;
    *keys = (struct key_set){ .expires_ms = now_ms + left_ms };
    assert_true(renewal_settle(keys, now_ms, NOW_NS, may_be_old, chance, &err));
    return (keys->renew_ns - NOW_NS) / MS;
}

static void keys_are_renewed_a_quarter_of_an_hour_early_and_a_bit_at_random(void **state) {
    (void)state;
    struct key_set keys;
    for (size_t i = 0; i < LENGTH(chances); i++) {
        uint64_t after = renewed_after_ms(360 * MINUTE_MS, false, chances[i], &keys);
        assert_in_range(after, 343 * MINUTE_MS, 345 * MINUTE_MS);
        assert_int_equal(keys.until_ns, NOW_NS + 360 * (uint64_t)MINUTE_MS * MS);
    }
}

static void keys_of_a_short_life_are_renewed_in_its_second_half(void **state) {
    (void)state;
    struct key_set keys;
    for (size_t i = 0; i < LENGTH(chances); i++) {
        uint64_t after = renewed_after_ms(10 * MINUTE_MS, false, chances[i], &keys);
        assert_in_range(after, 4 * MINUTE_MS, 5 * MINUTE_MS);
        (void)!renewed_after_ms(1, false, chances[i], &keys);
        assert_true(keys.renew_ns >= NOW_NS && keys.renew_ns <= keys.until_ns);
    }
}

static void keys_without_an_end_are_never_renewed(void **state) {
    (void)state;
    struct error err;
    struct key_set keys = { 0 };
    assert_true(renewal_settle(&keys, now_ms, NOW_NS, false, 7, &err));
    assert_int_equal(renewal_of(&keys, UINT64_MAX - 1, 0), RENEWAL_NONE);
}

static void expired_keys_are_refused_but_of_the_machine(void **state) {
    (void)state;
    struct error err;
    struct key_set keys = { .expires_ms = now_ms - 1, .source = "a command" };
    assert_false(renewal_settle(&keys, now_ms, NOW_NS, false, 7, &err));
    assert_non_null(strstr(err.text, "keys of a command have expired, at 2025-11-26T23:33:19"));
    for (size_t i = 0; i < LENGTH(chances); i++) {
        uint64_t after = renewed_after_ms(-5 * MINUTE_MS, true, chances[i], &keys);
        assert_in_range(after, 10 * MINUTE_MS, 20 * MINUTE_MS);
        assert_int_equal(renewal_of(&keys, NOW_NS, 0), RENEWAL_NONE);
    }
}

static void keys_are_used_while_others_are_looked_for_and_not_afterwards(void **state) {
    (void)state;
    const struct key_set keys = { .renew_ns = 100, .until_ns = 200 };
    assert_int_equal(renewal_of(NULL, 0, 0), RENEWAL_DUE);
    assert_int_equal(renewal_of(&keys, 99, 0), RENEWAL_NONE);
    assert_int_equal(renewal_of(&keys, 100, 0), RENEWAL_EARLY);
    assert_int_equal(renewal_of(&keys, 100, 150), RENEWAL_NONE); /* it failed a moment ago */
    assert_int_equal(renewal_of(&keys, 150, 150), RENEWAL_EARLY);
    assert_int_equal(renewal_of(&keys, 200, 250), RENEWAL_DUE);
    for (size_t i = 0; i < LENGTH(chances); i++)
        assert_in_range(renewal_retry_ns(NOW_NS, chances[i]) - NOW_NS, 30000 * MS, 90000 * MS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_renewed_a_quarter_of_an_hour_early_and_a_bit_at_random),
        cmocka_unit_test(keys_of_a_short_life_are_renewed_in_its_second_half),
        cmocka_unit_test(keys_without_an_end_are_never_renewed),
        cmocka_unit_test(expired_keys_are_refused_but_of_the_machine),
        cmocka_unit_test(keys_are_used_while_others_are_looked_for_and_not_afterwards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
