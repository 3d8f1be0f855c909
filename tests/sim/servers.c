/* The servers of tests/sim/world.h: a stream that is read, an index that is written. */
#include "base/alloc.h"
#include "base/hash.h"
#include "world.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the events of a stream ----------------------------------------------------------------- */

static uint64_t noise_of(uint64_t number) {
    return hash_bytes(
        slice_from((const char *)(const uint64_t[]){ world->stream, number }, 2 * sizeof number));
}

struct event event_of(uint64_t number) {
    uint64_t noise = noise_of(number);
    unsigned roll = noise % 100;
    struct event event = { CREATE, (uint32_t)number };
    if (roll < 3) return event.kind = POISON, event;
    if (roll < 7) return (struct event){ roll < 5 ? CONTROL : MALFORMED, 0 };
    if (roll >= 35 || number == 1) return event;
    struct event other = event_of(1 + (noise >> 8) % (number - 1));
    if (other.post == 0) return event;
    bool edits = roll >= 25 && other.post % 2; /* half of the networks have edits */
    event.kind = roll < 16 ? REPEAT : roll < 25 ? DELETE : EDIT;
    if (event.kind == EDIT && !edits) return event.kind = CREATE, event;
    event.post = other.post;
    return event;
}

static struct slice commit_of(struct arena *arena, const char *operation, uint32_t post,
                              struct slice record) {
    return arena_format(arena,
                        "{\"did\":\"did:plc:sim\",\"time_us\":1,\"kind\":\"commit\",\"commit\":{"
                        "\"operation\":\"%s\",\"collection\":\"app.bsky.feed.post\","
                        "\"rkey\":\"%u\"%.*s}}",
                        operation, post, SLICE_ARGS(record));
}

/* Posts with odd numbers are of Bluesky. */
struct slice event_json(struct arena *arena, uint64_t number) {
    struct event event = event_of(number);
    uint64_t version = event.kind == REPEAT ? event.post : number;
    bool poison = event_of(version).kind == POISON;
    struct slice text = arena_format(arena, "\"v%llu %s%*s\"", (unsigned long long)version,
                                     poison ? "poison" : "good", world->filling, "");
    struct slice record = arena_format(arena,
                                       ",\"record\":{\"createdAt\":\"2026-01-01T00:00:00Z\","
                                       "\"text\":%.*s}",
                                       SLICE_ARGS(text));
    switch (event.kind) {
    case CONTROL: return SLICE("{\"did\":\"did:plc:sim\",\"time_us\":1,\"kind\":\"identity\"}");
    case MALFORMED: return SLICE("{\"id\":");
    case EDIT: return commit_of(arena, "update", event.post, record);
    case DELETE:
        if (event.post % 2) return commit_of(arena, "delete", event.post, SLICE(""));
        return arena_format(arena, "{\"_id\":\"plain:%u\",\"deleted\":true}", event.post);
    default:
        if (event.post % 2) return commit_of(arena, "create", event.post, record);
        return arena_format(arena, "{\"id\":\"%u\",\"text\":%.*s}", event.post, SLICE_ARGS(text));
    }
}

/* ---- the stream ----------------------------------------------------------------------------- */

static struct {
    struct source_port *port;
    struct timer step;
    uint64_t next;
    bool stopped;
} stream;

static uint64_t events_so_far(void) {
    uint64_t passed = world->spacing_ns ? world->now_ns / world->spacing_ns : world->events;
    return MIN(passed, world->events);
}

/* As many as there are, in pieces of any length. */
static bool hand_over(uint64_t last) {
    struct batch *batch = source_batch(stream.port);
    if (batch == NULL) return false;
    for (uint64_t left = 1 + draw(BATCH_MESSAGES); left && stream.next <= last; left--) {
        struct slice json = event_json(&batch->arena, stream.next);
        struct slice padded = arena_format(&batch->arena, "%.*s%64s", SLICE_ARGS(json), "");
        if (batch_add(batch, slice_first(padded, json.length), stream.next) == NULL)
            broken("no room in a batch");
        stream.next++;
    }
    batch->place = (struct record_place){ SLICE("stream"), true, 0 };
    batch->position = arena_format(&batch->arena, "%llu", (unsigned long long)stream.next - 1);
    source_submit(stream.port, batch);
    return true;
}

static void stream_step(struct timer *timer) {
    uint64_t last = events_so_far();
    if (stream.next <= last && !hand_over(last)) return; /* resumed later */
    if (stream.next > world->events)
        source_finished(stream.port, NULL);
    else
        timer_start(source_loop(stream.port), timer,
                    stream.next <= last ? draw_delay_ns() / 1000000 : 1000);
}

static void *stream_create(const void *settings, struct source_port *port, struct error *err) {
    (void)settings, (void)err;
    memset(&stream, 0, sizeof stream);
    stream.port = port;
    stream.step.fire = stream_step;
    return &stream;
}

static void stream_start(void *self, struct slice position) {
    (void)self;
    stream.next = 1 + (position.length ? strtoull(position.data, NULL, 10) : 0);
    trace("stream", "from", stream.next);
    timer_start(source_loop(stream.port), &stream.step, 0);
}

static void stream_resume(void *self) {
    (void)self;
    if (!stream.stopped) timer_start(source_loop(stream.port), &stream.step, 0);
}

static void stream_stop(void *self) {
    (void)self;
    stream.stopped = true;
    timer_stop(&stream.step);
}

const struct source_ops stream_source = { .kind = { .name = "stream" },
                                          .create = stream_create,
                                          .start = stream_start,
                                          .resume = stream_resume,
                                          .stop = stream_stop,
                                          .destroy = stream_stop };

/* ---- the index ------------------------------------------------------------------------------ */

/* Handovers that it wants at a time. */
#define MOST_ROOM 4

/* What the index has and has not answered. */
struct request {
    struct index *index;
    struct timer timer;
    struct handover *handover;
    const struct record *records; /* NULL: it took them, and needs the log's no more */
    size_t count;
    uint64_t *sequences; /* of the records */
    struct request *next;
};

/* One after the other, when the configuration changes. */
struct index {
    const struct sink_context *context;
    struct request *requests;
};

/* By sequence: it came, perhaps to be tried again; it is in a request. */
static bool came[MOST_EVENTS + 2], out[MOST_EVENTS + 2];

uint32_t post_of(struct slice key) {
    uint32_t post = 0, ten = 1;
    for (size_t i = key.length; i > 0 && key.data[i - 1] >= '0' && key.data[i - 1] <= '9'; i--) {
        post += ten * (uint32_t)(key.data[i - 1] - '0');
        ten *= 10;
    }
    return post;
}

uint32_t version_of(struct slice document) {
    const char *text = memmem(document.data, document.length, "\"text\":\"v", 9);
    if (text == NULL) broken("a document without text: %.*s", SLICE_ARGS(document));
    char *rest;
    uint32_t version = (uint32_t)strtoul(text + 9, &rest, 10);
    return strncmp(rest, " poison", 7) == 0 ? 0 : version;
}

/* A sequence number is given once, whatever is lost; posts are delivered once, whatever repeats. */
static void check_record(const struct record *record, const struct document *document) {
    uint64_t sequence = record->sequence;
    uint64_t seen = 1 | (hash_bytes(document->key) ^ hash_bytes(document->bytes) ^ record->kind);
    if (sequence == 0 || sequence > world->events)
        broken("record %llu of %llu events", (unsigned long long)sequence,
               (unsigned long long)world->events);
    if (world->records[sequence] && world->records[sequence] != seen)
        broken("record %llu was another when it was delivered before: it was not durable",
               (unsigned long long)sequence);
    world->records[sequence] = seen;
}

/* False when it is refused. */
static bool take_effect(const struct record *record, const struct document *document) {
    uint32_t post = post_of(document->key);
    if (post == 0 || post > world->events) broken("a key: %.*s", SLICE_ARGS(document->key));
    struct indexed *entry = &world->index[post];
    uint32_t version = record->kind == RECORD_DELETE ? 0 : version_of(document->bytes);
    if (record->kind == RECORD_POST) {
        if (entry->made && entry->made != record->sequence)
            broken("post %u is record %u and record %llu", post, entry->made,
                   (unsigned long long)record->sequence);
        entry->made = (uint32_t)record->sequence;
    }
    if (record->kind != RECORD_DELETE && version == 0) return false;
    if (record->sequence < entry->changed) return true; /* an external version, as indexes have */
    entry->changed = (uint32_t)record->sequence;
    entry->version = version;
    return true;
}

enum answer { TAKES_ALL, TAKES_SOME, TAKES_NONE, TAKES_UNSAID };

static enum answer choose_answer(void) {
    if (world->now_ns < world->outage_ns) return TAKES_NONE;
    if (world->calm || !chance(8)) return TAKES_ALL;
    if (chance(4)) world->outage_ns = world->now_ns + draw(600) * 1000000000;
    return (enum answer)(1 + draw(3));
}

static void settle(uint64_t sequence) {
    world->settled[sequence] = true;
    while (world->settled[world->next])
        world->next++;
}

static void request_free(struct request *request) {
    struct request **link = &request->index->requests;
    while (*link != request)
        link = &(*link)->next;
    *link = request->next;
    for (size_t i = 0; i < request->count; i++)
        out[request->sequences[i]] = false;
    timer_stop(&request->timer);
    memory_free(request->sequences);
    memory_free(request);
}

static void wait_for_answer(struct request *request, uint64_t delay_ms) {
    timer_start(request->index->context->loop, &request->timer, delay_ms);
}

/* What was taken is the index's own to try again. */
static void answer_taken(struct request *request) {
    struct handover *handover = request->handover;
    if (choose_answer() == TAKES_NONE) {
        wait_for_answer(request, 1000 + draw(1000));
        return;
    }
    trace("index", "answers what it took", request->count);
    for (size_t i = 0; i < request->count; i++)
        settle(request->sequences[i]);
    request_free(request);
    handover_answer(handover, NULL);
}

static void answer_now(struct request *request) {
    enum answer answer = choose_answer();
    struct handover *handover = request->handover;
    const struct sink_context *context = request->index->context;
    struct verdict *verdicts = memory_zeroed(request->count, sizeof *verdicts);
    trace("index", "answers", answer);
    for (size_t i = 0; i < request->count; i++) {
        const struct record *record = &request->records[i];
        bool some = answer == TAKES_SOME && chance(3);
        verdicts[i].kind = VERDICT_RETRY;
        if (answer == TAKES_NONE || some) continue;
        bool taken = take_effect(record, sink_document(context, record));
        if (answer == TAKES_UNSAID) continue;
        verdicts[i] = (struct verdict){ taken ? VERDICT_DONE : VERDICT_REJECT, SLICE("poison") };
        settle(record->sequence);
    }
    request_free(request);
    if (chance(10)) delivery_room(context->delivery, 1 + (unsigned)draw(MOST_ROOM));
    handover_answer(handover, verdicts);
    memory_free(verdicts);
}

static bool has_poison(const struct index *index, const struct record *records, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (records[i].kind != RECORD_DELETE &&
            version_of(sink_document(index->context, &records[i])->bytes) == 0)
            return true;
    return false;
}

/* The effect comes now, and what is said of it much later, unless it is asked to finish. */
static void take(struct request *request) {
    trace("index", "takes", request->count);
    for (size_t i = 0; i < request->count; i++)
        (void)take_effect(&request->records[i],
                          sink_document(request->index->context, &request->records[i]));
    request->records = NULL;
    wait_for_answer(request, draw(world->calm ? 1000 : 200000));
    handover_taken(request->handover);
}

static void index_answer(struct timer *timer) {
    struct request *request = CONTAINER_OF(timer, struct request, timer);
    if (request->records == NULL)
        answer_taken(request);
    else if (chance(3) && !has_poison(request->index, request->records, request->count))
        take(request);
    else
        answer_now(request);
}

/* In any order, but none is passed over. */
static void check_all_came(uint64_t before) {
    for (uint64_t sequence = world->next; sequence < before; sequence++)
        if (!world->settled[sequence] && !came[sequence])
            broken("record %llu came, %llu was never answered for", (unsigned long long)before,
                   (unsigned long long)sequence);
}

static void index_deliver(void *self, const struct record *records, size_t count,
                          struct handover *handover) {
    struct index *index = self;
    struct request *request = memory_zeroed(1, sizeof *request);
    *request = (struct request){ .index = index,
                                 .timer.fire = index_answer,
                                 .handover = handover,
                                 .records = records,
                                 .count = count,
                                 .sequences = memory_zeroed(count, sizeof(uint64_t)),
                                 .next = index->requests };
    index->requests = request;
    check_all_came(records[0].sequence);
    for (size_t i = 0; i < count; i++) {
        uint64_t sequence = records[i].sequence;
        check_record(&records[i], sink_document(index->context, &records[i]));
        if (out[sequence])
            broken("record %llu is with the index twice", (unsigned long long)sequence);
        out[sequence] = came[sequence] = true;
        request->sequences[i] = sequence;
    }
    if (chance(4) && !has_poison(index, records, count))
        take(request);
    else
        wait_for_answer(request, draw_delay_ns() / 1000000);
}

static void index_finish(void *self) {
    const struct index *index = self;
    trace("index", "finishes", 0);
    for (struct request *request = index->requests; request; request = request->next)
        if (request->records == NULL) wait_for_answer(request, draw_delay_ns() / 1000000);
}

static void *index_create(const void *settings, const struct sink_context *context,
                          struct error *err) {
    (void)settings, (void)err;
    struct index *index = memory_zeroed(1, sizeof *index);
    index->context = context;
    delivery_room(context->delivery, 1 + (unsigned)draw(MOST_ROOM));
    return index;
}

static void index_destroy(void *self) {
    struct index *index = self;
    while (index->requests)
        request_free(index->requests);
    memory_free(index);
}

struct index_settings {
    bool other;
};

static const struct option index_options[] = { { .name = "other",
                                                 .type = OPTION_BOOLEAN,
                                                 .offset = offsetof(struct index_settings, other),
                                                 .standard = "false",
                                                 .help = "a change, of nothing" } };

const struct sink_ops index_sink = { .kind = { .name = "index",
                                               .options = { index_options, LENGTH(index_options),
                                                            sizeof(struct index_settings) } },
                                     .create = index_create,
                                     .deliver = index_deliver,
                                     .finish = index_finish,
                                     .destroy = index_destroy };
