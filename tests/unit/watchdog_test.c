/* The watchdog over scripts: whose call is named as stuck. What a processor does is said here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>

#include "flow/watchdog.h"

static const char *running_name;
static uint64_t running_call;

/* In place of flow/process.c's. */
const char *processor_running(const struct processor *processor, uint64_t *call) {
    (void)processor;
    *call = running_call;
    return running_name;
}

static struct loop *loop;

static void stop_loop(struct timer *timer) {
    (void)timer;
    loop_stop(loop);
}

static void another_call(struct timer *timer) {
    running_call++;
    timer_start(loop, timer, 100);
}

/* Between the first look and the second, as a process that is stopped does. */
static void stand_still(struct timer *timer) {
    (void)timer;
    usleep(2500000);
}

/* What is logged while the watchdog looks on for `ms`; meanwhile `also` runs, after a while. */
static size_t look_on(uint64_t ms, struct timer *also, uint64_t after_ms) {
    static char text[4096];
    struct processor *processors[1] = { NULL };
    FILE *captured = tmpfile();
    int real_stderr = dup(2);
    dup2(fileno(captured), 2);
    loop = loop_create();
    struct watchdog *watchdog = watchdog_create(loop, processors, 1);
    struct timer end = { .fire = stop_loop };
    if (also) timer_start(loop, also, after_ms);
    timer_start(loop, &end, ms);
    loop_run(loop);
    if (also) timer_stop(also);
    watchdog_destroy(watchdog);
    loop_destroy(loop);
    dup2(real_stderr, 2);
    close(real_stderr);
    rewind(captured);
    size_t length = fread(text, 1, sizeof text, captured);
    fclose(captured);
    return length;
}

static void a_call_that_is_seen_twice_is_named(void **state) {
    (void)state;
    running_name = "score of slang.lua";
    running_call = 7;
    size_t logged = 0;
    for (int i = 0; i < 20 && logged == 0; i++) /* on a busy machine a look may come too late */
        logged = look_on(2500, NULL, 0);
    assert_true(logged > 0);
}

static void calls_that_end_are_not(void **state) {
    (void)state;
    struct timer calls = { .fire = another_call };
    running_name = "score of slang.lua";
    assert_int_equal(look_on(2500, &calls, 100), 0);
}

/* The second look comes late, at once when the process goes on, and finds the call of the first. */
static void nor_is_one_that_a_stopped_process_was_in(void **state) {
    (void)state;
    struct timer stop = { .fire = stand_still };
    running_name = "score of slang.lua";
    running_call = 9;
    assert_int_equal(look_on(3000, &stop, 1500), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_that_is_seen_twice_is_named),
        cmocka_unit_test(calls_that_end_are_not),
        cmocka_unit_test(nor_is_one_that_a_stopped_process_was_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
