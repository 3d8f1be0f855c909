/* The queue between threads: order, bounds, closing, nothing lost and nothing twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "base/queue.h"

static void items_come_out_in_order(void **state) {
    (void)state;
    struct queue *queue = queue_create(3);
    int items[100];
    size_t in = 0, out = 0;
    assert_null(queue_try_pop(queue));
    while (out < 100) {
        while (in < 100 && queue_push(queue, &items[in]))
            in++;
        assert_ptr_equal(queue_pop(queue), &items[out++]);
    }
    assert_null(queue_try_pop(queue));
    queue_destroy(queue);
}

static void a_full_queue_takes_no_more(void **state) {
    (void)state;
    struct queue *queue = queue_create(2);
    int item;
    assert_true(queue_push(queue, &item));
    assert_true(queue_push(queue, &item));
    assert_false(queue_push(queue, &item));
    assert_non_null(queue_try_pop(queue));
    assert_true(queue_push(queue, &item));
    queue_destroy(queue);
}

static void a_closed_queue_hands_out_what_is_inside_and_then_nothing(void **state) {
    (void)state;
    struct queue *queue = queue_create(4);
    int first, second;
    assert_true(queue_push(queue, &first));
    assert_true(queue_push(queue, &second));
    queue_close(queue);
    assert_false(queue_push(queue, &first));
    assert_ptr_equal(queue_pop(queue), &first);
    assert_ptr_equal(queue_try_pop(queue), &second);
    assert_null(queue_pop(queue));
    assert_null(queue_try_pop(queue));
    queue_destroy(queue);
}

static void *pop_until_closed(void *queue) {
    size_t count = 0;
    while (queue_pop(queue))
        count++;
    return (void *)count; // NOLINT(performance-no-int-to-ptr)
}

static void closing_wakes_all_who_wait(void **state) {
    (void)state;
    struct queue *queue = queue_create(4);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, pop_until_closed, queue), 0);
    queue_close(queue);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    queue_destroy(queue);
}

#define ITEMS 20000

struct traffic {
    struct queue *queue;
    unsigned char *seen; /* how often each item came out */
    int start;           /* of this producer's share */
};

static void *push_share(void *context) {
    struct traffic *traffic = context;
    for (int i = traffic->start; i < ITEMS; i += 2)
        while (!queue_push(traffic->queue, &traffic->seen[i]))
            sched_yield();
    return NULL;
}

static void *pop_and_mark(void *queue) {
    unsigned char *item;
    while ((item = queue_pop(queue)))
        ++*item; /* nobody else has it: else the thread sanitizer says so */
    return NULL;
}

static void between_many_threads_nothing_is_lost_or_doubled(void **state) {
    (void)state;
    static unsigned char seen[ITEMS];
    memset(seen, 0, sizeof seen);
    struct queue *queue = queue_create(16);
    struct traffic shares[2] = { { queue, seen, 0 }, { queue, seen, 1 } };
    pthread_t producers[2], consumers[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&consumers[i], NULL, pop_and_mark, queue), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&producers[i], NULL, push_share, &shares[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(producers[i], NULL);
    queue_close(queue);
    for (int i = 0; i < 3; i++)
        pthread_join(consumers[i], NULL);
    for (int i = 0; i < ITEMS; i++)
        assert_int_equal(seen[i], 1);
    queue_destroy(queue);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_out_in_order),
        cmocka_unit_test(a_full_queue_takes_no_more),
        cmocka_unit_test(a_closed_queue_hands_out_what_is_inside_and_then_nothing),
        cmocka_unit_test(closing_wakes_all_who_wait),
        cmocka_unit_test(between_many_threads_nothing_is_lost_or_doubled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
