/* Batches: bounds, what a new message knows, reuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "post/batch.h"

static void a_batch_takes_256_messages_and_no_more(void **state) {
    (void)state;
    struct batch *batch = batch_create();
    for (uint64_t i = 0; i < BATCH_MESSAGES; i++)
        assert_non_null(batch_add(batch, SLICE("x"), i));
    assert_null(batch_add(batch, SLICE("x"), 256));
    assert_int_equal(batch->count, BATCH_MESSAGES);
    assert_int_equal(batch->messages[255].offset, 255);
    batch_destroy(batch);
}

static void a_message_knows_its_bytes_its_offset_and_when_it_came(void **state) {
    (void)state;
    struct batch *batch = batch_create();
    batch->received_ms = 1700000000000;
    const struct message *message = batch_add(batch, SLICE("raw"), 42);
    assert_true(slice_is(message->raw, "raw"));
    assert_int_equal(message->offset, 42);
    assert_true(message->received_ms == 1700000000000);
    assert_int_equal(message->kind, MESSAGE_POST);
    assert_int_equal(message->outcome, OUTCOME_PENDING);
    assert_null(message->documents);
    batch_destroy(batch);
}

static void a_reset_batch_is_as_new_and_keeps_a_bounded_memory(void **state) {
    (void)state;
    struct batch *batch = batch_create();
    for (int round = 0; round < 3; round++) {
        struct message *message = batch_add(batch, SLICE("raw"), 42);
        message->outcome = OUTCOME_KEPT;
        message->scored = true;
        batch->number = 7;
        batch->position = SLICE("9");
        batch->restamp = true;
        batch->place.round = 3;
        for (int i = 0; i < 64; i++)
            memset(arena_alloc(&batch->arena, 200000), i, 200000);
        batch_reset(batch);
        assert_int_equal(batch->count, 0);
        assert_int_equal(batch->number, 0);
        assert_int_equal(batch->position.length, 0);
        assert_int_equal(batch->place.round, 0);
        assert_false(batch->restamp);
        assert_null(batch->snapshot);
        assert_in_range(arena_size(&batch->arena), 1, (size_t)4 << 20);
        const struct message *again = batch_add(batch, SLICE("b"), 1);
        assert_int_equal(again->outcome, OUTCOME_PENDING);
        assert_false(again->scored);
        batch_reset(batch);
    }
    batch_destroy(batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_takes_256_messages_and_no_more),
        cmocka_unit_test(a_message_knows_its_bytes_its_offset_and_when_it_came),
        cmocka_unit_test(a_reset_batch_is_as_new_and_keeps_a_bounded_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
