/* flow/forget.h in a pipeline that runs: its own source, a batch a request. */
#include "flow/forget.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "flow/pipeline_internal.h"
#include "post/notice.h"
#include "json/writer.h"

/* Batches of one request land before those of the next. */
struct request {
    struct arena arena;
    struct slice *records;
    size_t count, submitted, landed;
    struct forget_wait *wait; /* NULL: nobody waits any more */
    struct request *next;
};

struct forgetting {
    struct source_port *port;
    struct request *first, **end; /* in the order in which they were asked */
};

/* Networks whose ids are URIs are known by how these begin. */
static struct slice uri_network(struct slice key) {
    if (slice_starts(key, SLICE("at://"))) return SLICE("bluesky");
    bool web = slice_starts(key, SLICE("https://")) || slice_starts(key, SLICE("http://"));
    return web ? SLICE("mastodon") : SLICE("");
}

bool post_name_of(struct slice key, struct post_name *name) {
    struct slice network = uri_network(key);
    const char *colon = key.length ? memchr(key.data, ':', key.length) : NULL;
    size_t length = colon ? (size_t)(colon - key.data) : 0;
    *name = (struct post_name){ network, key };
    if (network.length) return true;
    *name = (struct post_name){ slice_first(key, length), slice_skip(key, length + 1) };
    return length > 0 && name->id.length > 0;
}

struct slice forget_record(enum forget_what what, const struct post_name *name,
                           struct arena *arena) {
    struct writer writer;
    writer_init(&writer, arena, 256);
    write_object(&writer);
    write_text_member(&writer, "_id", message_key(name->network, name->id, arena));
    write_text_member(&writer, "network", name->network);
    write_text_member(&writer, "id", name->id);
    write_flag_member(&writer, notice_name(what == FORGET_PLACE ? RECORD_SCRUB : RECORD_DELETE),
                      true);
    write_object_end(&writer);
    return json_padded(arena, writer_finish(&writer));
}

static void request_free(struct request *request) {
    arena_free(&request->arena);
    memory_free(request);
}

/* ---- the source ---- */

/* False: not before the source is resumed. */
static bool submit_some(struct forgetting *forgetting, struct request *request) {
    struct batch *batch = source_batch(forgetting->port);
    if (batch == NULL) return false;
    batch->forget = true;
    batch->place = (struct record_place){ .source = SLICE(FORGET_SOURCE) };
    size_t end = MIN(request->count, request->submitted + BATCH_MESSAGES);
    for (; request->submitted < end; request->submitted++) {
        struct slice record = request->records[request->submitted];
        (void)batch_add(batch, json_padded(&batch->arena, record), request->submitted);
    }
    source_submit(forgetting->port, batch);
    return true;
}

static void submit(struct forgetting *forgetting) {
    for (struct request *request = forgetting->first; request; request = request->next)
        while (request->submitted < request->count)
            if (!submit_some(forgetting, request)) return;
}

static void *create(const void *settings, struct source_port *port, struct error *err) {
    struct forgetting *forgetting = memory_zeroed(1, sizeof *forgetting);
    (void)settings;
    (void)err;
    forgetting->port = port;
    forgetting->end = &forgetting->first;
    return forgetting;
}

static void start(void *source, struct slice position) {
    (void)source;
    (void)position;
}

static void resume(void *source) { submit(source); }

static void stop(void *source) { (void)source; }

static void landed(void *source) {
    struct forgetting *forgetting = source;
    struct request *request = forgetting->first;
    request->landed = MIN(request->count, request->landed + BATCH_MESSAGES);
    if (request->landed < request->count) return;
    forgetting->first = request->next;
    if (forgetting->first == NULL) forgetting->end = &forgetting->first;
    if (request->wait) request->wait->answer(request->wait);
    request_free(request);
}

static void destroy(void *source) {
    struct forgetting *forgetting = source;
    while (forgetting->first) {
        struct request *request = forgetting->first;
        forgetting->first = request->next;
        request_free(request);
    }
    memory_free(forgetting);
}

static const struct source_ops forget_source = { .kind = { .name = FORGET_SOURCE },
                                                 .create = create,
                                                 .start = start,
                                                 .resume = resume,
                                                 .stop = stop,
                                                 .landed = landed,
                                                 .destroy = destroy };

/* Finished from the beginning: nothing waits for it but what it has out. */
static bool open_source(struct pipeline *pipeline, struct error *err) {
    static const char settings[1];
    static const struct part_config part = { .name = FORGET_SOURCE,
                                             .kind = &forget_source.kind,
                                             .settings = settings };
    if (pipeline->forgetting) return true;
    struct source_port *port = port_create_of(pipeline, &forget_source, &part, err);
    if (port == NULL) return false;
    port->begun = port->finished = port->own = true;
    ports_append(&pipeline->ports, port);
    pipeline->forgetting = port->source;
    return true;
}

/* ---- asking ---- */

static size_t count_known(const struct releaser *releaser, const struct post_name *posts,
                          size_t count, struct arena *arena) {
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        struct slice key = message_key(posts[i].network, posts[i].id, arena);
        known += releaser_knows(releaser, hash_bytes(key));
    }
    return known;
}

static struct request *request_create(enum forget_what what, const struct post_name *posts,
                                      size_t count, struct forget_wait *wait) {
    struct request *request = memory_zeroed(1, sizeof *request);
    arena_init(&request->arena);
    request->records = arena_alloc(&request->arena, count * sizeof *request->records);
    for (; request->count < count; request->count++)
        request->records[request->count] =
            forget_record(what, &posts[request->count], &request->arena);
    request->wait = wait;
    return request;
}

static void ask(struct forgetting *forgetting, struct request *request) {
    *forgetting->end = request;
    forgetting->end = &request->next;
    submit(forgetting);
}

static bool can_ask(struct pipeline *pipeline, struct error *err) {
    if (pipeline->stopping || pipeline->ended)
        return error_set(err, ERROR_FAILED, "linnet is stopping");
    return open_source(pipeline, err);
}

bool pipeline_forget_posts(struct pipeline *pipeline, const struct post_name *posts, size_t count,
                           struct forget_wait *wait, size_t *known, struct error *err) {
    if (count == 0 || count > BATCH_MESSAGES)
        return error_set(err, ERROR_FAILED, "1 to %d posts at a time", BATCH_MESSAGES);
    if (!can_ask(pipeline, err)) return false;
    struct request *request = request_create(FORGET_POST, posts, count, wait);
    *known = count_known(pipeline->releaser, posts, count, &request->arena);
    ask(pipeline->forgetting, request);
    log_urge(pipeline->log);
    return true;
}

bool pipeline_forget_found(struct pipeline *pipeline, enum forget_what what,
                           const struct post_name *posts, size_t count, struct forget_wait *wait,
                           struct error *err) {
    if (!can_ask(pipeline, err)) return false;
    ask(pipeline->forgetting, request_create(what, posts, count, wait));
    log_urge(pipeline->log);
    return true;
}

void pipeline_forget_unwanted(struct pipeline *pipeline, struct forget_wait *wait) {
    struct request *request = pipeline->forgetting ? pipeline->forgetting->first : NULL;
    for (; request; request = request->next)
        if (request->wait == wait) request->wait = NULL;
}
