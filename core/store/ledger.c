/* store/ledger.h */
#include "store/ledger.h"

const char *const ledger_kinds[LEDGER_KINDS] = { "covered", "gap", "pause", "drop", "damage" };

static const struct database_format format = {
    .application = 0x6C6E6C67, /* "lnlg" */
    .version = 1,
    .schema = "CREATE TABLE interval (id INTEGER PRIMARY KEY AUTOINCREMENT, part TEXT NOT NULL,"
              " kind TEXT NOT NULL, began INTEGER NOT NULL, ended INTEGER NOT NULL,"
              " open INTEGER NOT NULL, live INTEGER NOT NULL, count INTEGER NOT NULL,"
              " reason TEXT NOT NULL, run INTEGER NOT NULL, number INTEGER NOT NULL,"
              " UNIQUE (run, number));"
              "CREATE INDEX interval_ended ON interval (ended);"
              "CREATE INDEX interval_part ON interval (part, id);",
};

bool ledger_open(struct ledger *ledger, const char *path, enum database_mode mode,
                 struct error *err) {
    return database_open(&ledger->database, path, &format, mode, err);
}

void ledger_close(struct ledger *ledger) { database_close(&ledger->database); }

/* ---- writing -------------------------------------------------------------------------------- */

static void bind_interval(sqlite3_stmt *put, const struct ledger_interval *interval) {
    bind_slice(put, 1, interval->part);
    bind_slice(put, 2, slice_of(ledger_kinds[interval->kind]));
    sqlite3_bind_int64(put, 3, interval->from_ms);
    sqlite3_bind_int64(put, 4, MAX(interval->from_ms, interval->to_ms));
    sqlite3_bind_int(put, 5, interval->open);
    sqlite3_bind_int(put, 6, interval->live);
    sqlite3_bind_int64(put, 7, (sqlite3_int64)interval->count);
    bind_slice(put, 8, interval->reason);
    sqlite3_bind_int64(put, 9, (sqlite3_int64)interval->run);
    sqlite3_bind_int64(put, 10, (sqlite3_int64)interval->number);
}

static bool put_one(struct ledger *ledger, sqlite3_stmt *put,
                    const struct ledger_interval *interval, struct error *err) {
    bool row;
    bind_interval(put, interval);
    return database_step(&ledger->database, put, &row, err);
}

/* How the run before this one left the part: when it was heard last. */
static bool find_absence(struct ledger *ledger, sqlite3_stmt *last,
                         struct ledger_interval *interval, struct error *err) {
    bool row;
    bind_slice(last, 1, interval->part);
    sqlite3_bind_int64(last, 2, (sqlite3_int64)interval->run);
    if (!database_step(&ledger->database, last, &row, err)) return false;
    int64_t ended = row ? sqlite3_column_int64(last, 0) : 0;
    bool live = row && sqlite3_column_int(last, 1);
    sqlite3_reset(last);
    interval->absent_from_ms = interval->absent_to_ms = 0;
    if (!live || ended >= interval->from_ms) return true; /* or the clock went back meanwhile */
    interval->absent_from_ms = ended;
    interval->absent_to_ms = interval->from_ms;
    return true;
}

static bool put_absence(struct ledger *ledger, sqlite3_stmt *put, sqlite3_stmt *last,
                        struct ledger_interval *interval, struct error *err) {
    if (!find_absence(ledger, last, interval, err)) return false;
    if (interval->absent_to_ms == 0) return true;
    struct ledger_interval absence = { .part = interval->part,
                                       .kind = LEDGER_GAP,
                                       .from_ms = interval->absent_from_ms,
                                       .to_ms = interval->absent_to_ms,
                                       .live = true,
                                       .reason = SLICE(LEDGER_NOT_RUNNING),
                                       .run = interval->run,
                                       .number = interval->absence };
    return put_one(ledger, put, &absence, err);
}

static bool put_all(struct ledger *ledger, sqlite3_stmt *put, sqlite3_stmt *last,
                    struct ledger_interval *intervals, size_t count, struct error *err) {
    bool good = true;
    for (size_t i = 0; i < count && good; i++) {
        if (intervals[i].absence) good = put_absence(ledger, put, last, &intervals[i], err);
        good = good && put_one(ledger, put, &intervals[i], err);
    }
    return good;
}

bool ledger_put(struct ledger *ledger, struct ledger_interval *intervals, size_t count,
                struct error *err) {
    struct database *database = &ledger->database;
    if (!database_run(database, "BEGIN IMMEDIATE", err)) return false;
    sqlite3_stmt *put = database_prepare(
        database,
        "INSERT INTO interval (part, kind, began, ended, open, live, count, reason, run, number)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (run, number) DO UPDATE SET"
        " kind = excluded.kind, began = excluded.began, ended = excluded.ended,"
        " open = excluded.open, live = excluded.live, count = excluded.count,"
        " reason = excluded.reason",
        err);
    /* A part that the run before did not have was not configured: that is no gap. */
    sqlite3_stmt *last =
        put ? database_prepare(
                  database,
                  "SELECT ended, live FROM interval WHERE part = ?1 AND kind IN"
                  " ('covered', 'gap', 'pause') AND run = (SELECT run FROM interval"
                  " WHERE run <> ?2 ORDER BY id DESC LIMIT 1) ORDER BY id DESC LIMIT 1",
                  err)
            : NULL;
    bool good = last && put_all(ledger, put, last, intervals, count, err);
    sqlite3_finalize(put);
    sqlite3_finalize(last);
    return good && database_run(database, "COMMIT", err);
}

bool ledger_trim(struct ledger *ledger, int64_t now_ms, struct error *err) {
    bool row;
    sqlite3_stmt *trim = database_prepare(
        &ledger->database,
        "DELETE FROM interval WHERE ended < ?1 OR id <= (SELECT max(id) FROM interval) - ?2", err);
    if (trim == NULL) return false;
    sqlite3_bind_int64(trim, 1, now_ms - (int64_t)LEDGER_DAYS * 86400000);
    sqlite3_bind_int64(trim, 2, LEDGER_ROWS);
    bool good = database_step(&ledger->database, trim, &row, err);
    sqlite3_finalize(trim);
    return good;
}

/* ---- reading -------------------------------------------------------------------------------- */

static enum ledger_kind kind_of(struct slice name) {
    for (int kind = 0; kind < LEDGER_KINDS; kind++)
        if (slice_is(name, ledger_kinds[kind])) return (enum ledger_kind)kind;
    return LEDGER_GAP;
}

static struct ledger_interval read_interval(sqlite3_stmt *row) {
    return (struct ledger_interval){
        .part = column_slice(row, 0),
        .kind = kind_of(column_slice(row, 1)),
        .from_ms = sqlite3_column_int64(row, 2),
        .to_ms = sqlite3_column_int64(row, 3),
        .open = sqlite3_column_int(row, 4),
        .live = sqlite3_column_int(row, 5),
        .count = (uint64_t)sqlite3_column_int64(row, 6),
        .reason = column_slice(row, 7),
        .run = (uint64_t)sqlite3_column_int64(row, 8),
        .number = (uint64_t)sqlite3_column_int64(row, 9),
    };
}

bool ledger_each(struct ledger *ledger, int64_t since_ms,
                 void (*each)(void *context, const struct ledger_interval *interval), void *context,
                 struct error *err) {
    bool row, good;
    sqlite3_stmt *rows = database_prepare(
        &ledger->database,
        "SELECT part, kind, began, ended, open, live, count, reason, run, number FROM interval"
        " WHERE ended >= ?1 OR id IN (SELECT max(id) FROM interval GROUP BY part, kind IN ('drop', "
        "'damage')) ORDER BY id",
        err);
    if (rows == NULL) return false;
    sqlite3_bind_int64(rows, 1, since_ms);
    while ((good = database_step(&ledger->database, rows, &row, err)) && row) {
        struct ledger_interval interval = read_interval(rows);
        each(context, &interval);
    }
    sqlite3_finalize(rows);
    return good;
}

bool ledger_last_run(struct ledger *ledger, uint64_t *run, struct error *err) {
    bool row;
    sqlite3_stmt *last = database_prepare(&ledger->database,
                                          "SELECT run FROM interval ORDER BY id DESC LIMIT 1", err);
    if (last == NULL) return false;
    bool good = database_step(&ledger->database, last, &row, err);
    *run = good && row ? (uint64_t)sqlite3_column_int64(last, 0) : 0;
    sqlite3_finalize(last);
    return good;
}
