/* index/sink.h: from a reply to verdicts. Nothing counts as delivered without an item of its
 * own that says so. */
#include "base/clock.h"
#include "base/log.h"
#include "index/sink.h"

/* Failures of a document's own, each beside others that went well, until it is refused for good. */
#define MOST_ALONE 5
/* No version of ours comes near. */
#define LARGEST_VERSION (INT64_C(1) << 62)

static const struct record *record_of(const struct bulk *bulk, size_t i) {
    return &bulk->shipment->records[bulk->picks[i]];
}

static struct index_claim *claim_of(const struct bulk *bulk, size_t i) {
    return index_order_find(&bulk->shipment->sink->order, bulk->actions[i].id,
                            record_of(bulk, i)->sequence);
}

/* For good: done or refused. */
static void settle(struct bulk *bulk, size_t i, enum verdict_kind kind, struct slice reason) {
    struct shipment *shipment = bulk->shipment;
    if (reason.length) reason = arena_copy(&shipment->reasons, reason);
    shipment->verdicts[bulk->picks[i]] = (struct verdict){ kind, reason };
    index_order_settle(&shipment->sink->order, bulk->actions[i].id, record_of(bulk, i)->sequence);
}

/* ---- items ---------------------------------------------------------------------------------- */

/* A failure of this one's own: again, but not for ever. */
static void doubt(struct bulk *bulk, size_t i, const struct index_item *item) {
    struct index_claim *claim = claim_of(bulk, i);
    if (claim && ++claim->alone < MOST_ALONE) return;
    settle(bulk, i, VERDICT_REJECT, index_item_text(item, &bulk->arena));
}

/* The server has a later version. No earlier request for this id of ours could have written it, nor
 * one for a later record: it is older than the log, whatever its number; ours go on above it. */
static void rise(struct bulk *bulk, size_t i, const struct index_item *item) {
    struct index_sink *sink = bulk->shipment->sink;
    int64_t sequence = (int64_t)record_of(bulk, i)->sequence, present;
    if (bulk->actions[i].version && index_present_version(item->reason, &present) &&
        present < LARGEST_VERSION)
        sink->version_offset = MAX(sink->version_offset, present + 1 - sequence);
    doubt(bulk, i, item);
}

static void judge(struct bulk *bulk, size_t i, const struct index_item *item,
                  enum index_rule rule) {
    switch (rule) {
    case INDEX_DONE: settle(bulk, i, VERDICT_DONE, SLICE("")); break;
    case INDEX_POISON: settle(bulk, i, VERDICT_REJECT, index_item_text(item, &bulk->arena)); break;
    case INDEX_NEWER: rise(bulk, i, item); break;
    case INDEX_DOUBTFUL: doubt(bulk, i, item); break;
    default: break; /* it stays to be tried again */
    }
}

static bool is_trouble(enum index_rule rule) {
    return rule == INDEX_BUSY || rule == INDEX_BLOCKED || rule == INDEX_AWAY ||
           rule == INDEX_REFUSED || rule == INDEX_MISSING;
}

static void judge_all(struct bulk *bulk, const struct index_item *items, struct slice retry_after) {
    struct index_sink *sink = bulk->shipment->sink;
    enum index_rule worst = INDEX_DONE;
    uint64_t now_ns = clock_monotonic_ns();
    size_t troubled = 0, bad = 0;
    sink->good++;
    for (size_t i = 0; i < bulk->count; i++) {
        enum index_rule rule = index_item_rule(&items[i], bulk->actions[i].verb);
        judge(bulk, i, &items[i], rule);
        if (!is_trouble(rule)) continue;
        if (troubled++ == 0 || rule == INDEX_MISSING) bad = i;
        worst = worst == INDEX_MISSING ? worst : rule;
    }
    if (troubled)
        index_pace_busy(&sink->pace, bulk->sent_ns, now_ns);
    else
        index_pace_good(&sink->pace, bulk->sent_ns, now_ns);
    if (troubled == bulk->count || worst == INDEX_MISSING || (troubled && retry_after.length))
        index_trouble(sink, worst, index_item_text(&items[bad], &bulk->arena), retry_after,
                      bulk->sent_ns);
    else
        index_works(sink);
}

/* ---- whole requests ------------------------------------------------------------------------- */

/* It failed without a word on its documents. One that is alone in its request, while the server
 * does well what it is asked between its tries, is at fault itself: at least it is asked to set the
 * index up, which changes nothing. */
static void doubt_all(struct bulk *bulk, struct slice text) {
    struct index_sink *sink = bulk->shipment->sink;
    for (size_t i = 0; i < bulk->count; i++) {
        struct index_claim *claim = claim_of(bulk, i);
        if (claim && claim->tries < UINT8_MAX) claim->tries++;
    }
    if (bulk->count > 1) return;
    struct index_claim *claim = claim_of(bulk, 0);
    if (claim == NULL) return;
    index_order_doubt(&sink->order, claim);
    sink->ready = false;
    if (claim->good == sink->good) return;
    if (claim->good && ++claim->alone >= MOST_ALONE) settle(bulk, 0, VERDICT_REJECT, text);
    claim->good = sink->good;
}

static void fail(struct bulk *bulk, enum index_rule rule, struct slice text,
                 struct slice retry_after) {
    struct index_sink *sink = bulk->shipment->sink;
    index_pace_busy(&sink->pace, bulk->sent_ns, clock_monotonic_ns());
    if (rule == INDEX_DOUBTFUL || rule == INDEX_WRONG) doubt_all(bulk, text);
    index_trouble(sink, rule, text, retry_after, bulk->sent_ns);
    index_bulk_end(bulk);
    index_bulks_give_back(sink);
}

/* It is too large, or cannot be read: which of its documents is it? A server that says so in its
 * own words means it; whatever stands before it may be wrong about all of them. */
static void divide(struct bulk *bulk, enum index_rule rule, const struct index_item *said,
                   struct slice text) {
    if (bulk->count > 1) {
        index_bulk_halve(bulk);
        return;
    }
    if (rule == INDEX_TOO_LARGE || said->type.length)
        settle(bulk, 0, VERDICT_REJECT, text);
    else {
        fail(bulk, INDEX_WRONG, text, slice_from(NULL, 0));
        return;
    }
    index_bulk_end(bulk);
}

static void refuse(struct bulk *bulk, const struct aws_reply *reply) {
    struct index_sink *sink = bulk->shipment->sink;
    struct index_item said =
        index_error_read(reply->status, reply->body, sink->walker, &bulk->arena);
    struct slice text = index_item_text(&said, &bulk->arena);
    enum index_rule rule = index_request_rule(&said, bulk->compressed);
    switch (rule) {
    case INDEX_PLAIN:
        if (!sink->plain)
            log_warning(sink->context->name, "it does not take gzip: %.*s", SLICE_ARGS(text));
        sink->plain = true;
        index_bulk_requeue(bulk);
        break;
    case INDEX_TOO_LARGE:
    case INDEX_WRONG: divide(bulk, rule, &said, text); break;
    default: fail(bulk, rule, text, aws_reply_header(reply, "retry-after"));
    }
}

static void take(struct bulk *bulk, const struct aws_reply *reply) {
    struct index_sink *sink = bulk->shipment->sink;
    struct index_item *items = arena_alloc(&bulk->arena, bulk->count * sizeof *items);
    const char *why;
    if (!index_reply_read(reply->body, bulk->actions, bulk->count, sink->walker, &bulk->arena,
                          items, &why)) {
        struct slice text =
            arena_format(&bulk->arena, "its reply does not answer the request: %s", why);
        fail(bulk, INDEX_DOUBTFUL, text, slice_from(NULL, 0));
        return;
    }
    judge_all(bulk, items, aws_reply_header(reply, "retry-after"));
    index_bulk_end(bulk);
}

static void take_query(struct bulk *bulk, const struct aws_reply *reply) {
    struct index_sink *sink = bulk->shipment->sink;
    const struct index_item gone = { .status = 200 };
    const char *why;
    if (!index_removal_read(reply->body, sink->walker, &bulk->arena, &why)) {
        fail(bulk, INDEX_DOUBTFUL, slice_of(why), slice_from(NULL, 0));
        return;
    }
    struct index_item *items = arena_alloc(&bulk->arena, bulk->count * sizeof *items);
    for (size_t i = 0; i < bulk->count; i++)
        items[i] = gone;
    judge_all(bulk, items, slice_from(NULL, 0));
    index_bulk_end(bulk);
}

void index_bulk_replied(void *context, const struct aws_reply *reply) {
    struct bulk *bulk = context;
    struct index_sink *sink = bulk->shipment->sink;
    struct slice reason = slice_of(reply->reason);
    const struct index_item nothing = { 0 };
    switch (reply->outcome) {
    case HTTP_REPLIED:
        if (reply->status == 200)
            (bulk->by_query ? take_query : take)(bulk, reply);
        else
            refuse(bulk, reply);
        break;
    case HTTP_TOO_LONG: divide(bulk, INDEX_WRONG, &nothing, reason); break;
    case HTTP_CUT: fail(bulk, INDEX_DOUBTFUL, reason, slice_from(NULL, 0)); break;
    case HTTP_UNREACHABLE:
    case HTTP_RESTING:
        fail(bulk, reply->keyless ? INDEX_REFUSED : INDEX_AWAY, reason, slice_from(NULL, 0));
        break;
    }
    index_pump(sink);
}
