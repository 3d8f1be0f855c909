/* Verb "export": what the embedded store holds, as lines of JSON or as a table. */
#include "base/buffer.h"
#include "base/os.h"
#include "cli/print.h"
#include "cli/store_path.h"
#include "database/format.h"
#include <stdio.h>
#include <stdlib.h>

#define STANDARD_OUTPUT 1
/* Output that is gathered before it is printed, and the longest row. */
#define PAGE_BYTES ((size_t)1 << 20)
#define MOST_BYTES (1 << 28)

struct export_run {
    struct database database;
    bool csv, ids, safe, terminal;
    struct buffer page;
    bool whole;     /* the page holds all that was put there */
    int64_t number; /* of the last post: the position, for it never comes again */
    bool follows;   /* an export before, whose header is there */
};

/* Gathered, not printed: whoever reads our output may stop for hours, and meanwhile an open
 * statement would keep the store's log from being cut. */
static void put(struct export_run *run, struct slice bytes) {
    run->whole = run->whole && buffer_append(&run->page, bytes);
}

/* RFC 4180; a spreadsheet takes what begins like this for a formula. */
static void put_cell(struct export_run *run, struct slice cell, bool safe) {
    bool formula = safe && cell.length && strchr("=+-@\t\r\n", cell.data[0]) != NULL;
    bool quoted = formula;
    for (size_t i = 0; i < cell.length && !quoted; i++)
        quoted = strchr(",\"\r\n", cell.data[i]) != NULL;
    if (quoted) put(run, SLICE("\""));
    if (formula) put(run, SLICE("'"));
    while (cell.length) {
        const char *quote = quoted ? memchr(cell.data, '"', cell.length) : NULL;
        size_t length = quote ? (size_t)(quote - cell.data) + 1 : cell.length;
        put(run, slice_first(cell, length));
        if (quote) put(run, SLICE("\""));
        cell = slice_skip(cell, length);
    }
    if (quoted) put(run, SLICE("\""));
}

/* The last column is the post's number, which is ours. */
static void put_header(struct export_run *run, sqlite3_stmt *rows) {
    for (int i = 0; i < sqlite3_column_count(rows) - 1; i++) {
        if (i) put(run, SLICE(","));
        put_cell(run, slice_of(sqlite3_column_name(rows, i)), false);
    }
    put(run, SLICE("\r\n"));
}

/* Numbers are no formulas, whatever their sign. */
static void put_row(struct export_run *run, sqlite3_stmt *rows) {
    int last = sqlite3_column_count(rows) - 1;
    run->number = sqlite3_column_int64(rows, last);
    for (int i = 0; i < last && run->csv; i++) {
        if (i) put(run, SLICE(","));
        bool text = sqlite3_column_type(rows, i) == SQLITE_TEXT;
        put_cell(run, column_slice(rows, i), run->safe && text);
    }
    if (!run->csv) put(run, column_slice(rows, 0));
    put(run, run->csv ? SLICE("\r\n") : SLICE("\n"));
}

/* On a terminal nothing of a post may act. */
static void print_page(struct export_run *run) {
    struct slice left = buffer_slice(&run->page);
    while (run->terminal && left.length) {
        const char *end = memchr(left.data, '\n', left.length);
        size_t length = end ? (size_t)(end - left.data) : left.length;
        print_text(slice_first(left, length));
        print("\n");
        left = slice_skip(left, length + 1);
    }
    print_slice(left);
    run->page.length = 0;
}

/* *more: there may be others behind it. */
static bool print_some(struct export_run *run, sqlite3_stmt *rows, bool *more, struct error *err) {
    sqlite3_bind_int64(rows, 1, run->number);
    bool good = true;
    for (*more = true; good && *more && run->page.length < PAGE_BYTES;) {
        good = database_step(&run->database, rows, more, err);
        if (good && *more) put_row(run, rows);
    }
    sqlite3_reset(rows);
    print_page(run);
    return good &&
           (run->whole || error_set(err, ERROR_FAILED, "%.400s: a post is longer than %d MiB",
                                    run->database.path, MOST_BYTES >> 20));
}

static bool print_rows(struct export_run *run, sqlite3_stmt *rows, struct error *err) {
    bool more = true, good = true;
    if (run->csv && !run->follows) put_header(run, rows);
    while (good && more)
        good = print_some(run, rows, &more, err);
    return good;
}

/* Which posts are in a sample is decided once: the statement goes on behind the last number. */
static bool choose_sample(struct export_run *run, const char *sample, struct error *err) {
    char sql[160];
    snprintf(sql, sizeof sql,
             "CREATE TEMP TABLE sample AS SELECT number FROM post ORDER BY random() LIMIT %s",
             sample);
    return database_run(&run->database, sql, err);
}

static sqlite3_stmt *select_rows(struct export_run *run, const char *sample, struct error *err) {
    char sql[256];
    const char *what = run->ids ? "post.id" : run->csv ? "posts.*" : "document";
    const char *from = run->csv && !run->ids ? "post JOIN posts USING (id)" : "post";
    if (sample && !choose_sample(run, sample, err)) return NULL;
    snprintf(sql, sizeof sql, "SELECT %s, number FROM %s WHERE number > ?1%s ORDER BY number", what,
             from, sample ? " AND number IN temp.sample" : "");
    return database_prepare(&run->database, sql, err);
}

static bool is_count(const char *text) {
    return text == NULL || (text[0] && strlen(text) < 16 && text[strspn(text, "0123456789")] == 0);
}

static int export_store(const struct arguments *arguments, struct export_run *run,
                        struct arena *arena) {
    struct error err;
    struct os_info info;
    const char *path = asked_store(arguments, arena);
    if (path == NULL || !os_stat(path, &info) || info.kind == OS_MISSING) {
        complain("linnet export: there is no store%s%s\n    a sink such as linnet.sqlite {} makes "
                 "one\n",
                 path ? ": " : "", path ? path : "");
        return 1;
    }
    if (!database_open(&run->database, path, &store_format, DATABASE_READ, &err))
        return complain_error(&err);
    sqlite3_stmt *rows = select_rows(run, argument_value(arguments, FLAG_SAMPLE), &err);
    bool good = rows && print_rows(run, rows, &err);
    sqlite3_finalize(rows);
    database_close(&run->database);
    if (!good) return complain_error(&err);
    complain("up to position %lld; --after %lld goes on behind it\n", (long long)run->number,
             (long long)run->number);
    return 0;
}

int verb_export(const struct arguments *arguments) {
    const char *format = argument_value(arguments, FLAG_FORMAT);
    const char *sample = argument_value(arguments, FLAG_SAMPLE);
    const char *after = argument_value(arguments, FLAG_AFTER);
    struct slice named = slice_of(format ? format : "ndjson");
    struct export_run run = { .csv = slice_is(named, "csv"),
                              .ids = arguments->given[FLAG_IDS],
                              .safe = arguments->given[FLAG_SAFE],
                              .terminal = os_is_terminal(STANDARD_OUTPUT),
                              .whole = true,
                              .number = after ? strtoll(after, NULL, 10) : 0,
                              .follows = after && strtoll(after, NULL, 10) > 0 };
    if (!run.csv && !slice_is(named, "ndjson")) {
        complain("linnet export: --format takes ndjson or csv, not %s\n", format);
        return 2;
    }
    if (!is_count(sample)) {
        complain("linnet export: --sample takes a number of posts, not %s\n", sample);
        return 2;
    }
    if (!is_count(after)) {
        complain("linnet export: --after takes the position that an export ended with, not %s\n",
                 after);
        return 2;
    }
    struct arena arena;
    arena_init(&arena);
    buffer_init(&run.page, MOST_BYTES);
    int code = export_store(arguments, &run, &arena);
    buffer_free(&run.page);
    arena_free(&arena);
    return code;
}
