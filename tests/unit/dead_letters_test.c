/* Dead letters in their database, and what SQLite files this project takes for its own. */
#include "own_folder.h"
#include "store/dead_letters.h"

static char path[64];
static struct dead_letters letters;

static int make_folder(void **state) {
    (void)state;
    return own_folder_make();
}

static int remove_folder(void **state) {
    (void)state;
    return own_folder_remove();
}

static int open_letters(void **state) {
    struct error err;
    (void)state;
    snprintf(path, sizeof path, "%s/dead.db", own_folder);
    remove(path);
    return dead_letters_open(&letters, path, DATABASE_WRITE, &err) ? 0 : -1;
}

static int close_letters(void **state) {
    (void)state;
    dead_letters_close(&letters);
    return 0;
}

static struct dead_letter letter(uint64_t sequence) {
    return (struct dead_letter){ .sink = SLICE("index"),
                                 .sequence = sequence,
                                 .key = SLICE("x:1"),
                                 .source = SLICE("posts"),
                                 .reason = SLICE("mapper_parsing_exception"),
                                 .received_ms = 5,
                                 .died_ms = 7,
                                 .raw = slice_from("a\0b\xff", 4) };
}

static void note_sequence(void *context, const struct dead_letter *told) {
    struct dead_letter wanted = letter(told->sequence);
    assert_true(slice_equal(told->sink, wanted.sink) && slice_equal(told->key, wanted.key));
    assert_true(slice_equal(told->source, wanted.source) && slice_equal(told->raw, wanted.raw));
    assert_true(slice_equal(told->reason, wanted.reason));
    assert_int_equal(told->received_ms, wanted.received_ms);
    assert_int_equal(told->died_ms, wanted.died_ms);
    *(uint64_t *)context = *(uint64_t *)context * 10 + told->sequence;
}

/* The sequences of all letters, as digits. */
static uint64_t sequences(int64_t number) {
    struct error err;
    uint64_t digits = 0;
    size_t count;
    assert_true(dead_letters_each(&letters, number, note_sequence, &digits, &count, &err));
    return digits;
}

static void add(uint64_t first, uint64_t second) {
    struct error err;
    struct dead_letter added[] = { letter(first), letter(second) };
    assert_true(dead_letters_add(&letters, added, 2, &err));
}

static void letters_come_back_whole_and_in_order(void **state) {
    (void)state;
    add(4, 2);
    add(9, 1);
    assert_int_equal(sequences(0), 4291);
    assert_int_equal(sequences(2), 2);
    assert_int_equal(sequences(77), 0);
}

static void a_letter_that_is_there_already_is_not_added(void **state) {
    (void)state;
    add(1, 2);
    add(2, 3);
    assert_int_equal(sequences(0), 123);
}

static void letters_are_dropped_by_number_or_all(void **state) {
    struct error err;
    size_t count;
    (void)state;
    add(1, 2);
    assert_true(dead_letters_drop(&letters, 1, &count, &err));
    assert_int_equal(count, 1);
    assert_int_equal(sequences(0), 2);
    assert_true(dead_letters_drop(&letters, 0, &count, &err));
    assert_int_equal(count, 1);
    assert_true(dead_letters_drop(&letters, 5, &count, &err));
    assert_int_equal(count, 0);
    add(1, 3); /* numbers are not used twice */
    assert_int_equal(sequences(3), 1);
}

static void whoever_holds_the_file_is_waited_for_and_nothing_is_half_there(void **state) {
    struct error err;
    struct dead_letters other;
    struct dead_letter one = letter(1);
    (void)state;
    assert_true(dead_letters_open(&other, path, DATABASE_WRITE, &err));
    assert_true(database_run(&other.database, "BEGIN IMMEDIATE", &err));
    assert_false(dead_letters_add(&letters, &one, 1, &err));
    assert_non_null(strstr(err.text, "dead.db: database is locked"));
    assert_true(database_run(&other.database, "ROLLBACK", &err));
    dead_letters_close(&other);
    assert_true(dead_letters_add(&letters, &one, 1, &err));
    assert_int_equal(sequences(0), 1);
}

static void assert_refused(const char *sql, const char *says) {
    struct error err;
    struct dead_letters again;
    assert_true(database_run(&letters.database, sql, &err));
    dead_letters_close(&letters);
    assert_false(dead_letters_open(&again, path, DATABASE_WRITE, &err));
    assert_non_null(strstr(err.text, says));
    assert_false(dead_letters_open(&again, path, DATABASE_READ, &err));
    assert_non_null(strstr(err.text, says));
}

static void a_file_of_something_else_is_refused(void **state) {
    (void)state;
    assert_refused("PRAGMA application_id = 1", "something else wrote this database");
}

static void a_file_of_a_newer_linnet_is_refused(void **state) {
    (void)state;
    assert_refused("PRAGMA user_version = 2", "made by a newer linnet");
}

static void no_file_is_made_by_reading(void **state) {
    struct error err;
    struct dead_letters none;
    char missing[80];
    (void)state;
    snprintf(missing, sizeof missing, "%s.none", path);
    assert_false(dead_letters_open(&none, missing, DATABASE_READ, &err));
    assert_non_null(strstr(err.text, "unable to open database file"));
}

#define LETTERS_TEST(test) cmocka_unit_test_setup_teardown(test, open_letters, close_letters)

int main(void) {
    const struct CMUnitTest tests[] = {
        LETTERS_TEST(letters_come_back_whole_and_in_order),
        LETTERS_TEST(a_letter_that_is_there_already_is_not_added),
        LETTERS_TEST(letters_are_dropped_by_number_or_all),
        LETTERS_TEST(whoever_holds_the_file_is_waited_for_and_nothing_is_half_there),
        LETTERS_TEST(a_file_of_something_else_is_refused),
        LETTERS_TEST(a_file_of_a_newer_linnet_is_refused),
        LETTERS_TEST(no_file_is_made_by_reading),
    };
    return cmocka_run_group_tests_name("dead_letters", tests, make_folder, remove_folder);
}
