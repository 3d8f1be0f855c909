/* The coverage ledger's rows: what is put, put again, continued after a kill, and given back. */
#include "ledger_fixture.h"

static struct ledger_interval interval(uint64_t run, uint64_t number, enum ledger_kind kind,
                                       int64_t from_ms, int64_t to_ms) {
    return (struct ledger_interval){ .part = SLICE("stream"),
                                     .kind = kind,
                                     .from_ms = from_ms,
                                     .to_ms = to_ms,
                                     .live = true,
                                     .reason = SLICE("why"),
                                     .run = run,
                                     .number = number };
}

static void put(struct ledger_interval one) {
    if (!ledger_put(&ledger, &one, 1, &err)) fail_msg("%s", err.text);
}

/* "covered 10-20 gap 20-30 " */
static void describe(void *context, const struct ledger_interval *told) {
    char *text = context, more[64];
    snprintf(more, sizeof more, "%s %d-%d%s ", ledger_kinds[told->kind], (int)told->from_ms,
             (int)told->to_ms, told->open ? "+" : "");
    strcat(text, more);
}

static void assert_told(int64_t since_ms, const char *wanted) {
    char text[1000] = "";
    assert_true(ledger_each(&ledger, since_ms, describe, text, &err));
    assert_string_equal(text, wanted);
}

static void an_interval_comes_back_whole(void **state) {
    (void)state;
    struct ledger_interval lost = { .part = SLICE("index"),
                                    .kind = LEDGER_DROP,
                                    .from_ms = 5,
                                    .to_ms = 9,
                                    .count = 77,
                                    .reason = SLICE(""),
                                    .run = UINT64_MAX / 2,
                                    .number = 3 };
    put(lost);
    assert_told(0, "drop 5-9 ");
    uint64_t run;
    assert_true(ledger_last_run(&ledger, &run, &err));
    assert_int_equal(run, UINT64_MAX / 2);
}

static void the_same_number_again_moves_the_end(void **state) {
    (void)state;
    struct ledger_interval one = interval(1, 1, LEDGER_COVERED, 10, 20);
    one.open = true;
    put(one);
    assert_told(0, "covered 10-20+ ");
    one.to_ms = 40;
    one.open = false;
    put(one);
    assert_told(0, "covered 10-40 ");
}

static void an_end_is_never_before_its_beginning(void **state) {
    (void)state;
    put(interval(1, 1, LEDGER_GAP, 30, 10));
    assert_told(0, "gap 30-30 ");
}

static struct ledger_interval first_of(uint64_t run, int64_t from_ms, int64_t to_ms) {
    struct ledger_interval first = interval(run, 1, LEDGER_COVERED, from_ms, to_ms);
    first.absence = 2;
    return first;
}

static void between_two_runs_a_live_source_has_a_gap_once(void **state) {
    (void)state;
    put(first_of(1, 10, 20));
    struct ledger_interval again = first_of(2, 50, 60);
    put(again);
    put(again);
    assert_told(0, "covered 10-20 gap 20-50 covered 50-60 ");
    assert_true(ledger_put(&ledger, &again, 1, &err));
    assert_int_equal(again.absent_from_ms, 20);
    assert_int_equal(again.absent_to_ms, 50);
}

static void a_source_that_ended_or_was_not_there_has_none(void **state) {
    (void)state;
    struct ledger_interval ended = interval(1, 1, LEDGER_COVERED, 10, 20);
    ended.live = false;
    put(ended);
    put(first_of(2, 50, 60));
    struct ledger_interval other = interval(3, 1, LEDGER_COVERED, 70, 80);
    other.part = SLICE("other");
    put(other);
    put(first_of(4, 90, 95)); /* the run before did not have it */
    assert_told(0, "covered 10-20 covered 50-60 covered 70-80 covered 90-95 ");
}

static void a_clock_that_went_back_makes_no_gap(void **state) {
    (void)state;
    put(first_of(1, 1000, 2000));
    put(first_of(2, 500, 600));
    assert_told(0, "covered 1000-2000 covered 500-600 ");
}

static void what_is_told_ended_since_or_is_the_last_of_its_part(void **state) {
    (void)state;
    put(interval(1, 1, LEDGER_COVERED, 10, 20));
    put(interval(1, 2, LEDGER_GAP, 20, 30));
    put(interval(1, 3, LEDGER_DROP, 21, 22));
    assert_told(25, "gap 20-30 drop 21-22 ");
    assert_told(99, "gap 20-30 drop 21-22 ");
}

static void what_is_old_goes(void **state) {
    (void)state;
    int64_t day = 86400000;
    put(interval(1, 1, LEDGER_COVERED, 0, day));
    put(interval(1, 2, LEDGER_COVERED, day, 3 * day));
    assert_true(ledger_trim(&ledger, (LEDGER_DAYS + 2) * day, &err));
    assert_told(0, "covered 86400000-259200000 ");
}

static void at_most_so_many_are_kept(void **state) {
    (void)state;
    char many[300];
    snprintf(many, sizeof many,
             "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT"
             " INTO interval SELECT i, 'a', 'gap', i, i, 0, 0, 0, '', 9, i FROM n",
             LEDGER_ROWS + 3);
    assert_true(database_run(&ledger.database, many, &err));
    assert_true(ledger_trim(&ledger, 0, &err));
    bool row;
    sqlite3_stmt *count =
        database_prepare(&ledger.database, "SELECT count(*), min(id) FROM interval", &err);
    assert_true(database_step(&ledger.database, count, &row, &err));
    assert_int_equal(sqlite3_column_int(count, 0), LEDGER_ROWS);
    assert_int_equal(sqlite3_column_int(count, 1), 4);
    sqlite3_finalize(count);
}

#define LEDGER_TEST(test) cmocka_unit_test_setup_teardown(test, open_ledger, close_ledger)

int main(void) {
    const struct CMUnitTest tests[] = {
        LEDGER_TEST(an_interval_comes_back_whole),
        LEDGER_TEST(the_same_number_again_moves_the_end),
        LEDGER_TEST(an_end_is_never_before_its_beginning),
        LEDGER_TEST(between_two_runs_a_live_source_has_a_gap_once),
        LEDGER_TEST(a_source_that_ended_or_was_not_there_has_none),
        LEDGER_TEST(a_clock_that_went_back_makes_no_gap),
        LEDGER_TEST(what_is_told_ended_since_or_is_the_last_of_its_part),
        LEDGER_TEST(what_is_old_goes),
        LEDGER_TEST(at_most_so_many_are_kept),
    };
    return cmocka_run_group_tests_name("ledger", tests, make_folder, remove_folder);
}
