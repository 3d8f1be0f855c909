/* Formats of databases: what an upgrade that fails leaves, and who is not let in. */
#include "own_folder.h"
#include "store/database.h"

static const char *const upgrades[] = { "ALTER TABLE t ADD COLUMN more",
                                        "CREATE TABLE u (k); CREATE TABLE t (k)" };
/* The second of its upgrades fails: there is such a table. */
static const struct database_format wrong = {
    .application = 0x6c6e7432, .version = 3, .schema = "CREATE TABLE t (k)", .upgrades = upgrades
};
static struct database database;
static struct error err;

static bool open_with(const struct database_format *format, enum database_mode mode) {
    return database_open(&database, below("d"), format, mode, &err);
}

static void refuse(const struct database_format *format, enum database_mode mode,
                   const char *reason) {
    assert_false(open_with(format, mode));
    assert_null(database.handle);
    if (strstr(err.text, reason) == NULL) fail_msg("%s", err.text);
}

static void an_upgrade_that_fails_leaves_the_file_as_it_was(void **state) {
    (void)state;
    struct database_format first = wrong;
    first.version = 1;
    assert_true(open_with(&first, DATABASE_WRITE));
    assert_true(database_run(&database, "INSERT INTO t VALUES (7)", &err));
    database_close(&database);
    for (int again = 0; again < 2; again++)
        refuse(&wrong, DATABASE_WRITE, "table t already exists");
    assert_true(open_with(&wrong, DATABASE_READ));
    assert_int_equal(database.version, 1);
    assert_false(database_run(&database, "SELECT more FROM t", &err));
    assert_false(database_run(&database, "SELECT * FROM u", &err));
    database_close(&database);
    struct database_format second = wrong;
    second.version = 2;
    assert_true(open_with(&second, DATABASE_WRITE));
    assert_int_equal(database.version, 2);
    assert_true(database_run(&database, "SELECT k, more FROM t", &err));
    database_close(&database);
}

static void a_file_that_says_ours_and_no_version_is_something_else(void **state) {
    (void)state;
    static const char *const others[] = {
        "PRAGMA application_id = 0x6c6e7432; CREATE TABLE other (x)",
        "PRAGMA application_id = 0x6c6e7432; PRAGMA user_version = -1; CREATE TABLE other (x)",
    };
    for (size_t i = 0; i < LENGTH(others); i++) {
        sqlite3 *handle;
        assert_int_equal(own_folder_remove() | own_folder_make(), 0);
        assert_int_equal(sqlite3_open(below("d"), &handle), SQLITE_OK);
        assert_int_equal(sqlite3_exec(handle, others[i], NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(handle);
        refuse(&wrong, DATABASE_WRITE, "something else wrote this database");
        refuse(&wrong, DATABASE_READ, "something else wrote this database");
    }
}

static int cannot_connect(sqlite3 *handle) {
    return sqlite3_exec(handle, "SELECT unknown_function()", NULL, NULL, NULL);
}

static void what_a_connection_needs_and_does_not_get_is_said(void **state) {
    (void)state;
    struct database_format needs = wrong;
    needs.version = 1;
    needs.connect = cannot_connect;
    refuse(&needs, DATABASE_WRITE, "no such function: unknown_function");
}

static int set_up(void **state) {
    (void)state;
    return own_folder_make();
}

static int tear_down(void **state) {
    (void)state;
    return own_folder_remove();
}

#define FORMAT_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        FORMAT_TEST(an_upgrade_that_fails_leaves_the_file_as_it_was),
        FORMAT_TEST(a_file_that_says_ours_and_no_version_is_something_else),
        FORMAT_TEST(what_a_connection_needs_and_does_not_get_is_said),
    };
    return cmocka_run_group_tests_name("database_format", tests, NULL, NULL);
}
