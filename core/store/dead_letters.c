/* store/dead_letters.h */
#include "store/dead_letters.h"

static const struct database_format format = {
    .application = 0x6C6E646C, /* "lndl" */
    .version = 1,
    .schema = "CREATE TABLE letter (number INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL,"
              " sequence INTEGER NOT NULL, key TEXT, source TEXT, reason TEXT, received INTEGER,"
              " died INTEGER, raw BLOB, UNIQUE (sink, sequence));",
};

bool dead_letters_open(struct dead_letters *letters, const char *path, enum database_mode mode,
                       struct error *err) {
    static const char bound[] = "PRAGMA max_page_count = 262144"; /* of 4,096 bytes */
    if (!database_open(&letters->database, path, &format, mode, err)) return false;
    if (mode == DATABASE_READ || database_run(&letters->database, bound, err)) return true;
    database_close(&letters->database);
    return false;
}

void dead_letters_close(struct dead_letters *letters) { database_close(&letters->database); }

static void bind_letter(sqlite3_stmt *put, const struct dead_letter *letter) {
    bind_slice(put, 1, letter->sink);
    sqlite3_bind_int64(put, 2, (sqlite3_int64)letter->sequence);
    bind_slice(put, 3, letter->key);
    bind_slice(put, 4, letter->source);
    bind_slice(put, 5, letter->reason);
    sqlite3_bind_int64(put, 6, letter->received_ms);
    sqlite3_bind_int64(put, 7, letter->died_ms);
    sqlite3_bind_blob64(put, 8, letter->raw.data, letter->raw.length, SQLITE_STATIC);
}

bool dead_letters_add(struct dead_letters *letters, const struct dead_letter *added, size_t count,
                      struct error *err) {
    bool row, good = database_run(&letters->database, "BEGIN IMMEDIATE", err);
    sqlite3_stmt *put =
        good ? database_prepare(&letters->database,
                                "INSERT OR IGNORE INTO letter (sink, sequence, key, source, reason,"
                                " received, died, raw) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                                err)
             : NULL;
    good = put != NULL;
    for (size_t i = 0; i < count && good; i++) {
        bind_letter(put, &added[i]);
        good = database_step(&letters->database, put, &row, err);
    }
    sqlite3_finalize(put);
    return good && database_run(&letters->database, "COMMIT", err);
}

static struct dead_letter read_letter(sqlite3_stmt *row) {
    const char *raw = sqlite3_column_blob(row, 8);
    return (struct dead_letter){
        .number = sqlite3_column_int64(row, 0),
        .sink = column_slice(row, 1),
        .sequence = (uint64_t)sqlite3_column_int64(row, 2),
        .key = column_slice(row, 3),
        .source = column_slice(row, 4),
        .reason = column_slice(row, 5),
        .received_ms = sqlite3_column_int64(row, 6),
        .died_ms = sqlite3_column_int64(row, 7),
        .raw = slice_from(raw ? raw : "", (size_t)sqlite3_column_bytes(row, 8)),
    };
}

bool dead_letters_each(struct dead_letters *letters, int64_t number,
                       void (*each)(void *context, const struct dead_letter *letter), void *context,
                       size_t *count, struct error *err) {
    bool row, good;
    sqlite3_stmt *rows = database_prepare(
        &letters->database,
        "SELECT number, sink, sequence, key, source, reason, received, died, raw FROM letter"
        " WHERE ?1 IN (0, number) ORDER BY number",
        err);
    if (rows == NULL) return false;
    sqlite3_bind_int64(rows, 1, number);
    *count = 0;
    while ((good = database_step(&letters->database, rows, &row, err)) && row) {
        struct dead_letter letter = read_letter(rows);
        each(context, &letter);
        ++*count;
    }
    sqlite3_finalize(rows);
    return good;
}

bool dead_letters_drop(struct dead_letters *letters, int64_t number, size_t *count,
                       struct error *err) {
    bool row;
    sqlite3_stmt *drop =
        database_prepare(&letters->database, "DELETE FROM letter WHERE ?1 IN (0, number)", err);
    if (drop == NULL) return false;
    sqlite3_bind_int64(drop, 1, number);
    bool good = database_step(&letters->database, drop, &row, err);
    *count = (size_t)sqlite3_changes(letters->database.handle);
    sqlite3_finalize(drop);
    return good;
}
