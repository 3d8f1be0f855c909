/* database/writer.h: what is done a few posts at a time: filling in and pruning. */
#include "database/writer_internal.h"

/* A step, some milliseconds long. */
#define STEP_POSTS 200
#define STEP_BYTES ((size_t)1 << 20)

struct rows {
    struct row items[STEP_POSTS];
    size_t count;
    bool full; /* there may be more */
};

/* Of a statement whose parameters are `first` and how many rows at most. */
static bool read_rows(struct store_writer *writer, enum statement which, int64_t first,
                      struct rows *rows, struct error *err) {
    sqlite3_stmt *statement = writer->statements[which];
    size_t bytes = 0;
    bool found = true, good = true;
    arena_reset(&writer->arena, ARENA_BLOCK_BYTES);
    rows->count = 0;
    sqlite3_bind_int64(statement, 1, first);
    sqlite3_bind_int64(statement, 2, STEP_POSTS);
    while (good && found && rows->count < STEP_POSTS && bytes < STEP_BYTES) {
        good = database_step(&writer->database, statement, &found, err);
        if (!good || !found) continue;
        struct row *row = &rows->items[rows->count++];
        *row = store_writer_row(writer, statement);
        bytes += row->document.length;
    }
    sqlite3_reset(statement);
    rows->full = rows->count == STEP_POSTS || bytes >= STEP_BYTES;
    return good;
}

static bool read_document(struct store_writer *writer, const struct row *row,
                          struct store_document *document) {
    struct slice reject;
    return store_document_read(writer->reader, row->document, row->key, &writer->arena, document,
                               &reject);
}

static bool fill_row(struct store_writer *writer, const struct row *row, struct error *err) {
    struct store_document document;
    sqlite3_stmt *fill = writer->statements[FILL];
    if (!read_document(writer, row, &document)) return true; /* it stays without */
    sqlite3_bind_int64(fill, 1, row->number);
    store_writer_bind_seconds(fill, 2, document.created_ms);
    store_writer_bind_seconds(fill, 3, document.received_ms);
    return store_writer_run(writer, FILL, err) &&
           store_writer_count(writer, row->number, &document, 1, err);
}

static bool fill_rows(struct store_writer *writer, const struct rows *rows, struct error *err) {
    int64_t unfilled = rows->full ? rows->items[rows->count - 1].number - 1 : 0;
    for (size_t i = rows->count; i > 0; i--)
        if (!fill_row(writer, &rows->items[i - 1], err)) return false;
    sqlite3_bind_int64(writer->statements[SET_UNFILLED], 1, unfilled);
    return store_writer_run(writer, SET_UNFILLED, err);
}

bool store_writer_fill(struct store_writer *writer, bool *more, struct error *err) {
    struct rows rows;
    if (!store_writer_begin(writer, err)) return false;
    *more = writer->unfilled > 0;
    if (*more) {
        if (!read_rows(writer, UNFILLED_POSTS, writer->unfilled, &rows, err) ||
            !fill_rows(writer, &rows, err))
            return false;
        *more = rows.full;
    }
    return store_writer_commit(writer, err);
}

/* *held: a trigger keeps it. */
static bool prune_row(struct store_writer *writer, const struct row *row, bool *held,
                      struct error *err) {
    struct store_document document;
    struct slice reject = { 0 };
    if (!store_writer_remove_row(writer, row, &reject, err)) return false;
    *held = *held || reject.data;
    return reject.data || !read_document(writer, row, &document) ||
           term_changes_note(writer->terms, row->number, &document, -1, &writer->arena, err);
}

bool store_writer_prune(struct store_writer *writer, int64_t before_s, bool *more,
                        struct error *err) {
    struct rows rows;
    bool held = false;
    if (!store_writer_begin(writer, err) || !read_rows(writer, OLD_POSTS, before_s, &rows, err))
        return false;
    for (size_t i = 0; i < rows.count; i++)
        if (!prune_row(writer, &rows.items[i], &held, err)) return false;
    *more = rows.full && !held;
    return store_writer_commit(writer, err);
}
