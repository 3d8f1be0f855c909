/* database/writer.h */
#include "base/alloc.h"
#include "database/format.h"
#include "database/writer_internal.h"

#define COLUMNS                                                                                    \
    "network, created, received, lang, author_id, author_handle, author_name, text, label, "       \
    "score, scorer, generation, document, created_s, received_s, traits"
#define VALUES "?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17"
/* Pages of roll-ups and indexes change again and again: they are kept, and written from the log
 * into the file once in 32 MiB of it. */
static const char memory_sql[] = "PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 8192";

/* Parameters: 1 is the id, the columns follow. */
#define DOCUMENT (STORE_COLUMNS + 2)
#define CREATED_S (STORE_COLUMNS + 3)
#define RECEIVED_S (STORE_COLUMNS + 4)
#define TRAITS (STORE_COLUMNS + 5)
#define NUMBER (STORE_COLUMNS + 6)

static const char *const texts[STATEMENTS] = {
    [INSERT] = "INSERT INTO post (id, " COLUMNS ", number) VALUES (?1, " VALUES
               ", ?18) ON CONFLICT (id) DO NOTHING",
    [REPLACE] = "UPDATE post SET (" COLUMNS ") = (" VALUES ") WHERE id = ?1",
    [FIND] = "SELECT number, id, document, created_s FROM post WHERE id = ?1",
    [REMOVE] = "DELETE FROM post WHERE number = ?1",
    [CHANGED] = "PRAGMA data_version",
    [UNFILLED] = "SELECT value FROM store_state WHERE name = 'unfilled'",
    [SET_UNFILLED] = "UPDATE store_state SET value = ?1 WHERE name = 'unfilled'",
    [HIGHEST] = "SELECT max(value, (SELECT coalesce(max(number), 0) FROM post)) FROM store_state"
                " WHERE name = 'highest'",
    [SET_HIGHEST] = "UPDATE store_state SET value = ?1 WHERE name = 'highest'",
    [UNFILLED_POSTS] = "SELECT number, id, document, created_s FROM post WHERE number <= ?1"
                       " ORDER BY number DESC LIMIT ?2",
    [PATCHED] = "SELECT CASE WHEN json_valid(document) THEN json_patch(document, ?2) END, traits,"
                " received_s FROM post WHERE id = ?1",
    [CUT_TRAITS] = "UPDATE post SET traits = traits & ?2 WHERE id = ?1",
    [FILL] = "UPDATE post SET created_s = ?2, received_s = ?3 WHERE number = ?1",
    [OLD_POSTS] = "SELECT number, id, document, created_s FROM post WHERE received_s < ?1"
                  " ORDER BY received_s LIMIT ?2",
};

struct store_writer *store_writer_create(const char *path) {
    struct store_writer *writer = memory_zeroed(1, sizeof *writer);
    writer->path = memory_copy_text(path);
    writer->reader = store_reader_create();
    writer->rollups = rollups_create(&writer->database);
    writer->terms = term_changes_create(&writer->database);
    arena_init(&writer->arena);
    return writer;
}

static void finish_statements(struct store_writer *writer) {
    for (size_t i = 0; i < STATEMENTS; i++) {
        sqlite3_finalize(writer->statements[i]);
        writer->statements[i] = NULL;
    }
    rollups_close(writer->rollups);
    term_changes_close(writer->terms);
}

static void close_store(struct store_writer *writer) {
    finish_statements(writer);
    database_close(&writer->database);
}

void store_writer_destroy(struct store_writer *writer) {
    if (writer == NULL) return;
    close_store(writer);
    rollups_destroy(writer->rollups);
    term_changes_destroy(writer->terms);
    store_reader_destroy(writer->reader);
    arena_free(&writer->arena);
    memory_free(writer->path);
    memory_free(writer);
}

static bool prepare_statements(struct store_writer *writer, struct error *err) {
    for (size_t i = 0; i < STATEMENTS; i++)
        if (!(writer->statements[i] = database_prepare(&writer->database, texts[i], err)))
            return false;
    return rollups_open(writer->rollups, err) && term_changes_open(writer->terms, err);
}

bool store_writer_open(struct store_writer *writer, struct error *err) {
    struct database *database = &writer->database;
    if (database->handle && database_is_in_place(database)) return true;
    if (database->handle) {
        finish_statements(writer);
        if (!database_leave(database, err)) return false;
    }
    if (database_open(database, writer->path, &store_format, DATABASE_WRITE, err) &&
        database_run(database, memory_sql, err) && prepare_statements(writer, err))
        return true;
    close_store(writer);
    return false;
}

/* The first column of what a statement without parameters finds; 0 when it finds nothing. */
static bool read_number(struct store_writer *writer, enum statement which, int64_t *number,
                        struct error *err) {
    bool row;
    sqlite3_stmt *statement = writer->statements[which];
    if (!database_step(&writer->database, statement, &row, err)) return false;
    *number = row ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return true;
}

bool store_writer_begin(struct store_writer *writer, struct error *err) {
    int64_t version;
    if (!database_run(&writer->database, "BEGIN IMMEDIATE", err) ||
        !read_number(writer, CHANGED, &version, err) ||
        !read_number(writer, UNFILLED, &writer->unfilled, err) ||
        !read_number(writer, HIGHEST, &writer->highest, err))
        return false;
    writer->removed = false;
    if (version != writer->version) rollups_forget(writer->rollups);
    writer->version = version;
    return true;
}

/* After a removal, which may have been of the last one. */
static bool keep_highest(struct store_writer *writer, struct error *err) {
    sqlite3_bind_int64(writer->statements[SET_HIGHEST], 1, writer->highest);
    return !writer->removed || store_writer_run(writer, SET_HIGHEST, err);
}

bool store_writer_commit(struct store_writer *writer, struct error *err) {
    return keep_highest(writer, err) && term_changes_write(writer->terms, err) &&
           rollups_write(writer->rollups, err) && database_run(&writer->database, "COMMIT", err);
}

void store_writer_recover(struct store_writer *writer) {
    if (!database_goes_on(&writer->database)) close_store(writer);
    rollups_forget(writer->rollups);
    term_changes_forget(writer->terms);
}

/* ---- a post ---- */

bool store_writer_run(struct store_writer *writer, enum statement which, struct error *err) {
    bool row;
    return database_step(&writer->database, writer->statements[which], &row, err);
}

/* What SQLite does not take is refused; all else is a failure. */
static bool run_or_refuse(struct store_writer *writer, enum statement which, struct slice *reject,
                          struct error *err) {
    if (store_writer_run(writer, which, err)) return true;
    if (database_fault(&writer->database) != DATABASE_REFUSED) return false;
    *reject = arena_copy(&writer->arena, slice_of(err->text));
    return true;
}

void store_writer_bind_seconds(sqlite3_stmt *statement, int at, int64_t ms) {
    if (ms == TIME_UNKNOWN)
        sqlite3_bind_null(statement, at);
    else
        sqlite3_bind_int64(statement, at, store_seconds(ms));
}

static void bind_post(sqlite3_stmt *statement, const struct store_post *post,
                      const struct store_document *document) {
    bind_slice(statement, 1, post->key);
    for (int i = 0; i < STORE_COLUMNS; i++) {
        const struct json_value *value = &document->columns[i].first;
        bool present = document->columns[i].count > 0 &&
                       (value->type == JSON_STRING || value->type == JSON_NUMBER);
        bind_slice(statement, i + 2, present ? value->text : (struct slice){ 0 });
    }
    bind_slice(statement, DOCUMENT, post->document);
    store_writer_bind_seconds(statement, CREATED_S, document->created_ms);
    store_writer_bind_seconds(statement, RECEIVED_S, document->received_ms);
    if (post->traits == STORE_NO_TRAITS)
        sqlite3_bind_null(statement, TRAITS);
    else
        sqlite3_bind_int64(statement, TRAITS, post->traits);
}

struct row store_writer_row(struct store_writer *writer, sqlite3_stmt *rows) {
    struct arena *arena = &writer->arena;
    bool filled = sqlite3_column_type(rows, 3) != SQLITE_NULL;
    return (struct row){ .number = sqlite3_column_int64(rows, 0),
                         .key = arena_copy(arena, column_slice(rows, 1)),
                         .document = arena_copy(arena, column_slice(rows, 2)),
                         .created_ms =
                             filled ? sqlite3_column_int64(rows, 3) * 1000 : TIME_UNKNOWN };
}

/* number 0: there is none. */
static bool find_row(struct store_writer *writer, struct slice key, struct row *row,
                     struct error *err) {
    bool found;
    sqlite3_stmt *find = writer->statements[FIND];
    bind_slice(find, 1, key);
    *row = (struct row){ 0 };
    if (!database_step(&writer->database, find, &found, err)) return false;
    if (found) *row = store_writer_row(writer, find);
    sqlite3_reset(find);
    return true;
}

bool store_writer_count(struct store_writer *writer, int64_t number,
                        struct store_document *document, int by, struct error *err) {
    return rollups_count(writer->rollups, document, by, &writer->arena, err) &&
           term_changes_note(writer->terms, number, document, by, &writer->arena, err);
}

/* What a row that is gone gave. */
static bool take_back(struct store_writer *writer, const struct row *row, struct error *err) {
    struct store_document document;
    struct slice reject;
    if (row->number <= writer->unfilled) return true;
    if (!store_document_read(writer->reader, row->document, row->key, &writer->arena, &document,
                             &reject))
        return true; /* it gave nothing: somebody else wrote it */
    document.created_ms = row->created_ms;
    return store_writer_count(writer, row->number, &document, -1, err);
}

static bool replace(struct store_writer *writer, const struct store_post *post,
                    struct store_document *document, struct slice *reject, struct error *err) {
    struct row old;
    if (!find_row(writer, post->key, &old, err)) return false;
    if (slice_equal(old.document, post->document)) return true;
    bind_post(writer->statements[REPLACE], post, document);
    if (!run_or_refuse(writer, REPLACE, reject, err)) return false;
    if (reject->data || old.number <= writer->unfilled) return true;
    /* Reading the old document ends the columns of the new one, which are in the row by now. */
    return take_back(writer, &old, err) && store_writer_count(writer, old.number, document, 1, err);
}

static bool insert(struct store_writer *writer, const struct store_post *post,
                   struct store_document *document, struct slice *reject, struct error *err) {
    bind_post(writer->statements[INSERT], post, document);
    sqlite3_bind_int64(writer->statements[INSERT], NUMBER, writer->highest + 1);
    if (!run_or_refuse(writer, INSERT, reject, err) || reject->data) return reject->data != NULL;
    if (sqlite3_changes(writer->database.handle) == 0)
        return replace(writer, post, document, reject, err);
    return store_writer_count(writer, ++writer->highest, document, 1, err);
}

static bool put(struct store_writer *writer, const struct store_post *post, struct slice *reject,
                struct error *err) {
    struct store_document document;
    if (!store_document_read(writer->reader, post->document, post->key, &writer->arena, &document,
                             reject))
        return true;
    if (document.created_ms == TIME_UNKNOWN)
        document.created_ms = document.received_ms = post->received_ms;
    return insert(writer, post, &document, reject, err);
}

bool store_writer_put(struct store_writer *writer, const struct store_post *post,
                      struct slice *reject, struct error *err) {
    *reject = (struct slice){ 0 };
    arena_reset(&writer->arena, ARENA_BLOCK_BYTES);
    return put(writer, post, reject, err);
}

/* Its document as `patch` leaves it; document.length 0: there is none. */
static bool find_patched(struct store_writer *writer, struct slice patch, struct store_post *post,
                         struct error *err) {
    sqlite3_stmt *find = writer->statements[PATCHED];
    bool found;
    bind_slice(find, 1, post->key);
    bind_slice(find, 2, patch);
    if (!database_step(&writer->database, find, &found, err)) return false;
    if (found && sqlite3_column_type(find, 0) != SQLITE_NULL) {
        bool known = sqlite3_column_type(find, 1) != SQLITE_NULL;
        bool dated = sqlite3_column_type(find, 2) != SQLITE_NULL;
        post->document = arena_copy(&writer->arena, column_slice(find, 0));
        post->traits = known ? sqlite3_column_int64(find, 1) : STORE_NO_TRAITS;
        post->received_ms = dated ? sqlite3_column_int64(find, 2) * 1000 : TIME_UNKNOWN;
    }
    sqlite3_reset(find);
    return true;
}

bool store_writer_scrub(struct store_writer *writer, struct slice key, struct slice patch,
                        struct slice *reject, struct error *err) {
    struct store_post post = { .key = key };
    sqlite3_stmt *cut = writer->statements[CUT_TRAITS];
    *reject = (struct slice){ 0 };
    arena_reset(&writer->arena, ARENA_BLOCK_BYTES);
    if (!find_patched(writer, patch, &post, err)) return false;
    if (post.document.length == 0) return true;
    if (!put(writer, &post, reject, err)) return false;
    bind_slice(cut, 1, key);
    sqlite3_bind_int64(cut, 2, ~(int64_t)(TRAIT_PLACE | TRAIT_COORDINATES));
    return store_writer_run(writer, CUT_TRAITS, err);
}

bool store_writer_remove_row(struct store_writer *writer, const struct row *row,
                             struct slice *reject, struct error *err) {
    writer->removed = true;
    sqlite3_bind_int64(writer->statements[REMOVE], 1, row->number);
    return run_or_refuse(writer, REMOVE, reject, err);
}

bool store_writer_remove(struct store_writer *writer, struct slice key, struct slice *reject,
                         struct error *err) {
    struct row row;
    *reject = (struct slice){ 0 };
    arena_reset(&writer->arena, ARENA_BLOCK_BYTES);
    if (!find_row(writer, key, &row, err)) return false;
    if (row.number == 0) return true;
    return store_writer_remove_row(writer, &row, reject, err) &&
           (reject->data || take_back(writer, &row, err));
}
