/* The coverage ledger on a disk whose power is cut, and that fails. */
#include "../sim/os_sim.h"
#include "../sim/vfs_sim.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka needs the four above it */
#include <cmocka.h>

#include "store/ledger.h"

#define PATH "/s/ledger.db"
#define MOST 6

static struct ledger ledger;
static struct error err;

static int start(void **state) {
    (void)state;
    sim_reset();
    return !os_make_private_folder("/s") || !os_sync_folder("/");
}

/* The first so many seconds of a run, second for second; the number that was put. */
static int live(uint64_t run, int seconds) {
    struct ledger_interval one = { .part = SLICE("stream"),
                                   .kind = LEDGER_COVERED,
                                   .from_ms = (int64_t)run * 1000,
                                   .open = true,
                                   .live = true,
                                   .reason = SLICE(""),
                                   .run = run,
                                   .number = 1,
                                   .absence = 2 };
    int put = 0;
    if (!ledger_open(&ledger, PATH, DATABASE_WRITE, &err)) return 0;
    for (; put < seconds; put++) {
        one.to_ms = one.from_ms + put + 1;
        if (!ledger_put(&ledger, &one, 1, &err)) break;
    }
    return put;
}

struct seen {
    int64_t end[3], gap_from, gap_to;
    int gaps;
};

static void see(void *context, const struct ledger_interval *told) {
    struct seen *seen = context;
    if (told->kind == LEDGER_COVERED) seen->end[told->run] = told->to_ms - told->from_ms;
    if (told->kind != LEDGER_GAP) return;
    seen->gaps++;
    seen->gap_from = told->from_ms;
    seen->gap_to = told->to_ms;
}

/* In a process that is killed at its `kill`-th write or sync; what it had put before. */
static int live_and_die(uint64_t kill) {
    int status;
    pid_t child = fork();
    if (child == 0) {
        sim_inject(
            (struct sim_fault){ .calls = SIM_CHANGES, .at = kill, .error = EIO, .forever = true });
        _exit(live(1, MOST));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void what_was_put_is_there_whenever_the_power_is_cut(void **state) {
    (void)state;
    int put = 0;
    for (uint64_t kill = 1; put < MOST; kill++) {
        (void)start(NULL);
        put = live_and_die(kill);
        sim_cut_power(kill);
        assert_int_equal(live(2, 1), 1);
        struct seen seen = { 0 };
        assert_true(ledger_each(&ledger, 0, see, &seen, &err));
        ledger_close(&ledger);
        if (seen.end[1] < put) fail_msg("call %d: %d of %d", (int)kill, (int)seen.end[1], put);
        /* From the last moment that is durable on, nothing is known to have been heard. */
        assert_int_equal(seen.gaps, seen.end[1] > 0);
        if (seen.gaps) assert_int_equal(seen.gap_from, 1000 + seen.end[1]);
        if (seen.gaps) assert_int_equal(seen.gap_to, 2000);
    }
}

static void after_a_call_that_failed_the_same_is_put_again(void **state) {
    (void)state;
    bool failed = true;
    for (uint64_t call = 1; failed; call++) {
        (void)start(NULL);
        assert_int_equal(live(1, 1), 1);
        ledger_close(&ledger);
        sim_inject((struct sim_fault){ .calls = SIM_CHANGES, .at = call, .error = ENOSPC });
        failed = live(2, 1) == 0;
        sim_inject((struct sim_fault){ 0 });
        if (failed && !database_goes_on(&ledger.database)) ledger_close(&ledger);
        if (ledger.database.handle) ledger_close(&ledger);
        assert_int_equal(live(2, 2), 2);
        struct seen seen = { 0 };
        assert_true(ledger_each(&ledger, 0, see, &seen, &err));
        assert_int_equal(seen.gaps, 1);
        assert_int_equal(seen.end[2], 2);
        ledger_close(&ledger);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_was_put_is_there_whenever_the_power_is_cut, start),
        cmocka_unit_test_setup(after_a_call_that_failed_the_same_is_put_again, start),
    };
    vfs_sim_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
