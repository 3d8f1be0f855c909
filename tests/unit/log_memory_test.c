/* Readers of the log that come, go and lag behind. */
#include "store/log.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
/* cmocka needs the four above it */
#include <cmocka.h>

#define MOST 20

static int passed;
static uint64_t next_sequence;

struct chunk {
    struct log_chunk chunk;
    struct record records[MOST];
};

static void count_passed(struct log_chunk *chunk) {
    passed++;
    free(chunk); /* whoever looks at it again is caught by the sanitizer */
}

static void append(struct log *log, uint32_t records) {
    struct chunk *made = calloc(1, sizeof *made);
    for (uint32_t i = 0; i < records; i++)
        made->records[i].sequence = next_sequence++;
    made->chunk =
        (struct log_chunk){ .records = made->records, .count = records, .passed = count_passed };
    log_append(log, &made->chunk);
}

static struct log_reader *open_reader(struct log *log) {
    struct log_reader *reader = log_add_reader(log, "r", NULL);
    log_open_reader(reader);
    return reader;
}

static void settle(struct log_reader *reader, struct log_piece *piece) {
    log_note(reader, piece, piece->count, 0);
    log_settle(reader, piece);
}

static void advance(struct log_reader *reader) { settle(reader, log_read(reader)); }

static void advance_some(struct log_reader *reader, uint32_t count) {
    struct log_piece *piece = log_read(reader);
    assert_int_equal(piece->count, count);
    settle(reader, piece);
}

static int start(void **state) {
    passed = 0;
    next_sequence = 1;
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
    advance_some(a, 1);
    advance_some(a, 2);
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
    struct log_piece *piece = log_read(a);
    log_note(a, piece, 3, 1);
    assert_int_equal(log_counts_pending(&a->counts), 3);
    log_note(a, piece, 0, 1);
    log_settle(a, piece);
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
    advance_some(reader, 2);
    assert_null(log_read(reader));
    assert_int_equal(passed, 2);
}

static void pieces_are_read_ahead_and_settled_in_any_order(void **state) {
    struct log *log = *state;
    struct log_reader *reader = open_reader(log);
    assert_false(log_can_rewind(reader));
    for (uint32_t i = 1; i <= 3; i++)
        append(log, i);
    assert_false(log_is_read(reader));
    struct log_piece *a = log_read(reader), *b = log_read(reader), *c = log_read(reader);
    assert_true(log_is_read(reader));
    assert_null(log_read(reader));
    assert_int_equal(log_durable(reader), 1);
    settle(reader, b);
    assert_int_equal(passed, 1); /* nobody needs it, wherever the cursor is */
    assert_int_equal(log_durable(reader), 1);
    assert_int_equal(log_counts_pending(&reader->counts), 4);
    settle(reader, a);
    assert_int_equal(log_durable(reader), 4);
    append(log, 4);
    struct log_piece *d = log_read(reader);
    settle(reader, d);
    assert_int_equal(log_durable(reader), 4);
    settle(reader, c);
    assert_int_equal(log_durable(reader), 11);
    assert_int_equal(passed, 4);
    log_remove_reader(reader);
}

static void a_released_piece_is_given_back_and_still_pending(void **state) {
    struct log *log = *state;
    struct log_reader *a = open_reader(log), *b = open_reader(log);
    append(log, 2);
    append(log, 3);
    struct log_piece *piece = log_read(a);
    log_release(a, piece);
    assert_null(piece->records);
    assert_int_equal(passed, 0); /* the other reader's, too */
    advance(b);
    assert_int_equal(passed, 1);
    assert_int_equal(log_counts_pending(&a->counts), 5);
    log_release(a, piece); /* once more does no harm */
    settle(a, piece);
    assert_int_equal(log_counts_pending(&a->counts), 3);
    log_remove_reader(b);
    log_remove_reader(a);
    assert_int_equal(passed, 2);
}

static void a_reader_that_goes_leaves_what_it_has_out(void **state) {
    struct log *log = *state;
    struct log_reader *reader = open_reader(log);
    for (uint32_t i = 1; i <= 4; i++)
        append(log, i);
    (void)log_read(reader);
    log_release(reader, log_read(reader));
    settle(reader, log_read(reader));
    assert_int_equal(passed, 2);
    log_remove_reader(reader);
    assert_int_equal(passed, 4);
}

static void what_becomes_of_a_piece_that_was_given_up_does_not_count(void **state) {
    struct log *log = *state;
    struct log_reader *reader = open_reader(log);
    append(log, 2);
    struct log_piece *piece = log_read(reader);
    piece->given_up = true;
    log_note(reader, piece, 2, 0);
    assert_int_equal(reader->counts.delivered, 0);
    log_remove_reader(reader);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        LOG_TEST(a_chunk_is_passed_when_every_reader_has),
        LOG_TEST(a_reader_sees_only_what_came_after_it_was_opened),
        LOG_TEST(a_closed_reader_gets_the_rest_while_the_others_go_on),
        LOG_TEST(a_reader_is_told_of_what_it_waits_for_and_only_of_that),
        LOG_TEST(what_is_delivered_and_dead_adds_up),
        LOG_TEST(pieces_are_read_ahead_and_settled_in_any_order),
        LOG_TEST(a_released_piece_is_given_back_and_still_pending),
        LOG_TEST(a_reader_that_goes_leaves_what_it_has_out),
        LOG_TEST(what_becomes_of_a_piece_that_was_given_up_does_not_count),
        cmocka_unit_test_setup_teardown(a_closed_reader_gets_what_came_before_and_no_more, start,
                                        end),
    };
    return cmocka_run_group_tests_name("log_memory", tests, NULL, NULL);
}
