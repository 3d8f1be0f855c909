/* The loop: timers, descriptors, signals, and crews with and without threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/loop.h"

static struct loop *loop;
static char trace[64]; /* what happened, a letter each */

static void note(char what) {
    size_t used = strlen(trace);
    assert_true(used + 1 < sizeof trace);
    trace[used] = what;
}

static int begin(void **state) {
    (void)state;
    memset(trace, 0, sizeof trace);
    loop = loop_create();
    return 0;
}

static int end(void **state) {
    (void)state;
    loop_destroy(loop);
    return 0;
}

/* A timer that leaves its letter. */
struct lettered {
    struct timer timer;
    char letter;
};

static void leave_letter(struct timer *timer) {
    note(CONTAINER_OF(timer, struct lettered, timer)->letter);
}

static void stop_loop(struct timer *timer) {
    (void)timer;
    loop_stop(loop);
}

static void run_for(uint64_t ms) {
    struct timer last = { .fire = stop_loop };
    timer_start(loop, &last, ms);
    loop_run(loop);
}

static void timers_fire_once_in_the_order_of_their_times(void **state) {
    (void)state;
    struct lettered timers[4] = { { { .fire = leave_letter }, 'c' },
                                  { { .fire = leave_letter }, 'a' },
                                  { { .fire = leave_letter }, 'b' },
                                  { { .fire = leave_letter }, 'z' } };
    timer_start(loop, &timers[0].timer, 40);
    timer_start(loop, &timers[1].timer, 0);
    timer_start(loop, &timers[2].timer, 20);
    timer_start(loop, &timers[3].timer, 10000);
    run_for(80);
    assert_string_equal(trace, "abc");
    assert_null(timers[0].timer.loop);
    assert_non_null(timers[3].timer.loop);
    timer_stop(&timers[3].timer);
    timer_stop(&timers[3].timer);
    assert_null(timers[3].timer.loop);
}

static void a_stopped_timer_does_not_fire_and_a_restarted_one_fires_once(void **state) {
    (void)state;
    struct lettered stopped = { { .fire = leave_letter }, 's' };
    struct lettered restarted = { { .fire = leave_letter }, 'r' };
    timer_start(loop, &stopped.timer, 5);
    timer_start(loop, &restarted.timer, 5);
    timer_start(loop, &restarted.timer, 20);
    timer_stop(&stopped.timer);
    run_for(60);
    assert_string_equal(trace, "r");
}

static void no_timer_fires_early(void **state) {
    (void)state;
    uint64_t before = clock_monotonic_ns();
    run_for(50);
    uint64_t took = clock_monotonic_ns() - before;
    assert_in_range(took, UINT64_C(49000000), UINT64_C(5000000000));
}

static int rounds_left;

static void another_round(struct timer *timer) {
    if (--rounds_left > 0)
        timer_start(loop, timer, 0);
    else
        loop_stop(loop);
}

static void a_timer_of_zero_costs_no_waiting(void **state) {
    (void)state;
    struct timer timer = { .fire = another_round };
    rounds_left = 2000;
    uint64_t before = clock_monotonic_ns();
    timer_start(loop, &timer, 0);
    loop_run(loop);
    uint64_t took = clock_monotonic_ns() - before;
    assert_in_range(took, 1, UINT64_C(1000000000)); /* a millisecond each would be two seconds */
}

struct pipe_end {
    struct watch watch;
    int fd;
};

static void read_letter(struct watch *watch) {
    struct pipe_end *pipe_end = CONTAINER_OF(watch, struct pipe_end, watch);
    char letter;
    ssize_t got = read(pipe_end->fd, &letter, 1);
    if (got == 1)
        note(letter);
    else {
        note('.');
        watch_stop(watch);
        loop_stop(loop);
    }
}

static void a_watch_tells_of_bytes_and_of_the_end(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct pipe_end reader = { { .ready = read_letter }, ends[0] };
    watch_readable(loop, &reader.watch, ends[0]);
    run_for(20); /* nothing yet */
    assert_string_equal(trace, "");
    assert_int_equal(write(ends[1], "abc", 3), 3);
    close(ends[1]);
    loop_run(loop);
    assert_string_equal(trace, "abc.");
    assert_null(reader.watch.loop);
    close(ends[0]);
}

static void note_ready(struct timer *timer) {
    (void)timer;
    note('t');
}

/* A busy timer must not keep descriptors from being served. */
static void a_timer_that_is_always_due_starves_no_descriptor(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct pipe_end reader = { { .ready = read_letter }, ends[0] };
    struct timer busy = { .fire = another_round };
    rounds_left = 1000000000;
    assert_int_equal(write(ends[1], "x", 1), 1);
    close(ends[1]);
    watch_readable(loop, &reader.watch, ends[0]);
    timer_start(loop, &busy, 0);
    loop_run(loop); /* the end of the pipe stops it */
    assert_string_equal(trace, "x.");
    timer_stop(&busy);
    close(ends[0]);
}

static void got_signal(struct signal_handler *handler) {
    (void)handler;
    note('!');
    loop_stop(loop);
}

static void a_signal_calls_its_handler_on_the_loop(void **state) {
    (void)state;
    struct signal_handler handler = { .fire = got_signal };
    signal_start(loop, &handler, SIGUSR1);
    raise(SIGUSR1);
    assert_string_equal(trace, "");
    loop_run(loop);
    raise(SIGUSR1);
    loop_run(loop);
    assert_string_equal(trace, "!!");
    signal_stop(&handler);
    assert_null(handler.loop);
}

#define TASKS 500

struct numbered {
    struct task task;
    int number, ran, done;
    unsigned worker;
    pthread_t thread;
};

static struct numbered tasks[TASKS];
static int done_count, done_wanted;
static unsigned worker_count;
static atomic_int running[4];

static void task_run(struct task *task, unsigned worker) {
    struct numbered *numbered = CONTAINER_OF(task, struct numbered, task);
    assert_true(worker < worker_count);
    assert_int_equal(atomic_fetch_add(&running[worker], 1), 0); /* one at a time on each */
    numbered->ran++;
    numbered->worker = worker;
    numbered->thread = pthread_self();
    atomic_fetch_sub(&running[worker], 1);
}

static pthread_t loop_thread;

static void task_done(struct task *task) {
    struct numbered *numbered = CONTAINER_OF(task, struct numbered, task);
    assert_true(pthread_equal(pthread_self(), loop_thread));
    assert_int_equal(numbered->ran, 1);
    numbered->done++;
    if (++done_count == done_wanted) loop_stop(loop);
}

static struct crew *crew_with(unsigned threads) {
    memset(tasks, 0, sizeof tasks);
    done_count = 0;
    worker_count = threads ? threads : 1;
    loop_thread = pthread_self();
    for (int i = 0; i < TASKS; i++)
        tasks[i] = (struct numbered){ .task = { task_run, task_done }, .number = i };
    return crew_create(loop, threads, TASKS);
}

static void run_all(struct crew *crew) {
    done_wanted = TASKS;
    for (int i = 0; i < TASKS; i++)
        crew_submit(crew, &tasks[i].task);
    loop_run(loop);
    for (int i = 0; i < TASKS; i++)
        assert_int_equal(tasks[i].done, 1);
}

static void without_threads_the_loop_works_in_order(void **state) {
    (void)state;
    struct crew *crew = crew_with(0);
    crew_submit(crew, &tasks[0].task);
    assert_int_equal(tasks[0].ran, 0); /* not inside of submit */
    done_wanted = 1;
    loop_run(loop);
    assert_int_equal(tasks[0].done, 1);
    crew_destroy(crew);
    crew = crew_with(0);
    run_all(crew);
    for (int i = 0; i < TASKS; i++) {
        assert_true(pthread_equal(tasks[i].thread, loop_thread));
        assert_int_equal(tasks[i].worker, 0);
    }
    crew_destroy(crew);
}

static void threads_run_each_task_once_and_the_loop_finishes_it(void **state) {
    (void)state;
    struct crew *crew = crew_with(2);
    run_all(crew);
    for (int i = 0; i < TASKS; i++)
        assert_false(pthread_equal(tasks[i].thread, loop_thread));
    crew_destroy(crew);
}

static int order[TASKS];

static void note_order(struct task *task) {
    order[done_count] = CONTAINER_OF(task, struct numbered, task)->number;
    task_done(task);
}

static void one_thread_keeps_the_order(void **state) {
    (void)state;
    struct crew *crew = crew_with(1);
    for (int i = 0; i < TASKS; i++)
        tasks[i].task.done = note_order;
    run_all(crew);
    for (int i = 0; i < TASKS; i++)
        assert_int_equal(order[i], i);
    crew_destroy(crew);
}

static struct crew *resubmitting;

static void submit_again(struct task *task) {
    struct numbered *numbered = CONTAINER_OF(task, struct numbered, task);
    if (++done_count >= done_wanted) { /* of three tasks, the others may be on their way */
        loop_stop(loop);
        return;
    }
    numbered->ran = 0;
    crew_submit(resubmitting, task);
}

static void a_done_task_may_be_submitted_again(void **state) {
    (void)state;
    for (unsigned threads = 0; threads <= 2; threads++) {
        resubmitting = crew_with(threads);
        done_wanted = 2000;
        for (int i = 0; i < 3; i++) {
            tasks[i].task.done = submit_again;
            crew_submit(resubmitting, &tasks[i].task);
        }
        loop_run(loop);
        assert_in_range(done_count, 2000, 2002);
        crew_destroy(resubmitting);
    }
}

static void a_destroyed_crew_drops_what_has_not_begun(void **state) {
    (void)state;
    for (unsigned threads = 0; threads <= 2; threads++) {
        struct crew *crew = crew_with(threads);
        for (int i = 0; i < TASKS; i++)
            crew_submit(crew, &tasks[i].task);
        crew_destroy(crew);
        for (int i = 0; i < TASKS; i++) {
            assert_int_equal(tasks[i].done, 0);
            assert_in_range(tasks[i].ran, 0, 1);
        }
        struct timer after = { .fire = note_ready };
        timer_start(loop, &after, 0);
        run_for(5); /* nothing of the crew is left in the loop */
    }
    assert_string_equal(trace, "ttt");
}

/* Keeps its thread until it is let go. */
static atomic_bool held, begun;

static void hold(struct task *task, unsigned worker) {
    (void)task, (void)worker;
    begun = true;
    while (held)
        usleep(1000);
}

static void let_go(struct task *task) {
    (void)task;
    loop_stop(loop);
}

static void hold_one(struct crew *crew, struct task *task) {
    held = true;
    begun = false;
    crew_submit(crew, task);
    while (!begun)
        usleep(1000);
}

static void looks_count_how_often_a_thread_is_found_at_the_same_task(void **state) {
    (void)state;
    const char *who;
    struct task first = { hold, let_go }, second = { hold, let_go };
    struct crew *idle = crew_create(loop, 2, 1), *crew = crew_create(loop, 2, 2);
    crew_name(crew, "held");
    assert_int_equal(loop_look(loop, &who), 0);
    assert_string_equal(who, "");
    hold_one(crew, &first);
    for (unsigned looks = 1; looks <= 3; looks++) {
        assert_int_equal(loop_look(loop, &who), looks);
        assert_string_equal(who, "held");
    }
    held = false;
    loop_run(loop);
    hold_one(crew, &second); /* another task, though a thread was busy at both looks */
    assert_int_equal(loop_look(loop, &who), 1);
    held = false;
    loop_run(loop);
    assert_int_equal(loop_look(loop, &who), 0);
    crew_destroy(idle); /* in this order, and still none is looked at that is gone */
    crew_destroy(crew);
    assert_int_equal(loop_look(loop, &who), 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(timers_fire_once_in_the_order_of_their_times),
        TEST(a_stopped_timer_does_not_fire_and_a_restarted_one_fires_once),
        TEST(no_timer_fires_early),
        TEST(a_timer_of_zero_costs_no_waiting),
        TEST(a_watch_tells_of_bytes_and_of_the_end),
        TEST(a_timer_that_is_always_due_starves_no_descriptor),
        TEST(a_signal_calls_its_handler_on_the_loop),
        TEST(without_threads_the_loop_works_in_order),
        TEST(threads_run_each_task_once_and_the_loop_finishes_it),
        TEST(one_thread_keeps_the_order),
        TEST(a_done_task_may_be_submitted_again),
        TEST(looks_count_how_often_a_thread_is_found_at_the_same_task),
        TEST(a_destroyed_crew_drops_what_has_not_begun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
