/* The coverage ledger in a database that fails, or that something has changed: each call says so,
 * and what it was to put is put as a whole or not at all. */
#include "ledger_fixture.h"

static struct ledger_interval covered(uint64_t run, uint64_t number, int64_t from_ms) {
    return (struct ledger_interval){ .part = SLICE("stream"),
                                     .kind = LEDGER_COVERED,
                                     .from_ms = from_ms,
                                     .to_ms = from_ms + 10,
                                     .live = true,
                                     .reason = SLICE(""),
                                     .run = run,
                                     .number = number,
                                     .absence = number + 1 };
}

/* With what put_the_run_before puts, and the gaps in front of both. */
#define ALL 5

static bool put_two(void) {
    struct ledger_interval two[] = { covered(2, 1, 50), covered(2, 3, 60) };
    return ledger_put(&ledger, two, LENGTH(two), &err);
}

static void run(const char *sql) {
    if (!database_run(&ledger.database, sql, &err)) fail_msg("%s", err.text);
}

static void count_one(void *context, const struct ledger_interval *told) {
    (void)told;
    ++*(int *)context;
}

static int told(void) {
    int count = 0;
    assert_true(ledger_each(&ledger, 0, count_one, &count, &err));
    return count;
}

static void put_the_run_before(void) {
    struct ledger_interval before = covered(1, 1, 10);
    assert_true(ledger_put(&ledger, &before, 1, &err));
}

/* Steps that SQLite may still go; none left: what it does is interrupted. */
static int steps;

static int interrupt(void *context) {
    (void)context;
    return steps-- <= 0;
}

static void interrupt_after(int count) {
    steps = count;
    sqlite3_progress_handler(ledger.database.handle, 1, interrupt, NULL);
}

static void go_on(void) { sqlite3_progress_handler(ledger.database.handle, 0, NULL, NULL); }

static void wherever_a_put_is_interrupted_nothing_of_it_is_there(void **state) {
    (void)state;
    put_the_run_before();
    for (int count = 0;; count++) {
        interrupt_after(count);
        bool put = put_two();
        go_on();
        if (put) {
            assert_true(count > 50);
            break;
        }
        assert_non_null(strstr(err.text, "interrupted"));
        database_roll_back(&ledger.database);
        int rows = told(); /* all of them where it is the end of the commit that is interrupted */
        assert_true(rows == 1 || rows == ALL);
    }
    assert_int_equal(told(), ALL);
}

static void wherever_a_look_is_interrupted_it_says_so(void **state) {
    (void)state;
    uint64_t last = 0;
    int failed[3] = { 0 };
    put_the_run_before();
    assert_true(put_two());
    for (int count = 0; count < 500; count++) {
        int seen = 0;
        interrupt_after(count);
        bool all = ledger_each(&ledger, 0, count_one, &seen, &err);
        interrupt_after(count);
        bool known = ledger_last_run(&ledger, &last, &err);
        interrupt_after(count);
        bool trimmed = ledger_trim(&ledger, 0, &err);
        go_on();
        assert_int_equal(last, known ? 2 : 0);
        assert_true(all ? seen == ALL : seen <= ALL);
        failed[0] += !all;
        failed[1] += !known;
        failed[2] += !trimmed;
    }
    for (size_t i = 0; i < LENGTH(failed); i++)
        assert_true(failed[i] > 5 && failed[i] < 500);
    assert_int_equal(told(), ALL);
}

static void an_empty_one_has_no_last_run(void **state) {
    (void)state;
    uint64_t last = 7;
    assert_true(ledger_last_run(&ledger, &last, &err));
    assert_int_equal(last, 0);
}

static void a_row_that_is_refused_ends_the_put(void **state) {
    (void)state;
    run("CREATE TRIGGER refuse BEFORE INSERT ON interval WHEN new.number = 1"
        " BEGIN SELECT RAISE(ABORT, 'no such thing'); END");
    assert_false(put_two());
    assert_non_null(strstr(err.text, "no such thing"));
    database_roll_back(&ledger.database);
    assert_int_equal(told(), 0);
}

static void within_a_transaction_nothing_is_put(void **state) {
    (void)state;
    run("BEGIN");
    assert_false(put_two());
    assert_non_null(strstr(err.text, "within a transaction"));
    database_roll_back(&ledger.database);
    assert_true(put_two());
}

static void without_its_table_every_call_says_so(void **state) {
    (void)state;
    uint64_t last;
    int seen = 0;
    run("DROP TABLE interval");
    assert_false(put_two());
    assert_non_null(strstr(err.text, "no such table"));
    database_roll_back(&ledger.database);
    assert_false(ledger_trim(&ledger, 0, &err));
    assert_false(ledger_each(&ledger, 0, count_one, &seen, &err));
    assert_false(ledger_last_run(&ledger, &last, &err));
    assert_non_null(strstr(err.text, "no such table"));
}

/* What is put needs no `id`; finding the run before does. */
static void without_an_order_nothing_is_put(void **state) {
    (void)state;
    run("DROP TABLE interval; CREATE TABLE interval (part, kind, began, ended, open, live, count,"
        " reason, run, number, UNIQUE (run, number))");
    assert_false(put_two());
    assert_non_null(strstr(err.text, "no such column: id"));
    database_roll_back(&ledger.database);
}

static void note_kind(void *context, const struct ledger_interval *interval) {
    *(enum ledger_kind *)context = interval->kind;
}

/* Another linnet, or a hand, wrote it: what was not covered is what it must not hide. */
static void a_kind_that_is_not_known_is_a_gap(void **state) {
    (void)state;
    enum ledger_kind kind = LEDGER_COVERED;
    put_the_run_before();
    run("UPDATE interval SET kind = 'whatever'");
    assert_true(ledger_each(&ledger, 0, note_kind, &kind, &err));
    assert_int_equal(kind, LEDGER_GAP);
}

#define LEDGER_TEST(test) cmocka_unit_test_setup_teardown(test, open_ledger, close_ledger)

int main(void) {
    const struct CMUnitTest tests[] = {
        LEDGER_TEST(wherever_a_put_is_interrupted_nothing_of_it_is_there),
        LEDGER_TEST(wherever_a_look_is_interrupted_it_says_so),
        LEDGER_TEST(an_empty_one_has_no_last_run),
        LEDGER_TEST(a_row_that_is_refused_ends_the_put),
        LEDGER_TEST(within_a_transaction_nothing_is_put),
        LEDGER_TEST(without_its_table_every_call_says_so),
        LEDGER_TEST(without_an_order_nothing_is_put),
        LEDGER_TEST(a_kind_that_is_not_known_is_a_gap),
    };
    return cmocka_run_group_tests_name("ledger_faults", tests, make_folder, remove_folder);
}
