/* store/database.h */
#include "store/database.h"
#include "base/os.h"
#include <errno.h>
#include <stdio.h>

/* How long another process may hold the file before a call fails. */
#define PATIENCE_MS 1000

bool database_error(const struct database *database, struct error *err) {
    return error_set(err, ERROR_FAILED, "%.400s: %s", database->path,
                     database->handle ? sqlite3_errmsg(database->handle) : "no memory");
}

bool database_run(struct database *database, const char *sql, struct error *err) {
    return sqlite3_exec(database->handle, sql, NULL, NULL, NULL) == SQLITE_OK ||
           database_error(database, err);
}

sqlite3_stmt *database_prepare(struct database *database, const char *sql, struct error *err) {
    sqlite3_stmt *made = NULL;
    if (sqlite3_prepare_v3(database->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, NULL))
        database_error(database, err);
    return made;
}

bool database_step(struct database *database, sqlite3_stmt *statement, bool *row,
                   struct error *err) {
    int outcome = sqlite3_step(statement);
    *row = outcome == SQLITE_ROW;
    if (*row) return true;
    bool done = outcome == SQLITE_DONE || database_error(database, err);
    sqlite3_reset(statement);
    return done;
}

void bind_slice(sqlite3_stmt *statement, int at, struct slice value) {
    if (value.data)
        sqlite3_bind_text64(statement, at, value.data, value.length, SQLITE_STATIC, SQLITE_UTF8);
    else
        sqlite3_bind_null(statement, at);
}

struct slice column_slice(sqlite3_stmt *statement, int at) {
    const char *text = (const char *)sqlite3_column_text(statement, at);
    return slice_from(text ? text : "", (size_t)sqlite3_column_bytes(statement, at));
}

/* The number that a statement without parameters gives. */
static bool read_number(struct database *database, const char *sql, int *number,
                        struct error *err) {
    bool row = false;
    sqlite3_stmt *statement = database_prepare(database, sql, err);
    if (statement == NULL) return false;
    bool done = database_step(database, statement, &row, err);
    *number = row ? sqlite3_column_int(statement, 0) : 0;
    sqlite3_finalize(statement);
    return done;
}

/* In one transaction, so that nobody sees half a format. */
static bool make(struct database *database, const struct database_format *format,
                 struct error *err) {
    char numbers[128];
    snprintf(numbers, sizeof numbers,
             "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", format->application,
             format->version);
    return database_run(database, "BEGIN IMMEDIATE", err) &&
           database_run(database, format->schema, err) && database_run(database, numbers, err);
}

static bool recognize(struct database *database, const struct database_format *format,
                      enum database_mode mode, struct error *err) {
    int application, version, parts;
    if (!read_number(database, "PRAGMA application_id", &application, err) ||
        !read_number(database, "PRAGMA user_version", &version, err) ||
        !read_number(database, "SELECT count(*) FROM sqlite_schema", &parts, err))
        return false;
    if (parts == 0 && mode == DATABASE_WRITE) return make(database, format, err);
    if (application != format->application)
        return error_set(err, ERROR_FAILED, "%.400s: something else wrote this database",
                         database->path);
    if (version <= format->version) return true;
    return error_set(err, ERROR_FAILED, "%.400s: made by a newer linnet", database->path);
}

bool database_open(struct database *database, const char *path,
                   const struct database_format *format, enum database_mode mode,
                   struct error *err) {
    bool writes = mode == DATABASE_WRITE;
    int flags = writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    *database = (struct database){ .path = path };
    bool opened =
        sqlite3_open_v2(path, &database->handle, flags | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK ||
        database_error(database, err);
    if (opened) sqlite3_busy_timeout(database->handle, PATIENCE_MS);
    if (opened && recognize(database, format, mode, err) &&
        (!writes ||
         database_run(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", err)))
        return true;
    database_close(database);
    return false;
}

void database_close(struct database *database) {
    sqlite3_close(database->handle);
    database->handle = NULL;
}
