/* Readers of the log that come, go and lag behind. */
#include "store/log.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
/* cmocka needs the four above it */
#include <cmocka.h>

static int passed;

static void count_passed(struct log_chunk *chunk) {
    passed++;
    free(chunk); /* whoever looks at it again is caught by the sanitizer */
}

static void append(struct log *log, uint32_t records) {
    struct log_chunk *chunk = calloc(1, sizeof *chunk);
    chunk->count = records;
    chunk->passed = count_passed;
    log_append(log, chunk);
}

static unsigned open_reader(struct log *log) {
    unsigned reader = log_add_reader(log);
    log_open_reader(log, reader);
    return reader;
}

static int start(void **state) {
    passed = 0;
    *state = log_create();
    return 0;
}

static int end(void **state) {
    log_destroy(*state);
    return 0;
}

static void a_chunk_is_passed_when_every_reader_has(void **state) {
    struct log *log = *state;
    unsigned a = open_reader(log), b = open_reader(log);
    append(log, 3);
    log_advance(log, a);
    assert_int_equal(passed, 0);
    log_advance(log, b);
    assert_int_equal(passed, 1);
    append(log, 0);
    assert_int_equal(passed, 2);
}

static void a_reader_sees_only_what_came_after_it_was_opened(void **state) {
    struct log *log = *state;
    unsigned a = open_reader(log), b = log_add_reader(log);
    append(log, 1);
    log_open_reader(log, b);
    append(log, 2);
    assert_int_equal(log_read(log, b)->count, 2);
    assert_int_equal(log_pending(log, a), 3);
    assert_int_equal(log_spooled(log, b), 2);
    log_remove_reader(log, a);
    log_remove_reader(log, b);
    assert_int_equal(passed, 2);
}

static void a_closed_reader_gets_the_rest_while_the_others_go_on(void **state) {
    struct log *log = *state;
    unsigned a = open_reader(log), b = open_reader(log);
    append(log, 1);
    append(log, 2);
    log_close_reader(log, a);
    append(log, 4);
    for (int i = 0; i < 3; i++)
        log_advance(log, b);
    assert_int_equal(passed, 1); /* the one that was not for the closed reader */
    append(log, 8);
    assert_int_equal(log_pending(log, a), 3);
    assert_int_equal(log_read(log, a)->count, 1);
    log_advance(log, a);
    assert_int_equal(log_read(log, a)->count, 2);
    log_advance(log, a);
    assert_null(log_read(log, a));
    assert_int_equal(passed, 3);
    assert_int_equal(log_read(log, b)->count, 8);
    log_remove_reader(log, b);
    assert_int_equal(passed, 4);
}

static void the_number_of_a_removed_reader_is_given_again(void **state) {
    struct log *log = *state;
    unsigned a = open_reader(log), b = open_reader(log);
    append(log, 1);
    log_remove_reader(log, a);
    assert_int_equal(log_add_reader(log), a);
    assert_int_equal(log_pending(log, a), 0);
    log_remove_reader(log, b);
    assert_int_equal(passed, 1);
}

#define LOG_TEST(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        LOG_TEST(a_chunk_is_passed_when_every_reader_has),
        LOG_TEST(a_reader_sees_only_what_came_after_it_was_opened),
        LOG_TEST(a_closed_reader_gets_the_rest_while_the_others_go_on),
        LOG_TEST(the_number_of_a_removed_reader_is_given_again),
    };
    return cmocka_run_group_tests_name("log_memory", tests, NULL, NULL);
}
