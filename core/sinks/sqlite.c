/* Sink "sqlite": the embedded store, one row a post, by its `_id`. A thread of its own writes, one
 * transaction a delivery; a repeat changes nothing, an edit replaces, a delete removes. */
#include "base/alloc.h"
#include "base/log.h"
#include "base/os.h"
#include "sinks/registry.h"
#include "sinks/store_format.h"
#include "json/projection.h"
#include <stddef.h>
#include <stdio.h>

struct settings {
    const char *path;
};

static const struct option options[] = {
    { .name = "path",
      .type = OPTION_PATH,
      .offset = offsetof(struct settings, path),
      .standard = "",
      .help = "the database file; by default STATE/" STORE_FILE },
};

/* What becomes a column of its own, in the order of the statement's parameters from 2. */
static const char *const members[] = { "network",   "created",       "received",    "lang",
                                       "author.id", "author.handle", "author.name", "text",
                                       "label",     "score",         "scorer",      "generation" };
#define TEXT 7 /* of the members */

#define COLUMNS                                                                                    \
    "network, created, received, lang, author_id, author_handle, author_name, text, label, "       \
    "score, "                                                                                      \
    "scorer, generation, document"

static const char put_sql[] =
    "INSERT INTO post (id, " COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
    "?13, ?14) ON CONFLICT (id) DO UPDATE SET (" COLUMNS ") = (excluded.network, excluded.created, "
    "excluded.received, excluded.lang, excluded.author_id, excluded.author_handle, "
    "excluded.author_name, excluded.text, excluded.label, excluded.score, excluded.scorer, "
    "excluded.generation, excluded.document) WHERE excluded.document <> document";

const char *sqlite_sink_path(const void *settings) {
    return ((const struct settings *)settings)->path;
}

struct sqlite_sink {
    const struct sink_context *context;
    char *path;
    struct projection *projection;
    struct crew *crew;
    struct task task;
    bool failing; /* said that it does */

    /* The thread's while the task is under way. */
    struct database database;
    sqlite3_stmt *put, *remove;
    struct projector *projector;
    struct arena arena, reasons; /* of a document; of a delivery's verdicts */
    const struct record *records;
    size_t count;
    struct delivery *delivery;
    struct verdict *verdicts; /* one a record */
    bool failed;
    struct error err;
};

/* ---- on the thread ---- */

static void finish_statements(struct sqlite_sink *sink) {
    sqlite3_finalize(sink->put);
    sqlite3_finalize(sink->remove);
    sink->put = sink->remove = NULL;
}

static void close_store(struct sqlite_sink *sink) {
    finish_statements(sink);
    database_close(&sink->database);
}

static bool open_store(struct sqlite_sink *sink) {
    struct error *err = &sink->err;
    if (sink->put && database_is_in_place(&sink->database)) return true;
    if (sink->database.handle) {
        finish_statements(sink);
        if (!database_leave(&sink->database, err)) return false;
    }
    if (database_open(&sink->database, sink->path, &store_format, DATABASE_WRITE, err) &&
        (sink->put = database_prepare(&sink->database, put_sql, err)) &&
        (sink->remove = database_prepare(&sink->database, "DELETE FROM post WHERE id = ?1", err)))
        return true;
    close_store(sink);
    return false;
}

static bool run_statement(struct sqlite_sink *sink, sqlite3_stmt *statement) {
    bool row;
    return database_step(&sink->database, statement, &row, &sink->err);
}

static void bind_member(sqlite3_stmt *statement, int at, const struct json_slot *slot) {
    struct slice text = slot->first.text;
    bool present =
        slot->count > 0 && (slot->first.type == JSON_STRING || slot->first.type == JSON_NUMBER);
    bind_slice(statement, at, present ? text : (struct slice){ 0 });
}

/* NULL: it is no document of the store's, *reject says why. */
static const struct json_slot *read_document(struct sqlite_sink *sink,
                                             const struct document *document,
                                             struct slice *reject) {
    const struct json_slot *slots = projector_run(
        sink->projector, json_padded(&sink->arena, document->bytes), &sink->arena, reject);
    if (slots == NULL || slots[TEXT].first.type == JSON_STRING) return slots;
    *reject = SLICE("its document has no text");
    return NULL;
}

static bool put_document(struct sqlite_sink *sink, const struct document *document,
                         struct slice *reject) {
    const struct json_slot *slots = read_document(sink, document, reject);
    if (slots == NULL) return true;
    bind_slice(sink->put, 1, document->key);
    for (int i = 0; i < (int)LENGTH(members); i++)
        bind_member(sink->put, i + 2, &slots[i]);
    bind_slice(sink->put, (int)LENGTH(members) + 2, document->bytes);
    return run_statement(sink, sink->put);
}

static bool put_record(struct sqlite_sink *sink, const struct record *record,
                       struct verdict *verdict) {
    const struct document *document = sink_document(sink->context, record);
    struct slice reject = { 0 };
    bool done;
    if (record->kind == RECORD_DELETE) {
        bind_slice(sink->remove, 1, document->key);
        done = run_statement(sink, sink->remove);
    } else
        done = put_document(sink, document, &reject);
    if (!done && database_fault(&sink->database) == DATABASE_REFUSED) {
        reject = arena_copy(&sink->reasons, slice_of(sink->err.text));
        done = true;
    }
    *verdict = (struct verdict){ reject.data ? VERDICT_REJECT : VERDICT_DONE, reject };
    arena_reset(&sink->arena, ARENA_BLOCK_BYTES);
    return done;
}

static bool put_all(struct sqlite_sink *sink) {
    arena_reset(&sink->reasons, ARENA_BLOCK_BYTES);
    if (!open_store(sink) || !database_run(&sink->database, "BEGIN IMMEDIATE", &sink->err))
        return false;
    for (size_t i = 0; i < sink->count; i++)
        if (!put_record(sink, &sink->records[i], &sink->verdicts[i])) return false;
    return database_run(&sink->database, "COMMIT", &sink->err);
}

static void write_run(struct task *task, unsigned worker) {
    struct sqlite_sink *sink = CONTAINER_OF(task, struct sqlite_sink, task);
    (void)worker;
    sink->failed = !put_all(sink);
    if (sink->failed && !database_goes_on(&sink->database)) close_store(sink);
}

/* ---- on the loop ---- */

static void write_done(struct task *task) {
    struct sqlite_sink *sink = CONTAINER_OF(task, struct sqlite_sink, task);
    struct verdict *verdicts = sink->verdicts;
    if (sink->failed && !sink->failing)
        log_warning(sink->context->name, "%s; tried again until it works", sink->err.text);
    if (!sink->failed && sink->failing) log_info(sink->context->name, "it works again");
    sink->failing = sink->failed;
    sink->verdicts = NULL;
    if (sink->failed)
        delivery_again(sink->delivery);
    else
        delivery_answer(sink->delivery, verdicts);
    memory_free(verdicts);
}

static void sqlite_deliver(void *self, const struct record *records, size_t count,
                           struct delivery *delivery) {
    struct sqlite_sink *sink = self;
    sink->records = records;
    sink->count = count;
    sink->delivery = delivery;
    sink->verdicts = memory_zeroed(count, sizeof *sink->verdicts);
    crew_submit(sink->crew, &sink->task);
}

static void sqlite_destroy(void *self) {
    struct sqlite_sink *sink = self;
    if (sink->crew) crew_destroy(sink->crew);
    close_store(sink);
    if (sink->projector) projector_destroy(sink->projector);
    if (sink->projection) projection_destroy(sink->projection);
    arena_free(&sink->arena);
    arena_free(&sink->reasons);
    memory_free(sink->verdicts);
    memory_free(sink->path);
    memory_free(sink);
}

static char *find_path(const char *path, const struct sink_context *context, struct error *err) {
    char made[4096];
    if (path) return memory_copy_text(path);
    if (context->state == NULL) {
        error_set(err, ERROR_FAILED, "%s: there is no state folder: give it a path", context->name);
        return NULL;
    }
    snprintf(made, sizeof made, "%.4000s/" STORE_FILE, context->state);
    return memory_copy_text(made);
}

static void *sqlite_create(const void *settings, const struct sink_context *context,
                           struct error *err) {
    struct sqlite_sink *sink = memory_zeroed(1, sizeof *sink);
    sink->context = context;
    sink->task = (struct task){ write_run, write_done };
    arena_init(&sink->arena);
    arena_init(&sink->reasons);
    sink->projection = projection_create();
    for (size_t i = 0; i < LENGTH(members); i++)
        (void)!projection_add(sink->projection, slice_of(members[i]));
    projection_seal(sink->projection);
    sink->projector = projector_create(sink->projection);
    sink->path = find_path(sqlite_sink_path(settings), context, err);
    if (sink->path && open_store(sink)) {
        sink->crew = crew_create(context->loop, context->threads, 1);
        crew_name(sink->crew, "store");
        return sink;
    }
    if (sink->path) *err = sink->err;
    sqlite_destroy(sink);
    return NULL;
}

static const char *const needed[] = { "id", "network", "text", "label", "received", NULL };

const struct sink_ops sqlite_sink = {
    .kind = { .name = "sqlite",
              .argument = "path",
              .help = "the embedded store, which `linnet export` reads",
              .options = { options, LENGTH(options), sizeof(struct settings) },
              .members = needed },
    .create = sqlite_create,
    .deliver = sqlite_deliver,
    .destroy = sqlite_destroy,
};
