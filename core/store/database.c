/* store/database.h */
#include "store/database.h"
#include "store/file.h"
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>

/* How long another process may hold the file before a call fails. */
#define PATIENCE_MS 1000
/* What the log is cut back to after a reader that stayed long has let it grow. */
#define LOG_BYTES "67108864"

enum database_fault database_fault(const struct database *database) {
    switch (sqlite3_errcode(database->handle)) {
    case SQLITE_OK: /* what failed was not the database */
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL: /* others kept getting the lock */
    case SQLITE_READONLY: return DATABASE_AGAIN;
    case SQLITE_TOOBIG:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH: return DATABASE_REFUSED;
    default: return DATABASE_BROKEN;
    }
}

/* Names the file and what SQLite says; always false. */
static bool database_error(const struct database *database, struct error *err) {
    int code = sqlite3_errcode(database->handle);
    bool told = code == SQLITE_IOERR || code == SQLITE_CANTOPEN;
    int system = told ? sqlite3_system_errno(database->handle) : 0;
    return error_set(err, ERROR_FAILED, "%.400s: %.300s%s%s", database->path,
                     sqlite3_errmsg(database->handle), system ? ": " : "",
                     system ? strerror(system) : "");
}

bool database_run(struct database *database, const char *sql, struct error *err) {
    if (sqlite3_exec(database->handle, sql, NULL, NULL, NULL) == SQLITE_OK) return true;
    return database_error(database, err);
}

void database_roll_back(struct database *database) {
    if (!sqlite3_get_autocommit(database->handle))
        sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
}

bool database_goes_on(struct database *database) {
    if (database->handle == NULL || database_fault(database) != DATABASE_AGAIN) return false;
    database_roll_back(database);
    return true;
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
    if (outcome != SQLITE_DONE) database_error(database, err);
    sqlite3_reset(statement);
    return outcome == SQLITE_DONE;
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

struct header {
    int application, version, parts; /* parts: tables and views */
};

static bool read_header(struct database *database, struct header *header, struct error *err) {
    return read_number(database, "PRAGMA application_id", &header->application, err) &&
           read_number(database, "PRAGMA user_version", &header->version, err) &&
           read_number(database, "SELECT count(*) FROM sqlite_schema", &header->parts, err);
}

static bool is_empty(const struct header *header) {
    return header->application == 0 && header->version == 0 && header->parts == 0;
}

/* From `version`, 0 for an empty file, to that of the format. */
static bool raise_version(struct database *database, const struct database_format *format,
                          int version, struct error *err) {
    char numbers[96];
    if (version == 0 && !database_run(database, format->schema, err)) return false;
    for (int i = MAX(version, 1); format->upgrades && i < format->version; i++)
        if (!database_run(database, format->upgrades[i - 1], err)) return false;
    snprintf(numbers, sizeof numbers, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             format->application, format->version);
    return database_run(database, numbers, err);
}

/* Whether it is to be made, or is of an older linnet. */
static bool is_behind(const struct header *header, const struct database_format *format) {
    bool older = header->version > 0 && header->version < format->version;
    return is_empty(header) ||
           (header->application == format->application && format->upgrades && older);
}

/* In one transaction, so that nobody sees half a format; another process may have been faster. */
static bool make(struct database *database, const struct database_format *format,
                 struct header *header, struct error *err) {
    return database_run(database, "BEGIN IMMEDIATE", err) && read_header(database, header, err) &&
           (!is_behind(header, format) || raise_version(database, format, header->version, err)) &&
           read_header(database, header, err) && database_run(database, "COMMIT", err);
}

static bool recognize(struct database *database, const struct database_format *format,
                      enum database_mode mode, struct error *err) {
    struct header header;
    /* At one moment: another process may be making it. */
    if (!database_run(database, "BEGIN", err) || !read_header(database, &header, err) ||
        !database_run(database, "COMMIT", err))
        return false;
    if (is_behind(&header, format) && mode == DATABASE_WRITE &&
        !make(database, format, &header, err))
        return false;
    database->version = header.version;
    if (header.application != format->application || header.version < 1)
        return error_set(err, ERROR_FAILED, "%.400s: something else wrote this database",
                         database->path);
    if (header.version <= format->version) return true;
    return error_set(err, ERROR_FAILED, "%.400s: made by a newer linnet", database->path);
}

/* The log into the file, and it is empty then; *busy: somebody reads it, and it is not. */
static bool write_back(struct database *database, bool *busy, struct error *err) {
    int number = 0;
    bool done = read_number(database, "PRAGMA wal_checkpoint(TRUNCATE)", &number, err);
    *busy = number != 0;
    return done;
}

static const char *path_beside(const struct database *database, const char *suffix,
                               char path[4200]) {
    snprintf(path, 4200, "%.4096s%s", database->path, suffix);
    return path;
}

/* And its name: SQLite syncs the folder, too, but does not look whether that works. */
static bool sync_log(const struct database *database, struct error *err) {
    char path[4200];
    int fd = os_open(path_beside(database, "-wal", path), OS_READ);
    if (fd < 0 && errno == ENOENT) return true;
    bool synced = fd >= 0 && os_sync(fd) && file_sync_folder_of(path);
    if (!synced)
        error_set(err, ERROR_FAILED, "%.400s: cannot be synced: %s", path, strerror(errno));
    if (fd >= 0) os_close(fd);
    return synced;
}

/* What a killed process left in the log is there to be read, and may be nowhere on the disk,
 * however often it is synced: so all goes into the file, and the log begins anew; unless somebody
 * reads it, who would have to be waited for. */
static bool renew_log(struct database *database, struct error *err) {
    bool busy;
    return write_back(database, &busy, err) && sync_log(database, err);
}

static bool note_file(struct database *database, struct error *err) {
    return os_stat(database->path, &database->file) ||
           error_set(err, ERROR_FAILED, "%.400s: %s", database->path, strerror(errno));
}

/* Until the file is known to be ours and its log is good, closing it must not end the log. EXTRA
 * matters while there is no write-ahead log, which is so on file systems without shared memory, and
 * until it is made: the journal of the first transaction, brought back by a power cut, would be
 * rolled back over what came later. */
static bool prepare_file(struct database *database, const struct database_format *format,
                         enum database_mode mode, struct error *err) {
    sqlite3 *handle = database->handle;
    sqlite3_busy_timeout(handle, PATIENCE_MS);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (format->connect && format->connect(handle) != SQLITE_OK)
        return database_error(database, err);
    if (!database_run(database, "PRAGMA synchronous = EXTRA", err) ||
        !recognize(database, format, mode, err))
        return false;
    if (mode == DATABASE_WRITE &&
        !(database_run(database,
                       "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = " LOG_BYTES, err) &&
          renew_log(database, err) && note_file(database, err)))
        return false;
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    return true;
}

/* Nobody asks SQLite how much memory it has, and counting takes a lock for each piece. It takes
 * this before its first use only, and is used for it. */
static void configure_once(void) {
    static atomic_flag done = ATOMIC_FLAG_INIT;
    if (!atomic_flag_test_and_set(&done)) (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

bool database_open(struct database *database, const char *path,
                   const struct database_format *format, enum database_mode mode,
                   struct error *err) {
    bool writes = mode == DATABASE_WRITE;
    int flags = writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    *database = (struct database){ .path = path };
    configure_once();
    int code = sqlite3_open_v2(path, &database->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK && prepare_file(database, format, mode, err)) return true;
    if (code != SQLITE_OK) database_error(database, err);
    database_close(database);
    return false;
}

void database_close(struct database *database) {
    sqlite3_close(database->handle);
    database->handle = NULL;
}

bool database_is_in_place(const struct database *database) {
    struct os_info now;
    if (!os_stat(database->path, &now)) return true; /* as far as is known */
    return os_is_same(&now, &database->file);
}

bool database_leave(struct database *database, struct error *err) {
    char path[4200];
    bool busy;
    if (!write_back(database, &busy, err)) return false;
    if (busy)
        return error_set(err, ERROR_FAILED, "%.400s: was moved away, and another process reads it",
                         database->path);
    database_close(database);
    os_remove_file(path_beside(database, "-wal", path));
    os_remove_file(path_beside(database, "-shm", path));
    return true;
}
