/* flow/release.h */
#include "flow/release.h"
#include "base/alloc.h"
#include "config/snapshot.h"
#include "flow/known_ids.h"
#include <stdio.h>

struct releaser {
    struct id_window *kept;
    struct id_window *unknown_deletes; /* of posts that may still come */
    struct id_window *kept_deletes;    /* apart, so that they push none of those out */
    uint64_t sequence;
};

struct releaser *releaser_create(void) {
    struct releaser *releaser = memory_zeroed(1, sizeof *releaser);
    releaser->kept = id_window_create(KNOWN_IDS);
    releaser->unknown_deletes = id_window_create(KNOWN_DELETES);
    releaser->kept_deletes = id_window_create(KNOWN_DELETES);
    return releaser;
}

void releaser_destroy(struct releaser *releaser) {
    id_window_destroy(releaser->kept);
    id_window_destroy(releaser->unknown_deletes);
    id_window_destroy(releaser->kept_deletes);
    memory_free(releaser);
}

static void settle_post(struct releaser *releaser, struct message *message) {
    if (message->outcome != OUTCOME_KEPT) return;
    if (id_window_has(releaser->kept, message->key_hash))
        message->outcome = OUTCOME_DUPLICATE;
    else if (id_window_has(releaser->unknown_deletes, message->key_hash))
        message->outcome = OUTCOME_FILTERED; /* it came after its own delete */
    else
        id_window_add(releaser->kept, message->key_hash);
}

/* A delete is kept for a post that was kept, and remembered for one that may still come. */
static void settle_delete(struct releaser *releaser, struct message *message) {
    bool known = id_window_has(releaser->kept, message->key_hash);
    struct id_window *deletes = known ? releaser->kept_deletes : releaser->unknown_deletes;
    if (id_window_has(deletes, message->key_hash)) {
        message->outcome = OUTCOME_DUPLICATE;
        return;
    }
    id_window_add(deletes, message->key_hash);
    message->outcome = known ? OUTCOME_KEPT : OUTCOME_FILTERED;
}

static void complain(struct source_sums *sums, const struct message *message) {
    if (sums->malformed >= KEPT_COMPLAINTS) return;
    struct complaint *complaint = &sums->complaints[sums->malformed];
    complaint->offset = message->offset;
    snprintf(complaint->reason, sizeof complaint->reason, "%.*s", SLICE_ARGS(message->reason));
    struct slice start = slice_first(message->raw, sizeof complaint->record - 1);
    for (size_t i = 0; i < start.length; i++)
        complaint->record[i] = start.data[i] >= 0x20 && start.data[i] < 0x7f ? start.data[i] : '?';
    complaint->record[start.length] = '\0';
}

static void settle(struct releaser *releaser, struct message *message, struct source_sums *sums) {
    sums->received++;
    sums->bytes += message->raw.length;
    switch (message->kind) {
    case MESSAGE_CONTROL: sums->control++; return;
    case MESSAGE_MALFORMED:
        complain(sums, message);
        sums->malformed++;
        return;
    case MESSAGE_DELETE: settle_delete(releaser, message); break;
    case MESSAGE_POST:
    case MESSAGE_EDIT: settle_post(releaser, message); break;
    }
    sums->duplicate += message->outcome == OUTCOME_DUPLICATE;
    sums->filtered += message->outcome == OUTCOME_FILTERED;
    sums->spooled += message->outcome == OUTCOME_KEPT;
}

static struct slice *query_names(struct batch *batch, const struct message *message) {
    struct slice *names = arena_alloc(&batch->arena, message->query_count * sizeof *names);
    for (uint32_t i = 0; i < message->query_count; i++)
        names[i] = slice_of(batch->snapshot->query_names[message->queries[i]]);
    return names;
}

/* Which sink gets which document: the same for the whole batch. */
static struct route *make_routes(struct batch *batch) {
    const struct snapshot *snapshot = batch->snapshot;
    struct route *routes = arena_alloc(&batch->arena, snapshot->sink_count * sizeof *routes);
    for (size_t i = 0; i < snapshot->sink_count; i++)
        routes[i] = (struct route){ slice_of(snapshot->sinks[i].name), snapshot->sinks[i].schema };
    return routes;
}

static struct record make_record(struct batch *batch, const struct message *message,
                                 const char *source, const struct route *routes) {
    return (struct record){
        .source = slice_of(source),
        .position = batch->position,
        .received_ms = message->received_ms,
        .generation = batch->snapshot->generation,
        .kind = message->kind == MESSAGE_DELETE ? RECORD_DELETE
                : message->kind == MESSAGE_EDIT ? RECORD_EDIT
                                                : RECORD_POST,
        .key = message->key,
        .queries = query_names(batch, message),
        .query_count = message->query_count,
        .label = message->label,
        .scored = message->scored,
        .score = message->score,
        .raw = message->raw,
        .documents = message->documents,
        .document_count = (uint32_t)batch->snapshot->schema_count,
        .routes = routes,
        .route_count = (uint32_t)batch->snapshot->sink_count,
    };
}

uint32_t batch_release(struct releaser *releaser, struct batch *batch, struct source_sums *sums,
                       struct record **records) {
    const struct route *routes = make_routes(batch);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        settle(releaser, &batch->messages[i], sums);
        kept += batch->messages[i].outcome == OUTCOME_KEPT;
    }
    *records = arena_alloc(&batch->arena, kept * sizeof **records);
    uint32_t made = 0;
    for (uint32_t i = 0; i < batch->count && made < kept; i++) {
        if (batch->messages[i].outcome != OUTCOME_KEPT) continue;
        struct record *record = &(*records)[made++];
        *record = make_record(batch, &batch->messages[i], sums->name, routes);
        record->sequence = ++releaser->sequence;
    }
    return kept;
}
