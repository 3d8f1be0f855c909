/* search/stored.h */
#include "search/stored.h"
#include "database/format.h"

static bool read_unfilled(struct stored *stored, struct error *err) {
    bool row = false;
    sqlite3_stmt *statement = database_prepare(
        &stored->database, "SELECT value FROM store_state WHERE name = 'unfilled'", err);
    if (statement == NULL) return false;
    bool good = database_step(&stored->database, statement, &row, err);
    stored->unfilled = row ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return good;
}

static bool is_new_enough(const struct stored *stored, struct error *err) {
    if (stored->database.version >= store_format.version) return true;
    error_set(err, ERROR_FAILED, "%.400s: an older linnet left it", stored->database.path);
    error_suggest(err, "a run or replay of this linnet into it brings it up to date");
    return false;
}

bool stored_open(struct stored *stored, const char *path, struct error *err) {
    struct os_info info;
    if (path == NULL || !os_stat(path, &info) || info.kind == OS_MISSING) {
        error_set(err, ERROR_FAILED, "there is no store%s%.400s", path ? ": " : "",
                  path ? path : "");
        error_suggest(err, "a sink such as linnet.sqlite {} makes one");
        return false;
    }
    static const char cache[] = "PRAGMA cache_size = -32768"; /* KiB: questions go far */
    if (!database_open(&stored->database, path, &store_format, DATABASE_READ, err)) return false;
    if (database_run(&stored->database, cache, err) && is_new_enough(stored, err) &&
        read_unfilled(stored, err))
        return true;
    stored_close(stored);
    return false;
}

void stored_close(struct stored *stored) { database_close(&stored->database); }
