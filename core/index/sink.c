/* index/sink.h: handovers in, verdicts out; what is sent when, and not while the index is in
 * trouble. */
#include "index/sink.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/links.h"
#include "base/log.h"
#include "net/backoff.h"
#include "net/retry_after.h"

#define NS_PER_MS UINT64_C(1000000)
#define FIRST_WAIT_MS 500
#define LONGEST_WAIT_MS 30000
#define LONGEST_RETRY_AFTER_MS UINT64_C(600000)
/* Records that are tried alone keep no others from being handed over, up to so many. */
#define MOST_DOUBTED ((size_t)4)

/* ---- trouble -------------------------------------------------------------------------------- */

/* What was sent before the last failure tells nothing that is new, unless it works since. */
void index_trouble(struct index_sink *sink, enum index_rule rule, struct slice text,
                   struct slice retry_after, uint64_t sent_ns) {
    uint64_t now_ns = clock_monotonic_ns();
    if (sent_ns >= sink->troubled_ns || sink->attempt == 0) sink->attempt++;
    sink->troubled_ns = now_ns;
    uint64_t wait_ms =
        backoff_long_wait_ms(sink->attempt - 1, FIRST_WAIT_MS, LONGEST_WAIT_MS, random_bits());
    uint64_t asked_ms = retry_after_ms(retry_after, clock_wall_ms(), LONGEST_RETRY_AFTER_MS);
    uint64_t until_ns = now_ns + MAX(wait_ms, asked_ms) * NS_PER_MS;
    sink->until_ns = MAX(sink->until_ns, until_ns);
    if (rule == INDEX_MISSING) sink->ready = false;
    trouble_say(sink->context, trouble_is_news(&sink->trouble, (int)rule), "%s: %.*s",
                index_rule_text(rule), SLICE_ARGS(slice_first(text, 500)));
    timer_start(sink->context->loop, &sink->again, (sink->until_ns - now_ns) / NS_PER_MS + 1);
}

void index_works(struct index_sink *sink) {
    sink->attempt = 0;
    if (trouble_is_over(&sink->trouble)) trouble_say_over(sink->context);
}

static void set_up(struct index_setup *setup, enum index_rule rule, struct slice text,
                   struct slice retry_after) {
    struct index_sink *sink = CONTAINER_OF(setup, struct index_sink, setup);
    sink->ready = rule == INDEX_DONE;
    if (sink->ready)
        sink->good++;
    else {
        index_trouble(sink, rule, text, retry_after, clock_monotonic_ns());
        index_bulks_give_back(sink);
    }
    index_pump(sink);
}

static void try_again(struct timer *timer) {
    index_pump(CONTAINER_OF(timer, struct index_sink, again));
}

/* ---- what is sent --------------------------------------------------------------------------- */

static void tell_room(struct index_sink *sink) {
    unsigned room = index_pace_room(&sink->pace) + (unsigned)MIN(sink->order.doubted, MOST_DOUBTED);
    if (room == sink->room) return;
    sink->room = room;
    delivery_room(sink->context->delivery, room);
}

void index_pump(struct index_sink *sink) {
    tell_room(sink);
    if (clock_monotonic_ns() < sink->until_ns) return;
    if (!sink->ready) {
        index_setup_start(&sink->setup);
        return;
    }
    while (sink->waiting && sink->sent < index_pace_room(&sink->pace))
        index_bulk_send(sink->waiting);
}

/* ---- handovers ------------------------------------------------------------------------------ */

static void shipment_free(struct shipment *shipment) {
    LINK_OUT(shipment);
    arena_free(&shipment->reasons);
    memory_free(shipment->verdicts);
    memory_free(shipment->picks);
    memory_free(shipment);
}

void shipment_answer(struct shipment *shipment) {
    struct handover *handover = shipment->handover;
    struct verdict *verdicts = shipment->verdicts;
    struct arena reasons = shipment->reasons;
    shipment->verdicts = NULL;
    arena_init(&shipment->reasons);
    shipment_free(shipment);
    handover_answer(handover, verdicts);
    memory_free(verdicts);
    arena_free(&reasons);
}

/* Whether it is sent; what waits for an earlier record of its id comes again. */
static bool pick(struct shipment *shipment, size_t i, uint64_t settled) {
    struct index_sink *sink = shipment->sink;
    const struct record *record = &shipment->records[i];
    const struct document *document = sink_document(sink->context, record);
    bool fits = document->key.length > 0 && document->key.length <= INDEX_MOST_ID_BYTES;
    shipment->verdicts[i].kind = fits ? VERDICT_RETRY : VERDICT_REJECT;
    if (!fits) shipment->verdicts[i].reason = SLICE("its id has no, or more than 512, bytes");
    return fits && index_order_take(&sink->order, document->key, record->sequence, settled);
}

void index_sink_deliver(void *self, const struct record *records, size_t count,
                        struct handover *handover) {
    struct index_sink *sink = self;
    struct shipment *shipment = memory_alloc(sizeof *shipment);
    *shipment = (struct shipment){ .sink = sink,
                                   .handover = handover,
                                   .records = records,
                                   .count = count,
                                   .verdicts = memory_zeroed(count, sizeof *shipment->verdicts),
                                   .picks = memory_alloc(count * sizeof *shipment->picks) };
    LINK_IN(shipment, &sink->shipments);
    arena_init(&shipment->reasons);
    if (sink->version_offset == 0)
        sink->version_offset = clock_wall_ms() * 1000 - (int64_t)records[0].sequence;
    uint64_t settled = delivery_durable(sink->context->delivery);
    for (size_t i = 0; i < count; i++)
        if (pick(shipment, i, settled)) shipment->picks[shipment->picked++] = (uint32_t)i;
    if (shipment->picked == 0) {
        shipment_answer(shipment);
        return;
    }
    index_bulks_add(shipment);
    index_pump(sink);
}

/* ---- the sink ------------------------------------------------------------------------------- */

void index_sink_destroy(void *self) {
    struct index_sink *sink = self;
    timer_stop(&sink->again);
    if (sink->link) index_link_destroy(sink->link);
    index_setup_free(&sink->setup);
    while (sink->shipments)
        shipment_free(sink->shipments);
    index_bulks_free(sink);
    index_order_free(&sink->order);
    if (sink->times) projector_destroy(sink->times);
    if (sink->projection) projection_destroy(sink->projection);
    projector_destroy(sink->walker);
    arena_free(&sink->arena);
    memory_free(sink);
}

static bool read_time_member(struct index_sink *sink, struct error *err) {
    const struct sink_context *context = sink->context;
    if (sink->place.date.length == 0) return true;
    const char *name =
        index_place_member(sink->settings->time, context->schema, context->mapping, err);
    if (name == NULL) return false;
    sink->projection = projection_create();
    sink->time_slot = projection_add(sink->projection, slice_of(name));
    if (sink->time_slot < 0)
        return error_set(err, ERROR_CONFIG, "time takes the name of a member, not \"%.100s\"",
                         name);
    projection_seal(sink->projection);
    sink->times = projector_create(sink->projection);
    return true;
}

void *index_sink_create(const void *settings, const struct sink_context *context,
                        struct error *err) {
    const struct index_settings *given = settings;
    struct index_sink *sink = memory_zeroed(1, sizeof *sink);
    sink->context = context;
    sink->settings = given;
    sink->waiting_end = &sink->waiting;
    sink->again.fire = try_again;
    sink->walker = projector_create(NULL);
    sink->room = 1;
    arena_init(&sink->arena);
    index_order_init(&sink->order);
    index_pace_init(&sink->pace, (unsigned)given->requests);
    index_setup_init(&sink->setup);
    if (index_place_read(given->url, given->index, &sink->arena, &sink->place, err) &&
        read_time_member(sink, err))
        sink->link = index_link_create(context->loop, given, &sink->place, context->threads, err);
    if (sink->link == NULL) {
        index_sink_destroy(sink);
        return NULL;
    }
    sink->pattern = index_place_pattern(&sink->place, &sink->arena);
    sink->versions = !index_link_is_aoss(sink->link);
    sink->setup.name = context->name;
    sink->setup.link = sink->link;
    sink->setup.place = &sink->place;
    sink->setup.mapping = context->mapping;
    sink->setup.manage = given->manage;
    sink->setup.projector = sink->walker;
    sink->setup.ended = set_up;
    timer_start(context->loop, &sink->again, 0);
    return sink;
}
