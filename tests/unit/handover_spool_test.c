/* Handovers of a log on disk: what is out when records are dropped, read again, or power fails. */
#include "window_bench.h"

static int begin(void **state) {
    (void)state;
    bench_begin(4, true);
    return 0;
}

static int end(void **state) {
    (void)state;
    bench_end();
    return 0;
}

static void open_again(void) {
    delivery_shut();
    log_destroy(bench.log);
    bench.log = open_spool();
    sink.came = 0;
    delivery_open();
}

static void start_again(void) {
    open_again();
    run();
}

static void what_is_behind_the_cursor_comes_again_after_a_restart(void **state) {
    (void)state;
    append_some(4);
    answer(0);
    take(1);
    answer(2);
    expect_sums(2 * CHUNK, 0, 2 * CHUNK);
    start_again();
    expect_sums(CHUNK, 0, 3 * CHUNK);
    assert_int_equal(sink.first[0], CHUNK + 1);
    for (size_t i = 0; i < sink.came; i++)
        answer(i);
    expect_sums(4 * CHUNK, 0, 0);
    start_again();
    assert_int_equal(sink.came, 0);
}

static void what_is_far_behind_is_read_from_the_disk_piece_by_piece(void **state) {
    (void)state;
    append_some(5);
    start_again();
    assert_int_equal(sink.came, 1);
    assert_int_equal(sink.count[0], 5 * CHUNK);
    append();
    assert_int_equal(sink.came, 2);
    answer(1);
    answer(0);
    expect_sums(6 * CHUNK, 0, 0);
}

/* Fills the spool until something is dropped. */
static void drop_oldest(void) {
    log_spool_set_reader(bench.delivery.reader, WHEN_FULL_DROP_OLDEST, false);
    for (int i = 0; i < MOST_HANDOVERS && sums_now().dropped == 0; i++)
        append();
    assert_true(sums_now().dropped > 0);
}

static void what_is_dropped_while_it_is_out_counts_once(void **state) {
    (void)state;
    append_some(4);
    take(0);
    answer(2);
    run();
    struct verdict verdicts[CHUNK] = { [0].kind = VERDICT_RETRY };
    handover_answer(handed(1), verdicts); /* partly delivered, and dropped as a whole */
    drop_oldest();
    size_t came = sink.came; /* a slow disk leaves time for a try before */
    struct reader_sums before = sums_now();
    assert_int_equal(before.dropped, bench.lost);
    assert_true(before.dropped >= 2 * CHUNK);
    assert_int_equal(before.delivered, CHUNK); /* that which was answered in time */
    answer(0);
    run_ms(250);
    for (size_t i = came; i < sink.came; i++)
        assert_true(sink.first[i] > 2 * CHUNK); /* what was dropped is not tried again */
    struct reader_sums after = sums_now();
    assert_int_equal(after.delivered, before.delivered);
    assert_int_equal(after.dropped, before.dropped);
}

static void the_cursor_passes_what_was_dropped_without_its_answer(void **state) {
    (void)state;
    append_some(1);
    drop_oldest();
    for (size_t i = 1; i < sink.came; i++)
        answer(i); /* all but the first */
    struct reader_sums before = sums_now();
    uint64_t answered_before = sink.first[sink.came - 1] + CHUNK;
    assert_int_equal(before.pending, 0);
    run_ms(150);
    assert_int_equal(delivery_durable(&bench.delivery), answered_before);
    answer(0);
    assert_int_equal(sums_now().delivered, before.delivered);
    assert_int_equal(sums_now().dropped, before.dropped);
}

static void what_is_dropped_before_it_was_read_is_not_read(void **state) {
    (void)state;
    delivery_room(&bench.delivery, 1);
    append_some(1);
    drop_oldest();
    uint64_t dropped = sums_now().dropped;
    assert_true(dropped > CHUNK);
    assert_int_equal(sink.came, 1);
    answer(0);
    assert_int_equal(sink.came, 2);
    assert_int_equal(sink.first[1], dropped + 1);
    answer(1);
    assert_int_equal(sums_now().delivered, CHUNK);
}

static void a_replacement_that_waits_too_long_reads_again_what_was_taken(void **state) {
    (void)state;
    append_some(3);
    answer(0);
    take(1);
    answer(2);
    expect_sums(2 * CHUNK, 0, CHUNK);
    delivery_replace(&bench.delivery, window_fitted());
    run();
    assert_int_equal(sink.destroyed, 0);
    bench.delivery.patience_ns = 0;
    delivery_look_for_next(&bench.delivery);
    run();
    assert_int_equal(sink.destroyed, 1);
    expect_sums(CHUNK, 0, 2 * CHUNK);
    assert_int_equal(sink.came, 5);
    assert_int_equal(sink.first[3], CHUNK + 1);
    answer(3);
    answer(4);
    expect_sums(3 * CHUNK, 0, 0);
}

static void a_replacement_does_not_wait_for_ever_for_what_is_out(void **state) {
    (void)state;
    append_some(3);
    answer(0);
    take(1);
    expect_sums(CHUNK, 0, 2 * CHUNK);
    delivery_replace(&bench.delivery, window_fitted());
    run();
    assert_int_equal(sink.destroyed, 0);
    bench.delivery.patience_ns = 0;
    delivery_look_for_next(&bench.delivery);
    run();
    assert_int_equal(sink.destroyed, 1);
    assert_int_equal(sink.first[3], CHUNK + 1);
    for (size_t i = 3; i < sink.came; i++)
        answer(i);
    expect_sums(3 * CHUNK, 0, 0);
}

static void a_reader_that_was_removed_while_it_loads_does_no_harm(void **state) {
    (void)state;
    struct error err;
    append_some(4);
    open_again();
    assert_null(log_read(bench.delivery.reader));
    delivery_shut();
    assert_false(log_spool_forget(bench.log, "window", &err)); /* the disk is busy with it */
    run();
    assert_true(log_spool_forget(bench.log, "window", &err));
    delivery_open();
}

#define SPOOL_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(what_is_behind_the_cursor_comes_again_after_a_restart),
        SPOOL_TEST(what_is_far_behind_is_read_from_the_disk_piece_by_piece),
        SPOOL_TEST(what_is_dropped_while_it_is_out_counts_once),
        SPOOL_TEST(the_cursor_passes_what_was_dropped_without_its_answer),
        SPOOL_TEST(what_is_dropped_before_it_was_read_is_not_read),
        SPOOL_TEST(a_replacement_that_waits_too_long_reads_again_what_was_taken),
        SPOOL_TEST(a_replacement_does_not_wait_for_ever_for_what_is_out),
        SPOOL_TEST(a_reader_that_was_removed_while_it_loads_does_no_harm),
    };
    return cmocka_run_group_tests_name("handover_spool", tests, NULL, NULL);
}
