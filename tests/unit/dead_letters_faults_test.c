/* Dead letters on a disk whose calls fail, and in files that are not as they should be. */
#include "../sim/os_sim.h"
#include "../sim/vfs_sim.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
/* cmocka needs the four above it */
#include <cmocka.h>

#include "base/os.h"
#include "store/dead_letters.h"
#include "store/file.h"

#define PATH "/s/dead.db"

static struct dead_letters letters;
static struct error err;

static int start(void **state) {
    (void)state;
    sim_reset();
    return !os_make_private_folder("/s") || !os_sync_folder("/");
}

static bool open_it(void) { return dead_letters_open(&letters, PATH, DATABASE_WRITE, &err); }

static bool add(uint64_t first) {
    struct dead_letter added[2];
    for (uint64_t i = 0; i < 2; i++)
        added[i] = (struct dead_letter){ .sink = SLICE("index"),
                                         .sequence = first + i,
                                         .key = SLICE("x:1"),
                                         .source = SLICE("posts"),
                                         .reason = SLICE("poison"),
                                         .raw = i ? SLICE("{}") : SLICE("") };
    return dead_letters_add(&letters, added, 2, &err);
}

static void ignore(void *context, const struct dead_letter *letter) { (void)context, (void)letter; }

static bool look(size_t *count) {
    return dead_letters_each(&letters, 0, ignore, NULL, count, &err);
}

/* Each step with a connection of its own, so that nothing is remembered; false when one failed. */
static bool begin(void) { return open_it() && add(1); }
static bool add_more(void) { return open_it() && add(3); }
static bool look_at_all(void) {
    size_t count = 0;
    return open_it() && look(&count) && count >= 2;
}
static bool drop_first(void) {
    size_t count = 0;
    return open_it() && dead_letters_drop(&letters, 1, &count, &err);
}
/* Its file was moved away, as far as it knows. */
static bool leave(void) { return open_it() && add(5) && database_leave(&letters.database, &err); }

/* What goes on after a failed call goes on with the same connection. */
static void close_it(void) {
    (void)database_goes_on(&letters.database);
    dead_letters_close(&letters);
}

static bool (*const steps[])(void) = { begin, add_more, look_at_all, drop_first, leave };

/* The `at`-th call of step `which` fails; the step says so, or did its work; then it works. */
static bool fail_in(size_t which, uint64_t at, int error, bool forever) {
    static const size_t kept[] = { 2, 4, 4, 3, 5 };
    start(NULL);
    for (size_t i = 0; i < which; i++) {
        assert_true(steps[i]());
        close_it();
    }
    sim_inject(
        (struct sim_fault){ .calls = SIM_ANY, .at = at, .error = error, .forever = forever });
    err = (struct error){ 0 };
    bool done = steps[which]();
    bool reached = sim_count() >= at;
    if (!done) assert_true(err.kind != ERROR_NONE || !reached);
    sim_inject((struct sim_fault){ 0 });
    close_it();
    size_t count = 0;
    assert_true(steps[which]());
    close_it();
    assert_true(open_it() && look(&count));
    assert_int_equal(count, kept[which]);
    close_it();
    return reached;
}

static void whichever_call_fails_it_is_said_and_the_next_try_does(void **state) {
    (void)state;
    for (size_t which = 0; which < LENGTH(steps); which++)
        for (int forever = 0; forever < 2; forever++)
            for (uint64_t at = 1; fail_in(which, at, forever ? ENOSPC : EIO, forever); at++) {
            }
}

static void make_other(const char *sql) {
    sqlite3 *handle = NULL;
    assert_int_equal(sqlite3_open(PATH, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(handle);
}

static void a_file_of_its_name_without_its_table_is_said(void **state) {
    size_t count;
    (void)state;
    make_other("PRAGMA application_id = 1819173996; PRAGMA user_version = 1;"
               "CREATE TABLE other (name)");
    assert_true(open_it());
    assert_false(add(1));
    assert_non_null(strstr(err.text, "no such table"));
    database_roll_back(&letters.database);
    assert_false(look(&count));
    assert_false(dead_letters_drop(&letters, 0, &count, &err));
    close_it();
}

static void a_letter_that_the_table_refuses_is_said(void **state) {
    size_t count;
    (void)state;
    make_other("PRAGMA application_id = 1819173996; PRAGMA user_version = 1;"
               "CREATE TABLE letter (number INTEGER PRIMARY KEY, sink, sequence, key, source,"
               " reason, received, died, raw);"
               "CREATE TRIGGER no BEFORE INSERT ON letter BEGIN SELECT RAISE(ABORT, 'never'); END");
    assert_true(open_it());
    assert_false(add(1));
    assert_non_null(strstr(err.text, "never"));
    assert_false(database_goes_on(&letters.database));
    database_roll_back(&letters.database);
    assert_true(look(&count));
    assert_int_equal(count, 0);
    close_it();
}

static void a_folder_is_synced_whatever_the_path_looks_like(void **state) {
    (void)state;
    assert_true(file_sync_folder_of("/s/x"));
    assert_true(file_sync_folder_of("/x"));
    assert_false(file_sync_folder_of("x")); /* this disk has no current folder */
}

static void what_lacks_room_or_descriptors_is_tried_again(void **state) {
    (void)state;
    static const int lacking[] = { ENOSPC, EDQUOT, EMFILE, ENFILE };
    for (size_t i = 0; i < LENGTH(lacking); i++)
        assert_true(file_lacks_room(lacking[i]));
    assert_false(file_lacks_room(EIO));
}

#define DISK_TEST(test) cmocka_unit_test_setup(test, start)

int main(void) {
    const struct CMUnitTest tests[] = {
        DISK_TEST(whichever_call_fails_it_is_said_and_the_next_try_does),
        DISK_TEST(a_file_of_its_name_without_its_table_is_said),
        DISK_TEST(a_letter_that_the_table_refuses_is_said),
        DISK_TEST(a_folder_is_synced_whatever_the_path_looks_like),
        DISK_TEST(what_lacks_room_or_descriptors_is_tried_again),
    };
    vfs_sim_install();
    return cmocka_run_group_tests_name("dead_letters_faults", tests, NULL, NULL);
}
