/* index/sink.h: bulk requests, from the picks of a shipment to the wire. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/links.h"
#include "index/pack.h"
#include "index/sink.h"
#include "json/number.h"

/* A record is bounded where it is read; one that is longer than a request should be goes alone. */
#define MOST_BODY_BYTES ((size_t)512 * 1024 * 1024)
/* Of a reply: much more than a server says of a document, even when it refuses it. */
#define REPLY_BYTES_A_DOCUMENT ((size_t)8 * 1024)
#define REPLY_BYTES ((size_t)64 * 1024)
#define BULK_TYPE "application/x-ndjson"
#define IDLE_BYTES ((size_t)2 * 1024 * 1024) /* of a request's memory that is kept */

/* ---- lists ---------------------------------------------------------------------------------- */

static void wait_at_end(struct index_sink *sink, struct bulk *bulk) {
    bulk->next = NULL;
    bulk->link = sink->waiting_end;
    *sink->waiting_end = bulk;
    sink->waiting_end = &bulk->next;
}

static void wait_at_front(struct index_sink *sink, struct bulk *bulk) {
    LINK_IN(bulk, &sink->waiting);
    if (bulk->next == NULL) sink->waiting_end = &bulk->next;
}

static enum index_verb verb_of(const struct record *record) {
    if (record->kind == RECORD_SCRUB) return INDEX_CHANGE;
    return record->kind == RECORD_DELETE ? INDEX_REMOVE : INDEX_PUT;
}

/* Whether it is about a document in whichever index has it. */
static bool is_by_query(const struct shipment *shipment, uint32_t pick) {
    return shipment->sink->times && record_is_notice(shipment->records[pick].kind);
}

static struct bulk *bulk_create(struct shipment *shipment, const uint32_t *picks, size_t count) {
    struct index_sink *sink = shipment->sink;
    struct bulk *bulk = sink->idle;
    if (bulk) {
        LINK_OUT(bulk);
        sink->idle_count--;
    } else {
        bulk = memory_zeroed(1, sizeof *bulk);
        arena_init(&bulk->arena);
        buffer_init(&bulk->body, MOST_BODY_BYTES);
        buffer_init(&bulk->packed, MOST_BODY_BYTES);
    }
    bulk->shipment = shipment;
    bulk->picks = picks;
    bulk->count = count;
    bulk->by_query = is_by_query(shipment, picks[0]);
    shipment->bulks++;
    return bulk;
}

static void bulk_free(struct bulk *bulk) {
    buffer_free(&bulk->body);
    buffer_free(&bulk->packed);
    arena_free(&bulk->arena);
    memory_free(bulk);
}

/* Keeps the memory of as many as may be under way. */
static void make_idle(struct bulk *bulk) {
    struct index_sink *sink = bulk->shipment->sink;
    bool large = bulk->body.capacity + bulk->packed.capacity > IDLE_BYTES;
    if (sink->idle_count >= sink->pace.most || large) {
        bulk_free(bulk);
        return;
    }
    arena_reset(&bulk->arena, ARENA_BLOCK_BYTES);
    bulk->body.length = bulk->packed.length = 0;
    LINK_IN(bulk, &sink->idle);
    sink->idle_count++;
}

static void free_list(struct bulk *list) {
    for (struct bulk *bulk = list, *next; bulk; bulk = next) {
        next = bulk->next;
        bulk_free(bulk);
    }
}

void index_bulks_free(struct index_sink *sink) {
    free_list(sink->waiting);
    free_list(sink->under_way);
    free_list(sink->idle);
}

/* ---- picks ---------------------------------------------------------------------------------- */

static const struct document *document_of(const struct shipment *shipment, uint32_t pick) {
    return sink_document(shipment->sink->context, &shipment->records[pick]);
}

/* How many documents a request may have that holds this one: one that was in requests that failed
 * without a word on it gets fewer and fewer beside it, until it shows whether it is at fault. */
static size_t company_of(struct shipment *shipment, uint32_t pick) {
    const struct record *record = &shipment->records[pick];
    struct slice id = document_of(shipment, pick)->key;
    const struct index_claim *claim =
        index_order_find(&shipment->sink->order, id, record->sequence);
    unsigned tries = claim ? claim->tries : 0;
    if (tries < 3) return INDEX_BULK_DOCUMENTS;
    return MAX((size_t)INDEX_BULK_DOCUMENTS >> MIN(2 * (tries - 2), 16u), (size_t)1);
}

/* Whether one request can be about both. */
static bool fit_together(const struct shipment *shipment, uint32_t one, uint32_t other) {
    const struct record *records = shipment->records;
    if (!is_by_query(shipment, one) && !is_by_query(shipment, other)) return true;
    return is_by_query(shipment, one) && records[one].kind == records[other].kind &&
           slice_equal(document_of(shipment, one)->bytes, document_of(shipment, other)->bytes);
}

/* The picks from `first` that go into one request. */
static size_t count_picks(struct shipment *shipment, size_t first) {
    size_t bytes = 0, most = INDEX_BULK_DOCUMENTS, count = 0;
    while (first + count < shipment->picked) {
        uint32_t pick = shipment->picks[first + count];
        if (!fit_together(shipment, shipment->picks[first], pick)) break;
        const struct document *document = document_of(shipment, pick);
        most = MIN(most, company_of(shipment, pick));
        bytes += document->key.length + document->bytes.length + 128;
        if (count > 0 && (count >= most || bytes > INDEX_BULK_BYTES)) break;
        count++;
    }
    return count;
}

void index_bulks_add(struct shipment *shipment) {
    for (size_t first = 0; first < shipment->picked;) {
        size_t count = count_picks(shipment, first);
        wait_at_end(shipment->sink, bulk_create(shipment, shipment->picks + first, count));
        first += count;
    }
}

/* ---- the body ------------------------------------------------------------------------------- */

/* When a post was made; when it came, where its document does not say. */
static int64_t time_of(struct index_sink *sink, const struct record *record, struct slice document,
                       struct arena *arena) {
    struct slice reason;
    int64_t ms;
    const struct json_slot *slots =
        projector_run(sink->times, json_padded(arena, document), arena, &reason);
    if (slots && slots[sink->time_slot].count > 0) {
        const struct json_value *value = &slots[sink->time_slot].first;
        if (value->type == JSON_STRING && date_read_iso(value->text, &ms)) return ms;
        if (value->type == JSON_NUMBER && date_read_epoch_ms(value->text, &ms)) return ms;
    }
    return record->received_ms;
}

static struct slice index_of(struct index_sink *sink, const struct record *record,
                             struct slice document, struct arena *arena) {
    char name[INDEX_NAME_BYTES];
    if (sink->times == NULL || record_is_notice(record->kind)) return SLICE("");
    int64_t ms = time_of(sink, record, document, arena);
    return arena_copy(arena, index_place_name(&sink->place, ms, name));
}

static void write_body(struct bulk *bulk) {
    struct shipment *shipment = bulk->shipment;
    struct index_sink *sink = shipment->sink;
    arena_reset(&bulk->arena, ARENA_BLOCK_BYTES);
    bulk->actions = arena_alloc(&bulk->arena, bulk->count * sizeof *bulk->actions);
    bulk->body.length = 0;
    for (size_t i = 0; i < bulk->count; i++) {
        const struct record *record = &shipment->records[bulk->picks[i]];
        const struct document *document = document_of(shipment, bulk->picks[i]);
        struct index_action *action = &bulk->actions[i];
        *action = (struct index_action){
            .verb = verb_of(record),
            .id = document->key,
            .index = index_of(sink, record, document->bytes, &bulk->arena),
            .document = document->bytes,
        };
        if (sink->versions && action->verb != INDEX_CHANGE) /* that takes no version, and makes the
                                                               next: no more than ours */
            action->version = sink->version_offset + (int64_t)record->sequence;
        /* Its ceiling is far above what a handover holds. */
        (void)!index_body_add(&bulk->body, action, &bulk->arena);
    }
}

/* Of one index, of which lines may name others: serverless collections have no path without any. */
static struct slice path_of(struct bulk *bulk) {
    const struct index_sink *sink = bulk->shipment->sink;
    struct slice name = sink->times ? bulk->actions[0].index : sink->place.before;
    return ARENA_JOIN(&bulk->arena, SLICE("/"), name, SLICE("/_bulk"));
}

void index_bulk_send(struct bulk *bulk) {
    struct index_sink *sink = bulk->shipment->sink;
    if (bulk->next == NULL) sink->waiting_end = bulk->link;
    LINK_OUT(bulk);
    LINK_IN(bulk, &sink->under_way);
    sink->sent++;
    bulk->sent_ns = clock_monotonic_ns();
    write_body(bulk);
    if (bulk->by_query) {
        index_query_send(bulk);
        return;
    }
    bulk->compressed = sink->settings->gzip && !sink->plain;
    if (bulk->compressed) index_pack(buffer_slice(&bulk->body), &bulk->packed);
    const struct index_ask ask = {
        .method = "POST",
        .path = path_of(bulk),
        .query = { SLICE("filter_path"), SLICE("errors,items.*._id,items.*.status,items.*.error") },
        .content_type = BULK_TYPE,
        .body = buffer_slice(bulk->compressed ? &bulk->packed : &bulk->body),
        .compressed = bulk->compressed,
        .most_bytes = REPLY_BYTES + bulk->count * REPLY_BYTES_A_DOCUMENT,
        .replied = index_bulk_replied,
        .context = bulk,
    };
    index_link_ask(sink->link, &ask);
}

/* ---- afterwards ----------------------------------------------------------------------------- */

static void come_back(struct bulk *bulk) {
    LINK_OUT(bulk);
    bulk->shipment->sink->sent--;
}

void index_bulk_requeue(struct bulk *bulk) {
    come_back(bulk);
    wait_at_front(bulk->shipment->sink, bulk);
}

void index_bulk_halve(struct bulk *bulk) {
    struct index_sink *sink = bulk->shipment->sink;
    size_t half = bulk->count / 2;
    struct bulk *second = bulk_create(bulk->shipment, bulk->picks + half, bulk->count - half);
    bulk->count = half;
    come_back(bulk);
    wait_at_front(sink, second);
    wait_at_front(sink, bulk);
}

static void end(struct bulk *bulk) {
    struct shipment *shipment = bulk->shipment;
    make_idle(bulk);
    if (--shipment->bulks == 0) shipment_answer(shipment);
}

void index_bulk_end(struct bulk *bulk) {
    come_back(bulk);
    end(bulk);
}

/* Answers may bring more, which waits then. */
void index_bulks_give_back(struct index_sink *sink) {
    struct bulk *list = sink->waiting;
    sink->waiting = NULL;
    sink->waiting_end = &sink->waiting;
    for (struct bulk *bulk = list, *next; bulk; bulk = next) {
        next = bulk->next;
        end(bulk);
    }
}
