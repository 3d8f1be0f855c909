/* What flow/coverage.h makes of events, in a time of the test's own, and what a report says of it.
 *
 * Clock and loop are stood in for: a second passes when the test says so. */
#include "own_folder.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "flow/coverage.h"
#include "flow/coverage_report.h"

static uint64_t boot_ns, runs;
static int64_t wall_ms;
static struct timer *ticking;

uint64_t clock_monotonic_ns(void) { return boot_ns; }
uint64_t clock_boot_ns(void) { return boot_ns; }
int64_t clock_wall_ms(void) { return wall_ms; }
uint64_t clock_cpu_ns(void) { return 0; }
uint64_t clock_thread_ns(void) { return 0; }
uint64_t random_bits(void) { return ++runs * 2; }

void timer_start(struct loop *loop, struct timer *timer, uint64_t delay_ms) {
    (void)loop, (void)delay_ms;
    ticking = timer;
}
void timer_stop(struct timer *timer) { ticking = ticking == timer ? NULL : ticking; }

struct crew *crew_create(struct loop *loop, unsigned threads, unsigned capacity) {
    (void)loop, (void)threads, (void)capacity;
    return NULL;
}
void crew_destroy(struct crew *crew) { (void)crew; }
void crew_name(struct crew *crew, const char *name) { (void)crew, (void)name; }
void crew_submit(struct crew *crew, struct task *task) {
    (void)crew;
    task->run(task, 0);
    task->done(task);
}

static struct coverage *coverage;
static struct cover *stream;
static char path[80];

static void begin(void) {
    coverage = coverage_create(NULL, 0, own_folder);
    stream = coverage_source(coverage, "stream");
    cover_begin(stream);
}

static void end(void) {
    coverage_destroy(coverage);
    coverage = NULL;
}

static void pass(unsigned seconds) {
    for (unsigned i = 0; i < seconds; i++) {
        boot_ns += 1000000000;
        wall_ms += 1000;
        struct timer *timer = ticking;
        if (timer) timer->fire(timer);
    }
}

/* No timer fires meanwhile. */
static void sleep_for(unsigned seconds) {
    boot_ns += seconds * UINT64_C(1000000000);
    wall_ms += seconds * 1000;
}

static int start(void **state) {
    (void)state;
    snprintf(path, sizeof path, "%s/ledger.db", own_folder);
    remove(path);
    wall_ms = 1000000;
    begin();
    return 0;
}

static int stop(void **state) {
    (void)state;
    if (coverage) end();
    return 0;
}

/* Of a span, in seconds after the start: "gap 3-5 why|" for each that is not covered. */
static void describe(const struct coverage_report *report, char *text) {
    for (size_t i = 0; i < report->count; i++)
        for (size_t j = 0; j < report->parts[i].count; j++) {
            const struct ledger_interval *one = &report->parts[i].intervals[j];
            if (one->kind == LEDGER_COVERED) continue;
            text += sprintf(text, "%s %g-%g", ledger_kinds[one->kind],
                            (double)(one->from_ms - 1000000) / 1000,
                            (double)(one->to_ms - 1000000) / 1000);
            if (one->count) text += sprintf(text, " %d records", (int)one->count);
            text += sprintf(text, " %.*s|", SLICE_ARGS(one->reason));
        }
}

static double report_of(bool running, char *text) {
    struct arena arena;
    struct coverage_report report;
    struct error err;
    arena_init(&arena);
    *text = '\0';
    if (!coverage_report_read(own_folder, 0, wall_ms, running, &arena, &report, &err))
        fail_msg("%s", err.text);
    describe(&report, text);
    double share = report.count ? coverage_share(&report.parts[0]) : -1;
    arena_free(&arena);
    return share;
}

static double assert_report(bool running, const char *wanted) {
    char text[2000];
    double share = report_of(running, text);
    assert_string_equal(text, wanted);
    return share;
}

static void what_is_heard_without_a_break_is_covered(void **state) {
    (void)state;
    cover_connected(stream);
    pass(20);
    assert_true(assert_report(true, "") == 1);
}

static void a_lost_connection_is_a_gap_from_when_nothing_came_any_more(void **state) {
    (void)state;
    cover_connected(stream);
    pass(10);
    cover_gap(stream, wall_ms - 4000, "silent");
    pass(3);
    cover_connected(stream);
    pass(7);
    assert_float_equal(assert_report(true, "gap 6-13 silent|"), 13.0 / 20, 1e-9);
    struct source_cover now = cover_status(stream);
    assert_string_equal(now.state, "covered");
    assert_string_equal(now.last, "gap");
    assert_string_equal(now.last_reason, "silent");
    assert_int_equal(now.last_to_ms - now.last_from_ms, 7000);
}

static void a_gap_that_is_closed_later_says_so_where_it_was(void **state) {
    (void)state;
    int64_t start_ms = wall_ms;
    cover_connected(stream);
    for (int i = 0; i < 2; i++) {
        pass(10);
        cover_gap(stream, 0, i ? "second" : "first");
        pass(5);
        cover_connected(stream);
    }
    pass(10);
    cover_gap_closed(stream, start_ms + 10003, start_ms + 15002, "closed by search, 4 posts");
    assert_string_equal(cover_status(stream).last_reason, "second");
    pass(1);
    assert_report(true, "gap 10-15 closed by search, 4 posts: first|gap 25-30 second|");
    cover_gap_closed(stream, start_ms + 25003, start_ms + 30002, "not closed, it is refused");
    cover_gap_closed(stream, start_ms + 25003, start_ms + 30002, "closed by search, 1 posts");
    pass(1);
    assert_string_equal(cover_status(stream).last_reason, "closed by search, 1 posts: second");
    assert_report(true, "gap 10-15 closed by search, 4 posts: first|"
                        "gap 25-30 closed by search, 1 posts: second|");
}

static void a_gap_between_two_runs_is_told_closed_too(void **state) {
    (void)state;
    int64_t start_ms = wall_ms;
    cover_connected(stream);
    pass(10);
    end();
    sleep_for(20);
    begin();
    cover_gap(stream, 0, "not connected yet");
    sleep_for(2);
    cover_connected(stream);
    cover_gap_closed(stream, start_ms + 10000, start_ms + 32000, "closed by search, 4 posts");
    pass(2); /* only now the ledger is looked into */
    assert_report(true, "gap 10-30 closed by search, 4 posts: linnet was not running|"
                        "gap 30-32 closed by search, 4 posts: not connected yet|");
}

static void a_reason_that_is_too_long_ends_with_a_whole_word(void **state) {
    (void)state;
    char why[1000] = "";
    for (int i = 0; i < 60; i++)
        sprintf(why + strlen(why), "word%d ", i);
    cover_gap(stream, 0, why);
    const char *told = cover_status(stream).reason;
    size_t length = strlen(told);
    assert_true(length > 300 && length < COVER_REASON_BYTES);
    assert_string_equal(told + length - 4, " ...");
    assert_true(memcmp(told, why, length - 4) == 0 && why[length - 4] == ' ');
}

static void a_source_that_connects_late_has_a_gap_from_its_start(void **state) {
    (void)state;
    cover_gap(stream, 0, "connecting");
    pass(5);
    cover_connected(stream);
    pass(5);
    assert_float_equal(assert_report(true, "gap 0-5 connecting|"), 0.5, 1e-9);
}

static void a_kill_is_a_gap_from_the_last_moment_that_was_written(void **state) {
    (void)state;
    cover_connected(stream);
    pass(17); /* written after 1, 2 and 12 seconds */
    struct coverage *killed = coverage;
    ticking = NULL;
    assert_report(false, "gap 12-17 linnet is not running|");
    sleep_for(13);
    begin();
    cover_connected(stream);
    pass(1);
    assert_float_equal(assert_report(true, "gap 12-30 linnet was not running|"), 13.0 / 31, 1e-9);
    assert_string_equal(cover_status(stream).last_reason, "linnet was not running");
    end();
    coverage = killed; /* so that it is freed; it changes only what is its own */
}

static void a_recorded_source_has_no_gap_between_two_runs(void **state) {
    (void)state;
    pass(12);
    end();
    sleep_for(100);
    begin();
    pass(2);
    assert_true(assert_report(true, "") == 1);
}

static void what_came_to_its_end_leaves_no_gap(void **state) {
    (void)state;
    cover_connected(stream);
    pass(3);
    cover_end(stream, "", true);
    pass(20);
    assert_string_equal(cover_status(stream).state, "ended");
    end();
    sleep_for(50);
    assert_true(assert_report(false, "") == 1);
}

static void a_stopped_process_has_a_gap_if_it_hears_what_happens_now(void **state) {
    (void)state;
    struct cover *recorded = coverage_source(coverage, "recorded");
    cover_begin(recorded);
    cover_connected(stream);
    pass(3);
    sleep_for(600);
    pass(3);
    assert_report(true, "gap 3-604 the process was stopped, or the machine slept|");
}

static void a_clock_that_is_set_makes_no_gap(void **state) {
    (void)state;
    cover_connected(stream);
    pass(30);
    wall_ms += 86400000;
    pass(5);
    wall_ms -= 86400000 + 1200000;
    pass(5);
    wall_ms += 1200000;
    pass(1);
    assert_true(assert_report(true, "") == 1);
}

static void where_a_clock_was_set_back_over_a_gap_the_gap_stays(void **state) {
    (void)state;
    cover_connected(stream);
    pass(10);
    cover_gap(stream, 0, "cut");
    pass(10);
    cover_connected(stream);
    pass(20);
    wall_ms -= 35000; /* to 5 s after the start */
    pass(55);
    assert_float_equal(assert_report(true, "gap 10-20 cut|"), 50.0 / 60, 1e-9);
}

static void a_wait_for_room_is_a_pause_when_it_lasts(void **state) {
    (void)state;
    pass(5);
    cover_pause(stream, "the spool is full");
    cover_pause(stream, NULL);
    pass(5);
    cover_pause(stream, "the spool is full");
    pass(4);
    assert_string_equal(cover_status(stream).state, "pause");
    cover_pause(stream, NULL);
    pass(6);
    assert_float_equal(assert_report(true, "pause 10-14 the spool is full|"), 0.8, 1e-9);
}

static void losses_that_follow_each_other_are_one_interval(void **state) {
    (void)state;
    pass(1);
    coverage_lost(coverage, "index", LEDGER_DROP, 10, "the spool was full");
    pass(30);
    coverage_lost(coverage, "index", LEDGER_DROP, 5, "the spool was full");
    pass(100);
    coverage_lost(coverage, "index", LEDGER_DROP, 1, "the spool was full");
    coverage_lost(coverage, "index", LEDGER_DAMAGE, 2, "damaged");
    pass(1);
    assert_report(true, "drop 1-31 15 records the spool was full|"
                        "drop 131-131 1 records the spool was full|"
                        "damage 131-131 2 records damaged|");
}

static void a_ledger_that_cannot_be_written_holds_nobody_up_and_catches_up(void **state) {
    (void)state;
    FILE *file = fopen(path, "w");
    fputs("no database", file);
    fclose(file);
    cover_connected(stream);
    pass(10);
    for (int i = 0; i < 3000; i++) {
        cover_gap(stream, 0, "cut");
        pass(1);
        cover_connected(stream);
    }
    remove(path);
    pass(11);
    char *text = memory_zeroed(1, 1 << 20);
    assert_true(report_of(true, text) > 0);
    assert_non_null(strstr(text, "cut|"));
    memory_free(text);
}

static void a_source_that_was_taken_out_is_a_former_one(void **state) {
    (void)state;
    cover_connected(stream);
    pass(5);
    end();
    begin();
    struct cover *other = coverage_source(coverage, "other");
    cover_end(stream, "it was taken out of the configuration", true);
    cover_begin(other);
    cover_connected(other);
    pass(5);
    end();
    sleep_for(10);
    assert_report(false, "gap 10-20 linnet is not running|");
}

#define COVERAGE_TEST(test) cmocka_unit_test_setup_teardown(test, start, stop)

static int make_folder(void **state) {
    (void)state;
    return own_folder_make();
}

static int remove_folder(void **state) {
    (void)state;
    return own_folder_remove();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        COVERAGE_TEST(what_is_heard_without_a_break_is_covered),
        COVERAGE_TEST(a_lost_connection_is_a_gap_from_when_nothing_came_any_more),
        COVERAGE_TEST(a_gap_that_is_closed_later_says_so_where_it_was),
        COVERAGE_TEST(a_gap_between_two_runs_is_told_closed_too),
        COVERAGE_TEST(a_reason_that_is_too_long_ends_with_a_whole_word),
        COVERAGE_TEST(a_source_that_connects_late_has_a_gap_from_its_start),
        COVERAGE_TEST(a_kill_is_a_gap_from_the_last_moment_that_was_written),
        COVERAGE_TEST(a_recorded_source_has_no_gap_between_two_runs),
        COVERAGE_TEST(what_came_to_its_end_leaves_no_gap),
        COVERAGE_TEST(a_stopped_process_has_a_gap_if_it_hears_what_happens_now),
        COVERAGE_TEST(a_clock_that_is_set_makes_no_gap),
        COVERAGE_TEST(where_a_clock_was_set_back_over_a_gap_the_gap_stays),
        COVERAGE_TEST(a_wait_for_room_is_a_pause_when_it_lasts),
        COVERAGE_TEST(losses_that_follow_each_other_are_one_interval),
        COVERAGE_TEST(a_ledger_that_cannot_be_written_holds_nobody_up_and_catches_up),
        COVERAGE_TEST(a_source_that_was_taken_out_is_a_former_one),
    };
    return cmocka_run_group_tests_name("coverage", tests, make_folder, remove_folder);
}
