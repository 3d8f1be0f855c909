/* store/database.h on a disk whose power is cut, with the processes that come before and after. */
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

#include "store/database.h"

static const struct database_format format = {
    .application = 77,
    .version = 1,
    .schema = "CREATE TABLE thing (name TEXT UNIQUE); CREATE TABLE other (name TEXT)",
};

static struct database database;
static struct error err;

static bool open_it(void) {
    return database_open(&database, "/s/things.db", &format, DATABASE_WRITE, &err);
}

static void open_or_fail(void) {
    if (!open_it()) fail_msg("%s", err.text);
}

static void run(const char *sql) {
    if (!database_run(&database, sql, &err)) fail_msg("%s", err.text);
}

static int number(const char *sql) {
    bool row;
    sqlite3_stmt *statement = database_prepare(&database, sql, &err);
    if (!statement || !database_step(&database, statement, &row, &err) || !row)
        fail_msg("%s: %s", sql, err.text);
    int found = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return found;
}

static int start(void **state) {
    (void)state;
    sim_reset();
    return !os_make_private_folder("/s") || !os_sync_folder("/");
}

/* A process of its own, whose connection does not get to say goodbye. */
static void elsewhere(void (*work)(void)) {
    int status;
    pid_t child = fork();
    if (child == 0) {
        work();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static const char put[] = "INSERT OR IGNORE INTO thing VALUES ('one')";

static void make_it(void) {
    open_or_fail();
    run("INSERT INTO other VALUES ('first')");
}

/* Killed between writing a commit and syncing it. */
static void die_in_a_commit(void) {
    open_or_fail();
    sim_inject((struct sim_fault){ .calls = SIM_SYNC, .kill_at = 1 });
    (void)!database_run(&database, put, &err);
}

static void put_it_again(void) {
    open_or_fail();
    run(put);
}

/* The second process finds the row that the first one wrote, and writes nothing. */
static void what_a_killed_process_left_is_durable_before_it_is_relied_on(void **state) {
    (void)state;
    elsewhere(make_it);
    elsewhere(die_in_a_commit);
    sim_restart();
    elsewhere(put_it_again);
    sim_cut_power(0);
    open_or_fail();
    assert_int_equal(number("SELECT count(*) FROM thing"), 1);
    database_close(&database);
}

static void only_open(void) { open_or_fail(); }

static void write_much(void) {
    open_or_fail();
    for (int i = 0; i < 20; i++)
        run("INSERT INTO other SELECT hex(randomblob(900))");
    run("PRAGMA wal_checkpoint(TRUNCATE)");
}

/* The journal of the transaction that made it must not come back. */
static void any_two_power_cuts_leave_it_whole(void **state) {
    (void)state;
    for (uint64_t seed = 3; seed < 120; seed++) {
        (void)start(NULL);
        elsewhere(only_open);
        sim_cut_power(seed);
        elsewhere(write_much);
        sim_cut_power(seed + 1000);
        open_or_fail();
        bool whole = number("SELECT integrity_check = 'ok' FROM pragma_integrity_check") == 1;
        int rows = number("SELECT count(*) FROM other");
        if (!whole || rows < 20) fail_msg("seed %d: %d rows", (int)seed, rows);
        database_close(&database);
    }
}

static void sync_no_folder(void) {
    sim_inject((struct sim_fault){
        .calls = SIM_SYNC_FOLDER, .path = "/s", .at = 1, .error = EIO, .forever = true });
    (void)open_it();
    if (database.handle) run(put);
    _exit(database.handle != NULL);
}

/* SQLite does not look whether the folder's sync worked, which keeps the log's name. */
static void without_the_folder_nothing_is_taken(void **state) {
    (void)state;
    elsewhere(only_open);
    sim_restart();
    elsewhere(sync_no_folder);
}

static void a_log_that_cannot_be_written_back_is_not_thrown_away(void **state) {
    (void)state;
    open_or_fail();
    run(put);
    sim_take_away("/s/things.db");
    assert_false(database_is_in_place(&database));
    sim_inject((struct sim_fault){ .calls = SIM_SYNC, .at = 1, .error = EIO });
    assert_false(database_leave(&database, &err));
    assert_int_equal(database_fault(&database), DATABASE_AGAIN);
    assert_int_equal(number("SELECT count(*) FROM thing"), 1);
    assert_true(database_leave(&database, &err));
    open_or_fail();
    assert_int_equal(number("SELECT count(*) FROM thing"), 0);
    database_close(&database);
}

static void a_folder_that_cannot_be_looked_at_says_nothing_of_the_file(void **state) {
    (void)state;
    open_or_fail();
    sim_inject((struct sim_fault){ .calls = SIM_STAT, .at = 1, .error = EMFILE });
    assert_true(database_is_in_place(&database));
    database_close(&database);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_a_killed_process_left_is_durable_before_it_is_relied_on, start),
        cmocka_unit_test_setup(any_two_power_cuts_leave_it_whole, start),
        cmocka_unit_test_setup(without_the_folder_nothing_is_taken, start),
        cmocka_unit_test_setup(a_log_that_cannot_be_written_back_is_not_thrown_away, start),
        cmocka_unit_test_setup(a_folder_that_cannot_be_looked_at_says_nothing_of_the_file, start),
    };
    vfs_sim_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
