/* The last so many hashes, held against a set that is slow and plain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>

#include "flow/known_ids.h"

static uint64_t next_random(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void what_was_added_is_there_and_nothing_else(void **state) {
    (void)state;
    struct id_window *window = id_window_create(KNOWN_IDS);
    uint64_t seed = 1;
    for (int i = 0; i < 100000; i++)
        id_window_add(window, next_random(&seed));
    uint64_t again = 1;
    for (int i = 0; i < 100000; i++)
        assert_true(id_window_has(window, next_random(&again)));
    for (int i = 0; i < 100000; i++)
        assert_false(id_window_has(window, next_random(&again)));
    id_window_destroy(window);
}

static void the_hash_zero_is_one_like_others(void **state) {
    (void)state;
    struct id_window *window = id_window_create(4);
    assert_false(id_window_has(window, 0));
    id_window_add(window, 0);
    assert_true(id_window_has(window, 0));
    for (uint64_t hash = 10; hash < 14; hash++)
        id_window_add(window, hash);
    assert_false(id_window_has(window, 0));
    id_window_destroy(window);
}

static void the_oldest_makes_room(void **state) {
    (void)state;
    struct id_window *window = id_window_create(KNOWN_DELETES);
    for (uint64_t hash = 1; hash <= 3 * KNOWN_DELETES; hash++) {
        id_window_add(window, hash << 40 | hash);
        if (hash > KNOWN_DELETES) {
            uint64_t gone = hash - KNOWN_DELETES, oldest = gone + 1;
            assert_false(id_window_has(window, gone << 40 | gone));
            assert_true(id_window_has(window, oldest << 40 | oldest));
        }
    }
    id_window_destroy(window);
}

#define NAIVE 4096

/* A ring of hashes that is searched from end to end. */
struct naive {
    uint64_t ring[NAIVE];
    size_t capacity, count;
};

static bool naive_has(const struct naive *naive, uint64_t hash) {
    size_t held = naive->count < naive->capacity ? naive->count : naive->capacity;
    for (size_t i = 0; i < held; i++)
        if (naive->ring[i] == hash) return true;
    return false;
}

static void naive_add(struct naive *naive, uint64_t hash) {
    naive->ring[naive->count++ % naive->capacity] = hash;
}

/* Hashes that share their low bits, so that they crowd in the table and its end wraps around. */
static uint64_t crowded(uint64_t random, int kind) {
    switch (kind) {
    case 0: return random | 2;
    case 1: return (random % 3000 + 1) << 32 | 1020;                 /* one home for all */
    case 2: return (random % 3000 + 1) << 32 | (1015 + random % 20); /* around the end of a table */
    default: return random % 6000 + 2;                               /* long runs */
    }
}

static void it_agrees_with_a_plain_set_on_any_sequence(void **state) {
    (void)state;
    static const size_t capacities[] = { 1, 2, 3, 500, 511, 512, 513, 600, 1024, 1500, 3000 };
    static struct naive naive;
    uint64_t seed = 42;
    for (size_t i = 0; i < sizeof capacities / sizeof capacities[0]; i++)
        for (int kind = 0; kind < 4; kind++) {
            struct id_window *window = id_window_create(capacities[i]);
            naive.capacity = capacities[i];
            naive.count = 0;
            for (int step = 0; step < 6000; step++) {
                uint64_t hash = crowded(next_random(&seed), kind);
                bool has = naive_has(&naive, hash);
                assert_int_equal(id_window_has(window, hash), has);
                if (has) continue;
                id_window_add(window, hash);
                naive_add(&naive, hash);
            }
            id_window_destroy(window);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_added_is_there_and_nothing_else),
        cmocka_unit_test(the_hash_zero_is_one_like_others),
        cmocka_unit_test(the_oldest_makes_room),
        cmocka_unit_test(it_agrees_with_a_plain_set_on_any_sequence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
