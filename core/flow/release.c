/* flow/release.h */
#include "flow/release.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "config/snapshot.h"
#include "flow/known_ids.h"
#include <stdio.h>

/* Deletes of kept posts are apart from the unknown ones, so that they push none of those out; and
 * so on. */
enum window { KEPT, UNKNOWN_DELETES, KEPT_DELETES, UNMATCHED_EDITS, SEEN_EDITS, WINDOWS };

struct releaser {
    struct id_window *windows[WINDOWS];
    uint64_t sequence;
};

struct releaser *releaser_create(void) {
    struct releaser *releaser = memory_zeroed(1, sizeof *releaser);
    for (int i = 0; i < WINDOWS; i++)
        releaser->windows[i] = id_window_create(i == KEPT ? KNOWN_IDS : KNOWN_DELETES);
    return releaser;
}

void releaser_destroy(struct releaser *releaser) {
    for (int i = 0; i < WINDOWS; i++)
        id_window_destroy(releaser->windows[i]);
    memory_free(releaser);
}

static bool knows(const struct releaser *releaser, enum window window, uint64_t hash) {
    return id_window_has(releaser->windows[window], hash);
}

/* False when it was there already. */
static bool remember(struct releaser *releaser, enum window window, uint64_t hash) {
    if (knows(releaser, window, hash)) return false;
    id_window_add(releaser->windows[window], hash);
    return true;
}

static void settle_post(struct releaser *releaser, struct message *message) {
    uint64_t hash = message->key_hash;
    if (message->outcome != OUTCOME_KEPT) return;
    if (knows(releaser, KEPT, hash))
        message->outcome = OUTCOME_DUPLICATE;
    else if (knows(releaser, UNKNOWN_DELETES, hash) || knows(releaser, UNMATCHED_EDITS, hash))
        message->outcome = OUTCOME_FILTERED; /* it came after its own delete or edit */
    else
        (void)remember(releaser, KEPT, hash);
}

/* A delete is kept for a post that was kept, and remembered for one that may still come. */
static void settle_delete(struct releaser *releaser, struct message *message) {
    bool known = knows(releaser, KEPT, message->key_hash);
    enum window window = known ? KEPT_DELETES : UNKNOWN_DELETES;
    if (!remember(releaser, window, message->key_hash))
        message->outcome = OUTCOME_DUPLICATE;
    else
        message->outcome = known ? OUTCOME_KEPT : OUTCOME_FILTERED;
}

static void settle_edit(struct releaser *releaser, struct message *message) {
    uint64_t hash = message->key_hash;
    uint64_t edit = hash_fold(hash ^ hash_bytes(message->raw), HASH_STEP);
    bool matches = message->outcome == OUTCOME_KEPT;
    message->outcome = OUTCOME_FILTERED;
    if (knows(releaser, KEPT_DELETES, hash) || knows(releaser, UNKNOWN_DELETES, hash)) return;
    if (!remember(releaser, SEEN_EDITS, edit)) {
        message->outcome = OUTCOME_DUPLICATE;
        return;
    }
    if (!matches && !knows(releaser, KEPT, hash)) {
        (void)remember(releaser, UNMATCHED_EDITS, hash);
        return;
    }
    (void)remember(releaser, KEPT, hash);
    message->outcome = OUTCOME_KEPT;
    if (!matches) message->kind = MESSAGE_DELETE;
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
    case MESSAGE_EDIT: settle_edit(releaser, message); break;
    case MESSAGE_POST: settle_post(releaser, message); break;
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
