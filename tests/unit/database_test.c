/* Databases: whose they are, what a commit keeps, and which errors pass. */
#include "own_folder.h"
#include "store/database.h"

static const struct database_format ours = { .application = 0x6c6e7431,
                                             .version = 2,
                                             .schema = "CREATE TABLE t (k TEXT UNIQUE)" };
static struct database database;

static void open_or_fail(struct database *opened, enum database_mode mode) {
    struct error err;
    if (!database_open(opened, below("d"), &ours, mode, &err)) fail_msg("%s", err.text);
}

static void refuse(const struct database_format *format, enum database_mode mode,
                   const char *reason) {
    struct error err;
    assert_false(database_open(&database, below("d"), format, mode, &err));
    assert_null(database.handle);
    assert_true(slice_starts(slice_of(err.text), slice_of(below("d"))));
    if (strstr(err.text, reason) == NULL) fail_msg("%s", err.text);
}

static void run(struct database *on, const char *sql) {
    struct error err;
    if (!database_run(on, sql, &err)) fail_msg("%s", err.text);
}

static void fail_with(struct database *on, const char *sql, enum database_fault fault,
                      const char *reason) {
    struct error err;
    assert_false(database_run(on, sql, &err));
    assert_int_equal(database_fault(on), fault);
    if (strstr(err.text, reason) == NULL) fail_msg("%s", err.text);
}

static int64_t number_of(struct database *on, const char *sql) {
    struct error err;
    bool row;
    sqlite3_stmt *statement = database_prepare(on, sql, &err);
    assert_non_null(statement);
    assert_true(database_step(on, statement, &row, &err));
    int64_t number = row ? sqlite3_column_int64(statement, 0) : -1;
    sqlite3_finalize(statement);
    return number;
}

/* What another program does with the file. With `dies` it leaves its log beside it. */
static void elsewhere(const char *sql, bool dies) {
    sqlite3 *handle;
    assert_int_equal(sqlite3_open(below("d"), &handle), SQLITE_OK);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, dies, NULL);
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(handle);
}

struct content {
    char bytes[65536];
    size_t length;
};

static void read_content(struct content *content) {
    FILE *file = fopen(below("d"), "r");
    assert_non_null(file);
    content->length = fread(content->bytes, 1, sizeof content->bytes, file);
    fclose(file);
}

static void refuse_untouched(const struct database_format *format, const char *reason) {
    static struct content before, after;
    read_content(&before);
    refuse(format, DATABASE_WRITE, reason);
    refuse(format, DATABASE_READ, reason);
    read_content(&after);
    assert_int_equal(before.length, after.length);
    assert_memory_equal(before.bytes, after.bytes, after.length);
}

/* ---- whose it is ---------------------------------------------------------------------------- */

static void a_new_database_is_made_once_and_found_again(void **state) {
    (void)state;
    open_or_fail(&database, DATABASE_WRITE);
    run(&database, "INSERT INTO t VALUES ('a')");
    database_close(&database);
    open_or_fail(&database, DATABASE_WRITE);
    assert_int_equal(number_of(&database, "SELECT count(*) FROM t"), 1);
    assert_int_equal(number_of(&database, "PRAGMA user_version"), 2);
    database_close(&database);
    database_close(&database); /* it is not open any more: nothing happens */
}

static void an_empty_file_is_one_too(void **state) {
    (void)state;
    write_file("d", "");
    refuse(&ours, DATABASE_READ, "something else wrote this database");
    open_or_fail(&database, DATABASE_WRITE);
    database_close(&database);
}

static void what_something_else_wrote_is_left_untouched(void **state) {
    (void)state;
    static const char *const others[] = {
        "CREATE TABLE other(x)",
        "PRAGMA application_id = 7; VACUUM",
        "PRAGMA user_version = 1; VACUUM",
        "PRAGMA application_id = 7; CREATE TABLE t(k)",
        "PRAGMA journal_mode = WAL; CREATE TABLE other(x)",
    };
    for (size_t i = 0; i < LENGTH(others); i++) {
        assert_int_equal(own_folder_remove() | own_folder_make(), 0);
        elsewhere(others[i], true);
        refuse_untouched(&ours, "something else wrote this database");
    }
}

static void a_newer_format_is_left_untouched(void **state) {
    (void)state;
    struct database_format older = ours;
    older.version = 1;
    open_or_fail(&database, DATABASE_WRITE);
    database_close(&database);
    elsewhere("INSERT INTO t VALUES ('a')", true);
    refuse_untouched(&older, "made by a newer linnet");
    assert_int_equal(access(below("d-wal"), F_OK), 0); /* the log is still there, too */
}

static void what_is_no_database_is_left_untouched(void **state) {
    (void)state;
    write_file("d", "{\"text\":\"posts of a year, say, and nothing else\"}\n");
    refuse_untouched(&ours, "file is not a database");
}

static void a_reader_needs_a_file_and_changes_nothing(void **state) {
    (void)state;
    refuse(&ours, DATABASE_READ, "unable to open database file");
    open_or_fail(&database, DATABASE_WRITE);
    database_close(&database);
    open_or_fail(&database, DATABASE_READ);
    fail_with(&database, "INSERT INTO t VALUES ('a')", DATABASE_AGAIN, "readonly");
    database_close(&database);
}

static void a_schema_that_fails_leaves_nothing(void **state) {
    (void)state;
    struct database_format wrong = ours;
    wrong.schema = "CREATE TABLE t (k); CREATE TABLE t (k)";
    refuse(&wrong, DATABASE_WRITE, "table t already exists");
    open_or_fail(&database, DATABASE_WRITE);
    database_close(&database);
}

/* ---- statements ----------------------------------------------------------------------------- */

static void texts_come_back_as_they_went_in(void **state) {
    (void)state;
    struct error err;
    bool row;
    const struct slice texts[] = { { "a\0b", 3 }, { "", 0 }, { NULL, 0 } };
    open_or_fail(&database, DATABASE_WRITE);
    sqlite3_stmt *give = database_prepare(&database, "SELECT ?1, ?1 IS NULL", &err);
    for (size_t i = 0; i < LENGTH(texts); i++) {
        bind_slice(give, 1, texts[i]);
        assert_true(database_step(&database, give, &row, &err));
        assert_true(row && slice_equal(column_slice(give, 0), texts[i]));
        assert_non_null(column_slice(give, 0).data);
        assert_int_equal(sqlite3_column_int(give, 1), texts[i].data == NULL);
        assert_true(database_step(&database, give, &row, &err));
        assert_false(row);
    }
    sqlite3_finalize(give);
    database_close(&database);
}

static void a_wrong_statement_is_said(void **state) {
    (void)state;
    struct error err;
    open_or_fail(&database, DATABASE_WRITE);
    assert_null(database_prepare(&database, "SELEC 1", &err));
    assert_non_null(strstr(err.text, "/d: near \"SELEC\": syntax error"));
    assert_int_equal(database_fault(&database), DATABASE_BROKEN);
    database_close(&database);
}

static void a_refused_value_leaves_the_transaction_alone(void **state) {
    (void)state;
    struct error err;
    bool row;
    open_or_fail(&database, DATABASE_WRITE);
    sqlite3_stmt *put = database_prepare(&database, "INSERT INTO t VALUES (?1)", &err);
    run(&database, "BEGIN IMMEDIATE");
    bind_slice(put, 1, SLICE("a"));
    assert_true(database_step(&database, put, &row, &err));
    assert_false(database_step(&database, put, &row, &err));
    assert_int_equal(database_fault(&database), DATABASE_REFUSED);
    assert_non_null(strstr(err.text, "/d: UNIQUE constraint failed: t.k"));
    bind_slice(put, 1, SLICE("b"));
    assert_true(database_step(&database, put, &row, &err));
    run(&database, "COMMIT");
    assert_int_equal(number_of(&database, "SELECT count(*) FROM t"), 2);
    sqlite3_finalize(put);
    database_close(&database);
}

static void what_is_rolled_back_is_gone(void **state) {
    (void)state;
    open_or_fail(&database, DATABASE_WRITE);
    database_roll_back(&database); /* there is nothing to do */
    run(&database, "BEGIN; INSERT INTO t VALUES ('a')");
    database_roll_back(&database);
    assert_int_equal(number_of(&database, "SELECT count(*) FROM t"), 0);
    database_close(&database);
}

/* ---- errors that pass ----------------------------------------------------------------------- */

static void another_writer_is_waited_for_and_then_said(void **state) {
    (void)state;
    struct database other;
    open_or_fail(&database, DATABASE_WRITE);
    open_or_fail(&other, DATABASE_WRITE);
    run(&database, "BEGIN IMMEDIATE");
    fail_with(&other, "BEGIN IMMEDIATE", DATABASE_AGAIN, "/d: database is locked");
    run(&database, "COMMIT");
    run(&other, "BEGIN IMMEDIATE");
    database_close(&other);
    database_close(&database);
}

static void a_full_disk_passes(void **state) {
    (void)state;
    open_or_fail(&database, DATABASE_WRITE);
    run(&database, "PRAGMA max_page_count = 5; BEGIN");
    fail_with(&database, "INSERT INTO t VALUES (zeroblob(100000))", DATABASE_AGAIN,
              "/d: database or disk is full");
    database_roll_back(&database); /* SQLite has done it */
    run(&database, "PRAGMA max_page_count = 500; INSERT INTO t VALUES (zeroblob(100000))");
    database_close(&database);
}

/* A disk under SQLite: from the call on that counts down to 0, as often as it says, calls fail or
 * something happens before them. */
static struct {
    sqlite3_vfs shim, *real;
    sqlite3_io_methods methods[2]; /* of the database; of what lies beside it */
    const sqlite3_io_methods *real_methods[2];
    int calls, left, times;
    bool only_syncs;
    bool never_syncs;      /* power does not fail, so that is only quicker */
    void (*instead)(void); /* NULL: it fails */
} disk;

/* Whether this call fails. */
static bool strike(void) {
    disk.calls++;
    if (disk.left-- > 0 || disk.times-- <= 0) return false;
    if (disk.instead == NULL) return true;
    disk.instead();
    return false;
}

static const sqlite3_io_methods *real_of(const sqlite3_file *file) {
    return disk.real_methods[file->pMethods == &disk.methods[1]];
}

static int shim_read(sqlite3_file *file, void *into, int bytes, sqlite3_int64 at) {
    if (!disk.only_syncs && strike()) return SQLITE_IOERR_READ;
    return real_of(file)->xRead(file, into, bytes, at);
}

static int shim_write(sqlite3_file *file, const void *from, int bytes, sqlite3_int64 at) {
    if (!disk.only_syncs && strike()) return SQLITE_FULL;
    return real_of(file)->xWrite(file, from, bytes, at);
}

static int shim_sync(sqlite3_file *file, int flags) {
    if (strike()) return SQLITE_IOERR_FSYNC;
    if (disk.never_syncs) return SQLITE_OK;
    return real_of(file)->xSync(file, flags);
}

static int shim_lock(sqlite3_file *file, int level) {
    if (!disk.only_syncs && strike()) return SQLITE_IOERR_LOCK;
    return real_of(file)->xLock(file, level);
}

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
    (void)vfs;
    if (!disk.only_syncs && strike()) return SQLITE_CANTOPEN;
    int code = disk.real->xOpen(disk.real, name, file, flags, out);
    if (code != SQLITE_OK) return code;
    bool beside = !(flags & SQLITE_OPEN_MAIN_DB);
    sqlite3_io_methods *methods = &disk.methods[beside];
    disk.real_methods[beside] = file->pMethods;
    *methods = *file->pMethods;
    methods->xRead = shim_read;
    methods->xWrite = shim_write;
    methods->xSync = shim_sync;
    methods->xLock = shim_lock;
    file->pMethods = methods;
    return code;
}

static int put_shim(void **state) {
    (void)state;
    memset(&disk, 0, sizeof disk);
    disk.real = sqlite3_vfs_find(NULL);
    disk.shim = *disk.real;
    disk.shim.zName = "shim";
    disk.shim.xOpen = shim_open;
    return sqlite3_vfs_register(&disk.shim, 1) == SQLITE_OK ? own_folder_make() : -1;
}

static int take_shim(void **state) {
    (void)state;
    sqlite3_vfs_unregister(&disk.shim);
    return own_folder_remove();
}

static void a_commit_that_was_not_synced_is_written_again_by_the_next_one(void **state) {
    (void)state;
    disk.only_syncs = true;
    open_or_fail(&database, DATABASE_WRITE);
    run(&database, "BEGIN; INSERT INTO t VALUES ('a')");
    disk.left = 0;
    disk.times = 1;
    fail_with(&database, "COMMIT", DATABASE_AGAIN, "/d: disk I/O error");
    assert_int_equal(disk.times, 0);
    database_roll_back(&database);
    assert_int_equal(number_of(&database, "SELECT count(*) FROM t"), 0);
    run(&database, "INSERT INTO t VALUES ('b')");
    database_close(&database);
    open_or_fail(&database, DATABASE_READ);
    assert_int_equal(number_of(&database, "SELECT count(*) FROM t WHERE k = 'b'"), 1);
    assert_int_equal(number_of(&database, "SELECT count(*) FROM t"), 1);
    database_close(&database);
}

/* Opens, and notes a row; false when one of it fails. */
static bool note_row(struct error *err) {
    if (!database_open(&database, below("d"), &ours, DATABASE_WRITE, err)) return false;
    bool noted = database_run(&database, "INSERT INTO t VALUES ('a')", err);
    database_close(&database);
    return noted;
}

/* Once, and for ever: what was said to be kept is, and all goes well when the fault has passed. */
static void whichever_call_fails_the_next_try_does(void **state) {
    (void)state;
    struct error err;
    int failed = 0;
    disk.never_syncs = true;
    assert_true(note_row(&err));
    for (int n = 0, calls = disk.calls; n < 2 * calls; n++) {
        assert_int_equal(own_folder_remove() | own_folder_make(), 0);
        disk.left = n / 2;
        disk.times = n % 2 ? 1000000 : 1;
        bool noted = note_row(&err);
        failed += !noted;
        disk.times = 0;
        open_or_fail(&database, DATABASE_WRITE);
        assert_true(number_of(&database, "SELECT count(*) FROM t") >= noted);
        run(&database, "INSERT OR IGNORE INTO t VALUES ('a')");
        assert_int_equal(number_of(&database, "SELECT count(*) FROM pragma_integrity_check "
                                              "WHERE integrity_check = 'ok'"),
                         1);
        database_close(&database);
    }
    assert_true(failed > 40);
}

/* SQLite's memory, of which the call that counts down to 0 fails, as often as it says. */
static struct {
    sqlite3_mem_methods real;
    int calls, left, times;
} memory;

static bool is_short(void) {
    memory.calls++;
    return memory.left-- <= 0 && memory.times-- > 0;
}

static void *short_alloc(int bytes) { return is_short() ? NULL : memory.real.xMalloc(bytes); }

static void *short_resize(void *block, int bytes) {
    return is_short() ? NULL : memory.real.xRealloc(block, bytes);
}

/* Before SQLite is used. */
static void take_memory(void) {
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory.real);
    sqlite3_mem_methods methods = memory.real;
    methods.xMalloc = short_alloc;
    methods.xRealloc = short_resize;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
}

static void whichever_allocation_fails_the_next_try_does(void **state) {
    (void)state;
    struct error err;
    int failed = 0, before = memory.calls;
    disk.never_syncs = true;
    assert_true(note_row(&err));
    for (int n = 0, calls = memory.calls - before; n < calls; n++) {
        assert_int_equal(own_folder_remove() | own_folder_make(), 0);
        memory.left = n;
        memory.times = 1;
        failed += !note_row(&err);
        memory.times = 0;
        if (!note_row(&err)) assert_non_null(strstr(err.text, "UNIQUE"));
    }
    assert_true(failed > 100);
}

static int made_first;

/* Without waiting: where the one under test is in the middle of making it, that goes first. */
static void make_it_first(void) {
    sqlite3 *handle;
    char sql[200];
    snprintf(sql, sizeof sql,
             "BEGIN IMMEDIATE; %s; PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
             ours.schema, ours.application, ours.version);
    assert_int_equal(sqlite3_open_v2(below("d"), &handle,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, disk.real->zName),
                     SQLITE_OK);
    made_first += sqlite3_exec(handle, sql, NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_close(handle);
}

static void it_does_not_matter_who_makes_it_first(void **state) {
    (void)state;
    struct error err;
    assert_true(note_row(&err));
    disk.instead = make_it_first;
    for (int n = 0, calls = disk.calls; n < calls; n++) {
        assert_int_equal(own_folder_remove() | own_folder_make(), 0);
        disk.left = n;
        disk.times = 1;
        if (!note_row(&err)) fail_msg("at call %d: %s", n, err.text);
    }
    assert_true(made_first > 1);
}

static int set_up(void **state) {
    (void)state;
    return own_folder_make();
}

static int tear_down(void **state) {
    (void)state;
    return own_folder_remove();
}

#define DISK_TEST(test) cmocka_unit_test_setup_teardown(test, put_shim, take_shim)
static void a_file_that_was_moved_away_is_not_left_while_somebody_reads_it(void **state) {
    (void)state;
    struct database other;
    struct error err;
    open_or_fail(&database, DATABASE_WRITE);
    open_or_fail(&other, DATABASE_WRITE);
    run(&other, "BEGIN; SELECT count(*) FROM sqlite_schema");
    run(&database, "INSERT INTO t VALUES ('later')");
    assert_false(database_leave(&database, &err));
    assert_non_null(strstr(err.text, "another process reads it"));
    run(&other, "COMMIT");
    assert_true(database_leave(&database, &err));
    database_close(&other);
}

#define DATABASE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        DATABASE_TEST(a_new_database_is_made_once_and_found_again),
        DATABASE_TEST(an_empty_file_is_one_too),
        DATABASE_TEST(what_something_else_wrote_is_left_untouched),
        DATABASE_TEST(a_newer_format_is_left_untouched),
        DATABASE_TEST(what_is_no_database_is_left_untouched),
        DATABASE_TEST(a_reader_needs_a_file_and_changes_nothing),
        DATABASE_TEST(a_schema_that_fails_leaves_nothing),
        DATABASE_TEST(texts_come_back_as_they_went_in),
        DATABASE_TEST(a_wrong_statement_is_said),
        DATABASE_TEST(a_refused_value_leaves_the_transaction_alone),
        DATABASE_TEST(what_is_rolled_back_is_gone),
        DATABASE_TEST(another_writer_is_waited_for_and_then_said),
        DATABASE_TEST(a_full_disk_passes),
        DISK_TEST(a_commit_that_was_not_synced_is_written_again_by_the_next_one),
        DISK_TEST(whichever_call_fails_the_next_try_does),
        DISK_TEST(whichever_allocation_fails_the_next_try_does),
        DISK_TEST(it_does_not_matter_who_makes_it_first),
        DATABASE_TEST(a_file_that_was_moved_away_is_not_left_while_somebody_reads_it),
    };
    take_memory();
    return cmocka_run_group_tests_name("database", tests, NULL, NULL);
}
