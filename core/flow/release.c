/* flow/release.h */
#include "flow/release.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "base/log.h"
#include "config/snapshot.h"
#include "flow/known_ids.h"
#include "flow/known_names.h"
#include <stdio.h>

/* Deletes of kept posts are apart from the unknown ones, so that they push none of those out; and
 * so on. */
enum window { KEPT, UNKNOWN_DELETES, KEPT_DELETES, UNMATCHED_EDITS, SEEN_EDITS, WINDOWS };

struct releaser {
    struct id_window *windows[WINDOWS];
    struct name_window *names; /* of kept posts */
    uint64_t sequence;
    bool told; /* that nobody knows whose posts are whose */
};

struct releaser *releaser_create(void) {
    struct releaser *releaser = memory_zeroed(1, sizeof *releaser);
    for (int i = 0; i < WINDOWS; i++)
        releaser->windows[i] = id_window_create(i == KEPT ? KNOWN_IDS : KNOWN_DELETES);
    releaser->names = name_window_create();
    return releaser;
}

void releaser_destroy(struct releaser *releaser) {
    for (int i = 0; i < WINDOWS; i++)
        id_window_destroy(releaser->windows[i]);
    name_window_destroy(releaser->names);
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

/* Deletes of some networks call the post by another name than its key. That the delete was kept,
 * but its post is not known, is so of one that the user wanted, or of one from long ago. */
static bool is_deleted(const struct releaser *releaser, const struct message *message) {
    struct slice name = message->notice_id;
    return knows(releaser, UNKNOWN_DELETES, message->key_hash) ||
           knows(releaser, KEPT_DELETES, message->key_hash) ||
           (name.length && knows(releaser, UNKNOWN_DELETES, hash_bytes(name)));
}

static void keep(struct releaser *releaser, struct message *message) {
    struct slice name = message->notice_id;
    message->outcome = OUTCOME_KEPT;
    if (remember(releaser, KEPT, message->key_hash) && name.length)
        name_window_add(releaser->names, hash_bytes(name), message->key);
}

void releaser_start(struct releaser *releaser, uint64_t next_sequence) {
    releaser->sequence = next_sequence - 1;
}

void releaser_know(struct releaser *releaser, const struct known_id *id) {
    static const enum window windows[SPOOL_ID_KINDS] = { [SPOOL_KEPT] = KEPT,
                                                         [SPOOL_UNKNOWN_DELETE] = UNKNOWN_DELETES,
                                                         [SPOOL_KEPT_DELETE] = KEPT_DELETES };
    if (id->kind == SPOOL_NAME)
        name_window_add(releaser->names, id->hash, id->key);
    else
        (void)remember(releaser, windows[id->kind], id->hash);
}

static void settle_post(struct releaser *releaser, struct message *message) {
    uint64_t hash = message->key_hash;
    if (message->outcome != OUTCOME_KEPT) return;
    if (knows(releaser, KEPT, hash))
        message->outcome = OUTCOME_DUPLICATE;
    else if (is_deleted(releaser, message) || knows(releaser, UNMATCHED_EDITS, hash))
        message->outcome = OUTCOME_FILTERED; /* it came after its own delete or edit */
    else
        keep(releaser, message);
}

/* The key of the post that a delete calls by another name, where it is known. */
static void find_key(const struct releaser *releaser, struct batch *batch,
                     struct message *message) {
    if (message->notice_id.length == 0) return;
    struct slice key = name_window_find(releaser->names, hash_bytes(message->notice_id));
    if (key.length == 0) return;
    message->key = arena_copy(&batch->arena, key);
    message->key_hash = hash_bytes(key);
    for (size_t i = 0; i < batch->snapshot->schema_count; i++)
        if (message->documents[i].key.length == 0) message->documents[i].key = message->key;
}

/* A delete is kept for a post that was kept, and remembered for one that may still come. One that
 * the user wants is kept: sinks may have what is too old to be known here. */
static void settle_delete(struct releaser *releaser, struct message *message, bool wanted) {
    bool known = wanted || knows(releaser, KEPT, message->key_hash);
    enum window window = known ? KEPT_DELETES : UNKNOWN_DELETES;
    if (!remember(releaser, window, message->key_hash) && !wanted)
        message->outcome = OUTCOME_DUPLICATE;
    else
        message->outcome = known ? OUTCOME_KEPT : OUTCOME_FILTERED;
}

static void settle_edit(struct releaser *releaser, struct message *message) {
    uint64_t hash = message->key_hash;
    uint64_t edit = hash_fold(hash ^ hash_bytes(message->raw), HASH_STEP);
    bool matches = message->outcome == OUTCOME_KEPT;
    message->outcome = OUTCOME_FILTERED;
    if (knows(releaser, KEPT_DELETES, hash) || is_deleted(releaser, message)) return;
    if (!remember(releaser, SEEN_EDITS, edit)) {
        message->outcome = OUTCOME_DUPLICATE;
        return;
    }
    if (!matches && !knows(releaser, KEPT, hash)) {
        (void)remember(releaser, UNMATCHED_EDITS, hash);
        return;
    }
    keep(releaser, message);
    if (!matches) message->kind = MESSAGE_DELETE;
}

/* A scrub asks for no more than the sinks have done already, however often it comes. */
static void settle_scrub(const struct releaser *releaser, struct message *message, bool wanted) {
    bool known = wanted || knows(releaser, KEPT, message->key_hash);
    message->outcome = known ? OUTCOME_KEPT : OUTCOME_FILTERED;
}

/* What is said of an author is for a sink that knows whose posts are whose: what it finds comes
 * back as notices of single posts, for all sinks. Where there is none it is a control message. */
static void settle_author(struct releaser *releaser, const struct batch *batch,
                          struct message *message) {
    const struct snapshot *snapshot = batch->snapshot;
    for (size_t i = 0; i < snapshot->sink_count; i++)
        if (snapshot->sinks[i].kind->finds_posts) message->outcome = OUTCOME_KEPT;
    if (message->outcome == OUTCOME_KEPT) return;
    if (!releaser->told)
        log_warning("forget",
                    "all posts of a user are to %s, and only a sink linnet.sqlite knows which they "
                    "are: nothing is changed",
                    message->kind == MESSAGE_AUTHOR_SCRUB ? "lose their place" : "go");
    releaser->told = true;
    message->kind = MESSAGE_CONTROL;
}

bool releaser_knows(const struct releaser *releaser, uint64_t key_hash) {
    return knows(releaser, KEPT, key_hash);
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

static void settle(struct releaser *releaser, struct batch *batch, struct message *message,
                   struct source_sums *sums) {
    sums->received++;
    sums->bytes += message->raw.length;
    if (message_is_of_author(message->kind)) settle_author(releaser, batch, message);
    switch (message->kind) {
    case MESSAGE_CONTROL: sums->control++; return;
    case MESSAGE_MALFORMED:
        complain(sums, message);
        sums->malformed++;
        return;
    case MESSAGE_DELETE:
        find_key(releaser, batch, message);
        settle_delete(releaser, message, batch->forget);
        break;
    case MESSAGE_SCRUB: settle_scrub(releaser, message, batch->forget); break;
    case MESSAGE_AUTHOR_DELETE:
    case MESSAGE_AUTHOR_SCRUB: break;
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

/* A delete that is kept has found its post. */
static uint64_t name_of(const struct message *message) {
    if (message_is_of_author(message->kind)) return message->up_to;
    bool named = message_is_post(message->kind) && message->notice_id.length > 0;
    return named ? hash_bytes(message->notice_id) : 0;
}

static enum record_kind kind_of(const struct message *message) {
    switch (message->kind) {
    case MESSAGE_EDIT: return RECORD_EDIT;
    case MESSAGE_DELETE: return RECORD_DELETE;
    case MESSAGE_SCRUB: return RECORD_SCRUB;
    case MESSAGE_AUTHOR_DELETE: return RECORD_AUTHOR_DELETE;
    case MESSAGE_AUTHOR_SCRUB: return RECORD_AUTHOR_SCRUB;
    default: return RECORD_POST;
    }
}

static struct record make_record(struct batch *batch, const struct message *message,
                                 const char *source, const struct route *routes) {
    return (struct record){
        .source = slice_of(source),
        .position = batch->position,
        .received_ms = message->received_ms,
        .generation = batch->snapshot->generation,
        .kind = kind_of(message),
        .key = message->key,
        .name = name_of(message),
        .traits = message->traits,
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
        settle(releaser, batch, &batch->messages[i], sums);
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
