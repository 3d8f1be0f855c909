/* flow/tap.h */
#include "flow/tap.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "post/notice.h"
#include <stdio.h>

struct tap {
    struct local_client *client; /* NULL: this place is free */
    struct query_set *query;     /* NULL: everything */
    struct query_scratch *scratch;
    uint64_t lost;
};

struct taps {
    struct pipeline *pipeline;
    struct tap taps[MAX_TAPS];
    size_t count;
    struct arena arena; /* of a batch */
};

static struct tap *tap_of(struct taps *taps, const struct local_client *client) {
    for (size_t i = 0; i < MAX_TAPS; i++)
        if (taps->taps[i].client == client) return &taps->taps[i];
    return NULL;
}

/* ---- what is kept ---------------------------------------------------------------------------- */

static struct slice queries_of(const struct batch *batch, const struct message *message,
                               struct arena *arena) {
    const char *const *names = batch->snapshot->query_names;
    struct slice text = SLICE("");
    for (uint32_t i = 0; i < message->query_count; i++)
        text = arena_format(arena, "%.*s%s%s", SLICE_ARGS(text), i ? "," : "",
                            names[message->queries[i]]);
    return text;
}

static void write_document(struct writer *writer, const struct message *message) {
    const struct document *document = &message->documents[0];
    if (!message_is_post(message->kind))
        write_notice(writer, message->kind == MESSAGE_SCRUB ? RECORD_SCRUB : RECORD_DELETE,
                     document->key);
    else
        write_raw(writer, document->bytes);
}

static struct slice line_of(struct taps *taps, const struct batch *batch,
                            const struct message *message) {
    struct writer writer;
    writer_init(&writer, &taps->arena, message->documents[0].bytes.length + 256);
    write_object(&writer);
    write_time_member(&writer, "received", message->received_ms);
    write_text_member(&writer, "label", message->label);
    write_name(&writer, SLICE("score"));
    if (message->scored)
        write_double(&writer, message->score);
    else
        write_raw(&writer, SLICE("null"));
    write_text_member(&writer, "queries", queries_of(batch, message, &taps->arena));
    write_name(&writer, SLICE("document"));
    write_document(&writer, message);
    write_object_end(&writer);
    return writer_finish(&writer);
}

static void tell_lost(struct tap *tap) {
    char text[48];
    int length = snprintf(text, sizeof text, "{\"lost\":%llu}", (unsigned long long)tap->lost);
    if (tap->lost && local_send(tap->client, slice_from(text, (size_t)length))) tap->lost = 0;
}

/* The message's own matches stay as they are. */
static bool wants(struct tap *tap, const struct message *message, struct arena *arena) {
    if (tap->query == NULL) return true;
    if (!message_is_post(message->kind)) return false;
    struct message copy = *message;
    query_set_match(tap->query, tap->scratch, &copy, arena);
    return copy.query_count > 0;
}

static void show(struct taps *taps, const struct batch *batch, const struct message *message,
                 uint64_t end_ns) {
    struct slice line = SLICE("");
    bool late = clock_monotonic_ns() > end_ns;
    for (size_t i = 0; i < MAX_TAPS; i++) {
        struct tap *tap = &taps->taps[i];
        if (tap->client == NULL) continue;
        if ((late && tap->query) || local_is_behind(tap->client)) {
            tap->lost++;
            continue;
        }
        if (!wants(tap, message, &taps->arena)) continue;
        if (line.length == 0) line = line_of(taps, batch, message);
        tell_lost(tap);
        tap->lost += !local_send(tap->client, line);
    }
}

static void released(void *context, const struct batch *batch) {
    struct taps *taps = context;
    uint64_t end_ns = clock_monotonic_ns() + TAP_BUDGET_NS;
    for (uint32_t i = 0; i < batch->count; i++) {
        const struct message *message = &batch->messages[i];
        /* of what is said of an author, what follows of it is shown */
        if (message->outcome == OUTCOME_KEPT && message->documents &&
            !message_is_of_author(message->kind))
            show(taps, batch, message, end_ns);
        arena_reset(&taps->arena, ARENA_BLOCK_BYTES);
    }
}

/* ---- who looks on ---------------------------------------------------------------------------- */

struct taps *taps_create(struct pipeline *pipeline) {
    struct taps *taps = memory_zeroed(1, sizeof *taps);
    taps->pipeline = pipeline;
    arena_init(&taps->arena);
    return taps;
}

static void tap_free(struct tap *tap) {
    if (tap->query) {
        query_scratch_destroy(tap->scratch);
        query_set_destroy(tap->query);
    }
    *tap = (struct tap){ .client = NULL };
}

void taps_destroy(struct taps *taps) {
    pipeline_watch(taps->pipeline, NULL, NULL);
    for (size_t i = 0; i < MAX_TAPS; i++) {
        if (taps->taps[i].client) tell_lost(&taps->taps[i]);
        tap_free(&taps->taps[i]);
    }
    arena_free(&taps->arena);
    memory_free(taps);
}

bool taps_add(struct taps *taps, struct local_client *client, struct slice query,
              struct error *err) {
    size_t bad, offset;
    struct query_source source = { .name = "tap", .text = query };
    struct tap *tap = tap_of(taps, NULL);
    if (tap == NULL) return error_set(err, ERROR_FAILED, "%d others look on already", MAX_TAPS);
    if (query.length) {
        tap->query = query_set_create(&source, 1, &bad, &offset, err);
        if (tap->query == NULL) return false;
        tap->scratch = query_scratch_create(tap->query);
    }
    tap->client = client;
    taps->count++;
    pipeline_watch(taps->pipeline, released, taps);
    return local_send(client, SLICE("{\"tap\":true}"));
}

void taps_remove(struct taps *taps, const struct local_client *client) {
    struct tap *tap = tap_of(taps, client);
    if (tap == NULL) return;
    tap_free(tap);
    if (--taps->count == 0) pipeline_watch(taps->pipeline, NULL, NULL);
}

void taps_drained(struct taps *taps, struct local_client *client) {
    struct tap *tap = tap_of(taps, client);
    if (tap) tell_lost(tap);
}
