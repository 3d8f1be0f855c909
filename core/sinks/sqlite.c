/* Sink "sqlite": the embedded store, one row a post, by its `_id`. A thread of its own writes; a
 * repeat changes nothing, an edit replaces, a delete removes. What is handed over while it writes
 * is its next transaction: the more posts wait, the less each costs.
 *
 * What is said of an author means posts that the store finds: the log is told of each, so that
 * every sink hears of it, this one too, and the handover is not answered before the log has them.
 *
 * Between transactions, and while there are none, it does chores a few posts at a time: it fills in
 * what a store of an older linnet lacks, and removes posts that are older than `keep`. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/links.h"
#include "base/log.h"
#include "database/authors.h"
#include "database/format.h"
#include "database/writer.h"
#include "flow/trouble.h"
#include "sinks/registry.h"
#include <stddef.h>
#include <stdio.h>

/* Handovers at a time: what is being written, and what waits to be the next transaction. */
#define ROOM 16

/* How often, at least, an idle sink looks for posts that are too old; each tenth of `keep`. */
#define CHORE_MS INT64_C(10000)

/* A spool that is full may wait for this sink, which waits for the spool: not longer than this. */
#define HELD_MS 5000

struct settings {
    const char *path;
    int64_t keep_ms;
};

static const struct option options[] = {
    { .name = "path",
      .type = OPTION_PATH,
      .offset = offsetof(struct settings, path),
      .standard = "",
      .help = "the database file; by default STATE/" STORE_FILE },
    { .name = "keep",
      .type = OPTION_DURATION,
      .offset = offsetof(struct settings, keep_ms),
      .standard = "0",
      .help = "how long after a post was received it stays, such as 30d; 0: for ever" },
};

const char *sqlite_sink_path(const void *settings) {
    return ((const struct settings *)settings)->path;
}

struct piece {
    struct handover *handover;
    const struct record *records;
    size_t count;
    struct verdict *verdicts; /* one a record; heap */
};

struct pieces {
    struct piece items[ROOM];
    size_t count;
};

/* Stored, and not answered: the log is still to have what was found. */
struct held {
    struct sqlite_sink *sink;
    struct pieces pieces;
    struct forget_wait wait;
    struct timer late;
    struct held *next, **link;
};

struct sqlite_sink {
    const struct sink_context *context;
    int64_t keep_ms;
    struct crew *crew;
    struct task write, chore;
    struct timer timer;    /* for the next chore */
    bool working;          /* a task is under way */
    bool due;              /* the chore goes before the next transaction */
    struct pieces waiting; /* for the next transaction */
    struct held *held;
    const struct task *failing; /* which of the two was said to fail; NULL: none */

    /* The thread's while a task is under way. */
    struct store_writer *writer;
    struct arena reasons; /* of a transaction's verdicts */
    struct pieces writing;
    struct store_finds finds; /* by what is said of authors in them */
    bool failed;
    bool more_to_fill, more_to_prune;
    struct error err;
};

/* ---- on the thread ---- */

static bool put_record(struct sqlite_sink *sink, const struct record *record,
                       struct verdict *verdict) {
    const struct document *document = sink_document(sink->context, record);
    struct slice reject;
    bool known = record->traits != RECORD_NO_TRAITS;
    struct store_post post = { .key = document->key,
                               .document = document->bytes,
                               .traits = known ? (int64_t)record->traits : STORE_NO_TRAITS,
                               .received_ms = record->received_ms };
    bool done;
    if (record_is_of_author(record->kind)) return true; /* looked for when all else is there */
    if (record->kind == RECORD_DELETE)
        done = store_writer_remove(sink->writer, document->key, &reject, &sink->err);
    else if (record->kind == RECORD_SCRUB)
        done =
            store_writer_scrub(sink->writer, document->key, document->bytes, &reject, &sink->err);
    else
        done = store_writer_put(sink->writer, &post, &reject, &sink->err);
    if (!done) return false;
    if (reject.data) reject = arena_copy(&sink->reasons, reject);
    *verdict = (struct verdict){ reject.data ? VERDICT_REJECT : VERDICT_DONE, reject };
    return true;
}

static bool put_piece(struct sqlite_sink *sink, const struct piece *piece) {
    for (size_t i = 0; i < piece->count; i++)
        if (!put_record(sink, &piece->records[i], &piece->verdicts[i])) return false;
    return true;
}

/* The posts of all authors that something is said of. */
static bool find_all(struct sqlite_sink *sink) {
    store_finds_free(&sink->finds);
    store_finds_init(&sink->finds);
    for (size_t i = 0; i < sink->writing.count; i++) {
        const struct piece *piece = &sink->writing.items[i];
        for (size_t j = 0; j < piece->count; j++)
            if (record_is_of_author(piece->records[j].kind))
                store_finds_ask(&sink->finds, &piece->records[j]);
    }
    return store_find(&sink->finds, sink->writer, &sink->err);
}

static bool put_all(struct sqlite_sink *sink) {
    arena_reset(&sink->reasons, ARENA_BLOCK_BYTES);
    if (!store_writer_open(sink->writer, &sink->err) ||
        !store_writer_begin(sink->writer, &sink->err))
        return false;
    for (size_t i = 0; i < sink->writing.count; i++)
        if (!put_piece(sink, &sink->writing.items[i])) return false;
    return store_writer_commit(sink->writer, &sink->err) && find_all(sink);
}

static void write_run(struct task *task, unsigned worker) {
    struct sqlite_sink *sink = CONTAINER_OF(task, struct sqlite_sink, write);
    (void)worker;
    sink->failed = !put_all(sink);
    if (sink->failed) store_writer_recover(sink->writer);
}

static bool do_chore(struct sqlite_sink *sink) {
    struct error *err = &sink->err;
    if (!store_writer_open(sink->writer, err)) return false;
    if (sink->more_to_fill) return store_writer_fill(sink->writer, &sink->more_to_fill, err);
    int64_t before_ms = clock_wall_ms() - sink->keep_ms;
    return sink->keep_ms == 0 ||
           store_writer_prune(sink->writer, before_ms / 1000, &sink->more_to_prune, err);
}

static void chore_run(struct task *task, unsigned worker) {
    struct sqlite_sink *sink = CONTAINER_OF(task, struct sqlite_sink, chore);
    (void)worker;
    sink->failed = !do_chore(sink);
    if (sink->failed) store_writer_recover(sink->writer);
}

/* ---- on the loop ---- */

/* A chore with nothing to do works on a full disk, too: only what failed can work again. */
static void tell_failure(struct sqlite_sink *sink, const struct task *task) {
    if (sink->failed) {
        trouble_say(sink->context, sink->failing == NULL, "%s", sink->err.text);
        if (sink->failing == NULL) sink->failing = task;
    } else if (sink->failing == task) {
        trouble_say_over(sink->context);
        sink->failing = NULL;
    }
}

/* The chore that is due, or what waits; when nothing is under way. */
static void go_on(struct sqlite_sink *sink) {
    if (sink->working || (!sink->due && sink->waiting.count == 0)) return;
    sink->working = true;
    if (sink->due) {
        sink->due = false;
        crew_submit(sink->crew, &sink->chore);
        return;
    }
    sink->writing = sink->waiting;
    sink->waiting.count = 0;
    crew_submit(sink->crew, &sink->write);
}

static void chore_is_due(struct timer *timer) {
    struct sqlite_sink *sink = CONTAINER_OF(timer, struct sqlite_sink, timer);
    sink->due = true;
    go_on(sink);
}

static uint64_t wait_ms(const struct sqlite_sink *sink) {
    int64_t tenth = sink->keep_ms ? sink->keep_ms / 10 + 1 : CHORE_MS;
    return (uint64_t)MIN(tenth, CHORE_MS);
}

static void chore_done(struct task *task) {
    struct sqlite_sink *sink = CONTAINER_OF(task, struct sqlite_sink, chore);
    bool more = !sink->failed && (sink->more_to_fill || sink->more_to_prune);
    tell_failure(sink, task);
    sink->working = false;
    if (more || sink->keep_ms || sink->more_to_fill)
        timer_start(sink->context->loop, &sink->timer, more ? 0 : wait_ms(sink));
    go_on(sink);
}

static void drop_verdicts(struct pieces *pieces) {
    for (size_t i = 0; i < pieces->count; i++)
        memory_free(pieces->items[i].verdicts);
    pieces->count = 0;
}

/* Posts keep their order: an edit is not to come before what it edits. */
static void give_back(struct pieces *pieces) {
    for (size_t i = 0; i < pieces->count; i++)
        handover_again(pieces->items[i].handover);
    drop_verdicts(pieces);
}

static void answer_all(struct pieces *pieces) {
    for (size_t i = 0; i < pieces->count; i++)
        handover_answer(pieces->items[i].handover, pieces->items[i].verdicts);
    drop_verdicts(pieces);
}

static void held_free(struct held *held) {
    LINK_OUT(held);
    timer_stop(&held->late);
    memory_free(held);
}

static void held_end(struct held *held) {
    struct pieces pieces = held->pieces;
    held_free(held);
    answer_all(&pieces);
}

static void held_told(struct forget_wait *wait) { held_end(CONTAINER_OF(wait, struct held, wait)); }

static bool is_on_disk(const struct sink_context *context) { return context->log.length > 0; }

static void held_late(struct timer *timer) {
    struct held *held = CONTAINER_OF(timer, struct held, late);
    const struct sink_context *context = held->sink->context;
    if (is_on_disk(context) && !delivery_is_last(context->delivery)) {
        timer_start(context->loop, timer, HELD_MS);
        return;
    }
    delivery_forget_unwanted(context->delivery, &held->wait);
    held_end(held);
}

/* Tells the log what was found, and holds the answers back. A log in memory is rid of it only when
 * this sink is, too: it is not waited for. */
static void tell_found(struct sqlite_sink *sink, struct pieces *done) {
    struct error err;
    bool told = true, on_disk = is_on_disk(sink->context);
    struct held *held = memory_zeroed(1, sizeof *held);
    *held = (struct held){ sink, *done, { held_told }, .late.fire = held_late };
    LINK_IN(held, &sink->held);
    timer_start(sink->context->loop, &held->late, on_disk ? HELD_MS : 0);
    for (enum forget_what what = 0; what < FORGET_WHATS && told; what++) {
        const struct store_found *found = &sink->finds.found[what];
        bool last = what == FORGET_POST || sink->finds.found[FORGET_POST].count == 0;
        struct forget_wait *wait = on_disk && last ? &held->wait : NULL;
        if (found->count)
            told = delivery_forget(sink->context->delivery, what, found->posts, found->count, wait,
                                   &err);
    }
    if (told) return;
    held_free(held);
    give_back(done);
}

static void write_done(struct task *task) {
    struct sqlite_sink *sink = CONTAINER_OF(task, struct sqlite_sink, write);
    struct pieces done = sink->writing;
    tell_failure(sink, task);
    sink->writing.count = 0;
    if (sink->failed) {
        give_back(&done);
        give_back(&sink->waiting);
    }
    if (!sink->failed && store_finds_any(&sink->finds))
        tell_found(sink, &done);
    else
        answer_all(&done);
    sink->working = false; /* what came meanwhile, and as these were answered, goes together */
    go_on(sink);
}

static void sqlite_deliver(void *self, const struct record *records, size_t count,
                           struct handover *handover) {
    struct sqlite_sink *sink = self;
    sink->waiting.items[sink->waiting.count++] =
        (struct piece){ handover, records, count, memory_zeroed(count, sizeof(struct verdict)) };
    go_on(sink);
}

static void sqlite_destroy(void *self) {
    struct sqlite_sink *sink = self;
    timer_stop(&sink->timer);
    if (sink->crew) crew_destroy(sink->crew);
    store_writer_destroy(sink->writer);
    while (sink->held) {
        delivery_forget_unwanted(sink->context->delivery, &sink->held->wait);
        drop_verdicts(&sink->held->pieces);
        held_free(sink->held);
    }
    store_finds_free(&sink->finds);
    arena_free(&sink->reasons);
    drop_verdicts(&sink->writing);
    drop_verdicts(&sink->waiting);
    memory_free(sink);
}

static bool find_path(const char *path, const struct sink_context *context, char found[4200],
                      struct error *err) {
    if (path == NULL && context->state == NULL)
        return error_set(err, ERROR_FAILED, "%s: there is no state folder: give it a path",
                         context->name);
    snprintf(found, 4200, path ? "%.4096s%s" : "%.4096s/%s", path ? path : context->state,
             path ? "" : STORE_FILE);
    return true;
}

static void *sqlite_create(const void *settings, const struct sink_context *context,
                           struct error *err) {
    const struct settings *given = settings;
    char path[4200];
    if (!find_path(given->path, context, path, err)) return NULL;
    struct sqlite_sink *sink = memory_zeroed(1, sizeof *sink);
    sink->context = context;
    sink->keep_ms = given->keep_ms;
    sink->write = (struct task){ write_run, write_done };
    sink->chore = (struct task){ chore_run, chore_done };
    sink->timer.fire = chore_is_due;
    sink->more_to_fill = true; /* as far as is known */
    arena_init(&sink->reasons);
    store_finds_init(&sink->finds);
    sink->writer = store_writer_create(path);
    if (store_writer_open(sink->writer, err)) {
        sink->crew = crew_create(context->loop, context->threads, 1);
        crew_name(sink->crew, "store");
        timer_start(context->loop, &sink->timer, 0);
        delivery_room(context->delivery, ROOM);
        return sink;
    }
    sqlite_destroy(sink);
    return NULL;
}

static const char *const needed[] = { "id", "network", "text", "label", "received", NULL };

const struct sink_ops sqlite_sink = {
    .kind = { .name = "sqlite",
              .argument = "path",
              .help = "the embedded store, which `linnet export` reads",
              .also = "database|store",
              .options = { options, LENGTH(options), sizeof(struct settings) },
              .members = needed,
              .finds_posts = true },
    .create = sqlite_create,
    .deliver = sqlite_deliver,
    .destroy = sqlite_destroy,
};
