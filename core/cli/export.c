/* Verb "export": what the embedded store holds, as lines of JSON or as a table. */
#include "base/os.h"
#include "cli/ask.h"
#include "cli/print.h"
#include "cli/setup.h"
#include "sinks/registry.h"
#include "sinks/store_format.h"
#include <stdio.h>
#include <stdlib.h>

struct export_run {
    struct database database;
    bool csv, ids, safe;
};

/* --store, else the path of the configuration's first sqlite sink, else STATE/linnet.db. */
static const char *find_store(const struct arguments *arguments, struct arena *arena) {
    struct error err;
    struct snapshot_request request;
    const char *path = argument_value(arguments, FLAG_STORE), *folder;
    if (path) return path;
    setup_request(arguments, SETUP_OPTIONAL, NULL, &request);
    struct snapshot *snapshot = snapshot_load(&request, &err);
    for (size_t i = 0; snapshot && i < snapshot->sink_count && path == NULL; i++)
        if (snapshot->sinks[i].kind == &sqlite_sink.kind)
            path = sqlite_sink_path(snapshot->sinks[i].settings);
    if (path) path = arena_copy(arena, slice_of(path)).data;
    if (snapshot) snapshot_release(snapshot);
    if (path) return path;
    folder = asked_folder(arguments, arena);
    return folder ? arena_format(arena, "%s/" STORE_FILE, folder).data : NULL;
}

/* RFC 4180; a spreadsheet takes what begins like this for a formula. */
static void print_cell(const struct export_run *run, struct slice cell) {
    bool formula = cell.length && strchr("=+-@\t\r", cell.data[0]) != NULL;
    bool text = run->safe && formula, quoted = text;
    for (size_t i = 0; i < cell.length && !quoted; i++)
        quoted = strchr(",\"\r\n", cell.data[i]) != NULL;
    if (quoted) print("\"");
    if (text) print("'");
    while (cell.length) {
        const char *quote = quoted ? memchr(cell.data, '"', cell.length) : NULL;
        size_t length = quote ? (size_t)(quote - cell.data) + 1 : cell.length;
        print_slice(slice_first(cell, length));
        if (quote) print("\"");
        cell = slice_skip(cell, length);
    }
    if (quoted) print("\"");
}

static void print_header(const struct export_run *run, sqlite3_stmt *rows) {
    for (int i = 0; i < sqlite3_column_count(rows); i++) {
        if (i) print(",");
        print_cell(run, slice_of(sqlite3_column_name(rows, i)));
    }
    print("\r\n");
}

/* Numbers are no formulas, whatever their sign. */
static void print_row(const struct export_run *run, sqlite3_stmt *rows) {
    struct export_run plain = *run;
    plain.safe = false;
    for (int i = 0; i < sqlite3_column_count(rows); i++) {
        if (i) print(",");
        bool number = sqlite3_column_type(rows, i) != SQLITE_TEXT;
        print_cell(number ? &plain : run, column_slice(rows, i));
    }
    print("\r\n");
}

static bool print_rows(struct export_run *run, sqlite3_stmt *rows, struct error *err) {
    bool row = true;
    if (run->csv) print_header(run, rows);
    while (database_step(&run->database, rows, &row, err) && row) {
        if (run->csv)
            print_row(run, rows);
        else {
            print_slice(column_slice(rows, 0));
            print("\n");
        }
    }
    return !row;
}

static sqlite3_stmt *select_rows(struct export_run *run, const char *sample, struct error *err) {
    char sql[256];
    const char *what = run->ids ? "id" : run->csv ? "posts.*" : "document";
    const char *from = run->csv && !run->ids ? "post JOIN posts USING (id)" : "post";
    snprintf(sql, sizeof sql,
             "SELECT %s FROM %s WHERE ?1 < 0 OR number IN (SELECT number FROM post ORDER BY "
             "random() LIMIT ?1) ORDER BY number",
             what, from);
    sqlite3_stmt *rows = database_prepare(&run->database, sql, err);
    if (rows) sqlite3_bind_int64(rows, 1, sample ? atoll(sample) : -1);
    return rows;
}

static bool is_count(const char *text) {
    return text == NULL || (text[0] && strlen(text) < 16 && text[strspn(text, "0123456789")] == 0);
}

static int export_store(const struct arguments *arguments, struct export_run *run,
                        struct arena *arena) {
    struct error err;
    struct os_info info;
    const char *path = find_store(arguments, arena);
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
    return good ? 0 : complain_error(&err);
}

int verb_export(const struct arguments *arguments) {
    const char *format = argument_value(arguments, FLAG_FORMAT);
    const char *sample = argument_value(arguments, FLAG_SAMPLE);
    struct slice named = slice_of(format ? format : "ndjson");
    struct export_run run = { .csv = slice_is(named, "csv"),
                              .ids = arguments->given[FLAG_IDS],
                              .safe = arguments->given[FLAG_SAFE] };
    if (!run.csv && !slice_is(named, "ndjson")) {
        complain("linnet export: --format takes ndjson or csv, not %s\n", format);
        return 2;
    }
    if (!is_count(sample)) {
        complain("linnet export: --sample takes a number of posts, not %s\n", sample);
        return 2;
    }
    struct arena arena;
    arena_init(&arena);
    int code = export_store(arguments, &run, &arena);
    arena_free(&arena);
    return code;
}
