/* Several handovers with a sink at a time: answered in any order, taken, tried again one by one. */
#include "window_bench.h"

/* Each test with a log in memory, then with one on disk. */
static void in_memory_and_on_disk(unsigned room, void (*test)(void)) {
    for (int on_disk = 0; on_disk < 2; on_disk++) {
        bench_begin(room, on_disk);
        test();
        bench_end();
    }
}

static void give_room(void) {
    append_some(5);
    assert_int_equal(sink.came, 3);
    expect_sums(0, 0, 5 * CHUNK);
    answer(1);
    assert_int_equal(sink.came, 4); /* for each answer one */
    answer(0);
    assert_int_equal(sink.came, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(sink.first[i], i * CHUNK + 1);
    for (size_t i = 2; i < 5; i++)
        answer(i);
    expect_sums(5 * CHUNK, 0, 0);
}

static void a_sink_has_as_many_handovers_as_it_has_room_for(void **state) {
    (void)state;
    in_memory_and_on_disk(3, give_room);
}

static void change_room(void) {
    append_some(6);
    assert_int_equal(sink.came, 1);
    delivery_room(&bench.delivery, 4);
    assert_int_equal(sink.came, 1); /* not from within the call */
    run();
    assert_int_equal(sink.came, 4);
    delivery_room(&bench.delivery, 0); /* one at least */
    for (size_t i = 0; i < 3; i++)
        answer(i);
    run();
    assert_int_equal(sink.came, 4);
    answer(3);
    assert_int_equal(sink.came, 5);
    answer(4);
    answer(5);
    expect_sums(6 * CHUNK, 0, 0);
}

static void room_can_grow_and_shrink(void **state) {
    (void)state;
    in_memory_and_on_disk(0, change_room);
}

static void answer_out_of_order(void) {
    append_some(4);
    uint64_t start = delivery_durable(&bench.delivery);
    answer(3);
    answer(1);
    expect_sums(2 * CHUNK, 0, 2 * CHUNK);
    run_ms(150); /* a cursor is saved after a while */
    assert_int_equal(delivery_durable(&bench.delivery), start);
    answer(0);
    run_ms(150);
    assert_int_equal(delivery_durable(&bench.delivery), 2 * CHUNK + 1);
    answer(2);
    run_ms(150);
    assert_int_equal(delivery_durable(&bench.delivery), 4 * CHUNK + 1);
    expect_sums(4 * CHUNK, 0, 0);
}

static void the_cursor_moves_behind_what_is_settled_without_a_gap(void **state) {
    (void)state;
    in_memory_and_on_disk(4, answer_out_of_order);
}

static void take_all(void) {
    append_some(1);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(sink.came, i + 1); /* one at a time */
        append();
        take(i);
        run();
    }
    assert_int_equal(sink.came, 4);
    assert_true(bench.passed >= 3); /* the source has them back */
    take(3);
    assert_true(delivery_owes(&bench.delivery));
    expect_sums(0, 0, 4 * CHUNK);
    assert_int_equal(delivery_durable(&bench.delivery), 1);
    answer(1);
    expect_sums(CHUNK, 0, 3 * CHUNK);
    for (size_t i = 0; i < 4; i++)
        if (i != 1) answer(i);
    expect_sums(4 * CHUNK, 0, 0);
    assert_false(delivery_owes(&bench.delivery));
}

static void what_is_taken_gives_its_memory_back_and_is_still_pending(void **state) {
    (void)state;
    in_memory_and_on_disk(1, take_all);
}

/* As a store whose disk is full gives all back that it has. */
static void give_all_back(void) {
    append_some(5);
    for (size_t i = 0; i < 3; i++)
        handover_again(handed(i));
    for (size_t came = 3; came < 8; came++) {
        while (sink.came == came)
            run_ms(10);
        assert_int_equal(sink.first[came], (came - 3) * CHUNK + 1);
        answer(came);
    }
    expect_sums(5 * CHUNK, 0, 0);
}

static void what_a_disk_did_not_take_comes_again_in_order_and_before_all_else(void **state) {
    (void)state;
    for (int i = 0; i < 5; i++)
        in_memory_and_on_disk(3, give_all_back);
}

static void try_one_again(void) {
    append_some(5);
    struct verdict verdicts[CHUNK] = { [1].kind = VERDICT_RETRY, [3].kind = VERDICT_RETRY };
    handover_answer(handed(0), verdicts);
    expect_sums(CHUNK - 2, 0, 4 * CHUNK + 2);
    assert_int_equal(sink.came, 2); /* it holds its room */
    answer(1);
    answer(2);
    assert_int_equal(sink.came, 4); /* the others go on */
    run_ms(250);
    assert_int_equal(sink.came, 5);
    assert_int_equal(sink.first[4], 2);
    assert_int_equal(sink.count[4], 2);
    answer(4);
    answer(3);
    answer(5);
    expect_sums(5 * CHUNK, 0, 0);
}

static void one_that_is_tried_again_does_not_hold_the_others(void **state) {
    (void)state;
    in_memory_and_on_disk(2, try_one_again);
}

static void reject_some(void) {
    append_some(2);
    struct verdict verdicts[CHUNK] = { [2] = { VERDICT_REJECT, SLICE("no") } };
    handover_answer(handed(1), verdicts);
    expect_sums(CHUNK - 1, 1, CHUNK);
    answer(0);
    expect_sums(2 * CHUNK - 1, 1, 0);
}

static void what_is_refused_counts_at_once(void **state) {
    (void)state;
    in_memory_and_on_disk(2, reject_some);
}

static void finish_some(void) {
    delivery_finish(&bench.delivery, false);
    append_some(3);
    assert_int_equal(sink.finished, 0); /* it had nothing */
    delivery_finish(&bench.delivery, false);
    assert_int_equal(sink.finished, 0); /* there is more to be read */
    take(0);
    run();
    take(1);
    run();
    delivery_finish(&bench.delivery, false);
    delivery_finish(&bench.delivery, false);
    assert_int_equal(sink.finished, 1); /* once */
    append();
    take(2);
    run();
    delivery_finish(&bench.delivery, false);
    assert_int_equal(sink.finished, 2); /* once more for what came since */
    for (size_t i = 0; i < 4; i++)
        answer(i);
    delivery_finish(&bench.delivery, false);
    assert_int_equal(sink.finished, 2);
}

static void a_sink_is_told_to_finish_when_nothing_more_is_to_be_read(void **state) {
    (void)state;
    in_memory_and_on_disk(1, finish_some);
}

static void finish_for_good(void) {
    append_some(3);
    delivery_finish(&bench.delivery, true);
    assert_int_equal(sink.finished, 1);
    assert_true(delivery_owes(&bench.delivery));
    answer(0);
    run();
    assert_int_equal(sink.came, 1); /* the rest waits for the next run */
    assert_false(delivery_owes(&bench.delivery));
    expect_sums(CHUNK, 0, 2 * CHUNK);
}

static void a_sink_that_finishes_for_good_gets_no_more(void **state) {
    (void)state;
    in_memory_and_on_disk(1, finish_for_good);
}

static void replace_at_once(void) {
    append_some(3);
    take(0);
    run();
    sink.room = 2;
    delivery_replace(&bench.delivery, window_fitted());
    run();
    assert_int_equal(sink.finished, 1);
    assert_int_equal(sink.destroyed, 0); /* it owes two answers */
    struct verdict verdicts[CHUNK] = { [4].kind = VERDICT_RETRY };
    handover_answer(handed(1), verdicts);
    run();
    assert_int_equal(sink.destroyed, 0);
    answer(0);
    run();
    assert_int_equal(sink.destroyed, 1);
    assert_int_equal(sink.came, 4); /* what was to be tried again, and as much as the next wants */
    assert_int_equal(sink.first[2], 2 * CHUNK);
    assert_int_equal(sink.count[2], 1);
    answer(2);
    answer(3);
    expect_sums(3 * CHUNK, 0, 0);
}

static void a_replacement_waits_for_what_was_taken(void **state) {
    (void)state;
    in_memory_and_on_disk(1, replace_at_once);
}

static void forget_all(void) {
    append_some(4);
    take(1);
    answer(2);
    expect_sums(CHUNK, 0, 3 * CHUNK);
} /* and what is out is freed with the delivery */

static void a_delivery_that_is_closed_forgets_what_is_out(void **state) {
    (void)state;
    in_memory_and_on_disk(3, forget_all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sink_has_as_many_handovers_as_it_has_room_for),
        cmocka_unit_test(room_can_grow_and_shrink),
        cmocka_unit_test(the_cursor_moves_behind_what_is_settled_without_a_gap),
        cmocka_unit_test(what_a_disk_did_not_take_comes_again_in_order_and_before_all_else),
        cmocka_unit_test(what_is_taken_gives_its_memory_back_and_is_still_pending),
        cmocka_unit_test(one_that_is_tried_again_does_not_hold_the_others),
        cmocka_unit_test(what_is_refused_counts_at_once),
        cmocka_unit_test(a_sink_is_told_to_finish_when_nothing_more_is_to_be_read),
        cmocka_unit_test(a_sink_that_finishes_for_good_gets_no_more),
        cmocka_unit_test(a_replacement_waits_for_what_was_taken),
        cmocka_unit_test(a_delivery_that_is_closed_forgets_what_is_out),
    };
    return cmocka_run_group_tests_name("handover", tests, NULL, NULL);
}
