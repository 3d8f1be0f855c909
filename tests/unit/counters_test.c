/* Counters that scripts name: sums over threads, and how many there may be. */
#include "script/counters.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka needs the four above it */
#include <cmocka.h>

#define THREADS 4
#define ROUNDS 20000

static void *count_names(void *unused) {
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        char name[16];
        snprintf(name, sizeof name, "name %d", i % 20);
        if (!counter_add(slice_of(name), 2)) abort();
    }
    return NULL;
}

static void what_threads_count_at_once_adds_up(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    struct script_counter counters[MAX_COUNTERS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_names, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(script_counters(counters), 20);
    for (int i = 0; i < 20; i++)
        assert_int_equal(counters[i].value, THREADS * ROUNDS / 20 * 2);
    assert_string_equal(counters[0].name, "name 0");
    assert_string_equal(counters[2].name, "name 10");
}

static void names_and_their_number_are_bounded(void **state) {
    (void)state;
    struct script_counter counters[MAX_COUNTERS];
    char name[COUNTER_NAME_BYTES + 2];
    memset(name, 'x', sizeof name);
    assert_false(counter_add(SLICE(""), 1));
    assert_false(counter_add(slice_from(name, COUNTER_NAME_BYTES + 1), 1));
    assert_true(counter_add(slice_from(name, COUNTER_NAME_BYTES), 1));
    for (int i = 0; i < MAX_COUNTERS; i++) {
        char other[24];
        snprintf(other, sizeof other, "other %d", i);
        bool taken = counter_add(slice_of(other), 1);
        assert_int_equal(taken, i < MAX_COUNTERS - 21);
    }
    assert_int_equal(script_counters(counters), MAX_COUNTERS);
    assert_true(counter_add(slice_from(name, COUNTER_NAME_BYTES), 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_threads_count_at_once_adds_up),
        cmocka_unit_test(names_and_their_number_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
