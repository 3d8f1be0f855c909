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

static struct log_reader *open_reader(struct log *log) {
    struct log_reader *reader = log_add_reader(log, "r", NULL);
    log_open_reader(reader);
    return reader;
}

static void advance(struct log_reader *reader) { log_advance(reader, log_read(reader)->count, 0); }

static int start(void **state) {
    passed = 0;
    *state = log_memory_create();
    return 0;
}

static int end(void **state) {
    log_destroy(*state);
    return 0;
}

static void a_chunk_is_passed_when_every_reader_has(void **state) {
    struct log *log = *state;
    struct log_reader *a = open_reader(log), *b = open_reader(log);
    append(log, 3);
    advance(a);
    assert_int_equal(passed, 0);
    advance(b);
    assert_int_equal(passed, 1);
    append(log, 0);
    assert_int_equal(passed, 2);
}

static void a_reader_sees_only_what_came_after_it_was_opened(void **state) {
    struct log *log = *state;
    struct log_reader *a = open_reader(log), *b = log_add_reader(log, "b", NULL);
    append(log, 1);
    log_open_reader(b);
    append(log, 2);
    assert_int_equal(log_read(b)->count, 2);
    assert_int_equal(log_counts_pending(&a->counts), 3);
    assert_int_equal(b->counts.spooled, 2);
    log_remove_reader(a);
    log_remove_reader(b);
    assert_int_equal(passed, 2);
}

static void a_closed_reader_gets_the_rest_while_the_others_go_on(void **state) {
    struct log *log = *state;
    struct log_reader *a = open_reader(log), *b = open_reader(log);
    append(log, 1);
    append(log, 2);
    log_close_reader(a);
    append(log, 4);
    for (int i = 0; i < 3; i++)
        advance(b);
    assert_int_equal(passed, 1); /* the one that was not for the closed reader */
    append(log, 8);
    assert_int_equal(log_counts_pending(&a->counts), 3);
    assert_int_equal(log_read(a)->count, 1);
    advance(a);
    assert_int_equal(log_read(a)->count, 2);
    advance(a);
    assert_null(log_read(a));
    assert_int_equal(passed, 3);
    assert_int_equal(log_read(b)->count, 8);
    log_remove_reader(b);
    assert_int_equal(passed, 4);
}

static void note_readable(struct log_reader *reader) { ++*(int *)reader->owner; }

static void a_reader_is_told_of_what_it_waits_for_and_only_of_that(void **state) {
    struct log *log = *state;
    int told = 0;
    struct log_reader *a = open_reader(log), *b = open_reader(log);
    a->readable = note_readable;
    a->owner = &told;
    append(log, 1);
    append(log, 1);
    assert_int_equal(told, 1);
    advance(a);
    advance(a);
    append(log, 1);
    assert_int_equal(told, 2);
    log_remove_reader(b);
    log_remove_reader(a);
    assert_int_equal(passed, 3);
}

static void what_is_delivered_and_dead_adds_up(void **state) {
    struct log *log = *state;
    struct log_reader *a = open_reader(log);
    append(log, 5);
    append(log, 2);
    log_advance(a, 3, 2);
    assert_int_equal(a->counts.spooled, 7);
    assert_int_equal(a->counts.delivered, 3);
    assert_int_equal(a->counts.dead, 2);
    assert_int_equal(log_counts_pending(&a->counts), 2);
    log_remove_reader(a);
}

#define LOG_TEST(test) cmocka_unit_test_setup_teardown(test, start, end)

static void a_closed_reader_gets_what_came_before_and_no_more(void **state) {
    struct log *log = *state;
    struct log_reader *reader = open_reader(log);
    append(log, 2);
    log_close_reader(reader);
    append(log, 3);
    assert_int_equal(log_read(reader)->count, 2);
    advance(reader);
    assert_null(log_read(reader));
    assert_int_equal(passed, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        LOG_TEST(a_chunk_is_passed_when_every_reader_has),
        LOG_TEST(a_reader_sees_only_what_came_after_it_was_opened),
        LOG_TEST(a_closed_reader_gets_the_rest_while_the_others_go_on),
        LOG_TEST(a_reader_is_told_of_what_it_waits_for_and_only_of_that),
        LOG_TEST(what_is_delivered_and_dead_adds_up),
        cmocka_unit_test_setup_teardown(a_closed_reader_gets_what_came_before_and_no_more, start,
                                        end),
    };
    return cmocka_run_group_tests_name("log_memory", tests, NULL, NULL);
}
