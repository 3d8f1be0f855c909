/* x/internal.h: what the stream says becomes batches.
 *
 * Bytes are kept as they come, and taken in the next round of the loop, so that a batch gets all
 * that is there; when there is no batch to be had, the server waits. */
#include "base/clock.h"
#include "base/log.h"
#include "x/internal.h"
#include "json/projection.h"
#include <assert.h>

/* A server's clock may be so much ahead. */
#define CLOCK_OFF_MS INT64_C(60000)

/* Near a budget's end a read is taken before the next one: what is received is paid for. */
bool x_is_full_of(const struct x *x, const struct line_stream *lines) {
    bool counted = x->thrift != X_FREE && line_stream_ready(lines);
    return counted || line_stream_full(lines);
}

bool x_is_full(void *context) {
    const struct x *x = context;
    return x_is_full_of(x, &x->lines);
}

bool x_take_piece(void *context, struct slice bytes) {
    struct x *x = context;
    x->heard_ns = clock_monotonic_ns();
    line_stream_put(&x->lines, bytes);
    if (x->take.loop == NULL) timer_start(source_loop(x->port), &x->take, 0);
    return true;
}

/* What is no post may end the stream, or be worth a line. */
static void heed(struct x *x, struct slice record, int64_t now_ms, struct x_verdict *ending) {
    struct arena arena;
    arena_init(&arena);
    struct slice shown = x_without_secrets(&x->access, record, &arena);
    struct x_verdict verdict = x_message_judge(x->access.v1, shown, now_ms);
    arena_free(&arena);
    if (verdict.worth_a_line) log_warning("x", "%s", verdict.reason);
    if (verdict.missed > x->missed) {
        if (x->missed == 0)
            log_warning("x", "X holds posts back: more match than it may give (%llu so far)",
                        (unsigned long long)verdict.missed);
        x->missed = verdict.missed;
    }
    if (verdict.action != X_GO_ON) *ending = verdict;
}

static struct message *add_record(struct batch *batch, struct slice record, bool too_long) {
    struct message *message = batch_add(batch, json_padded(&batch->arena, record), 0);
    if (!too_long) return message;
    message->kind = MESSAGE_MALFORMED;
    message->reason = SLICE("the record is longer than 1 MiB");
    return message;
}

/* X may send what nobody knows yet. Deletes and scrubs are the dialect's to read. */
static bool is_unheard_of(struct slice record) {
    bool object = record.data[0] == '{' && record.data[record.length - 1] == '}';
    return object && memmem(record.data, record.length, "\"delete\"", 8) == NULL &&
           memmem(record.data, record.length, "\"scrub_geo\"", 11) == NULL;
}

static const struct x_verdict broken = {
    .action = X_WAIT,
    .ladder = LADDER_SERVER,
    .reason = "the stream has no length where one should be",
};

/* 0: it has none, or one that nobody can have given yet. */
static uint64_t id_of(struct x *x, struct slice post, struct arena *arena, int64_t now_ms) {
    struct slice reason;
    const struct json_slot *slots = projector_run(x->reader, post, arena, &reason);
    if (slots == NULL || slots[0].first.type != JSON_STRING) return 0;
    uint64_t id = x_id_read(slots[0].first.text);
    return x_id_ms(id) <= now_ms + CLOCK_OFF_MS ? id : 0;
}

struct x_taken x_take_records(struct x *x, struct line_stream *lines, struct batch *batch,
                              struct x_verdict *ending) {
    struct x_taken taken = { 0 };
    struct slice record, last = SLICE("");
    batch->place = (struct record_place){ .source = slice_of(x_host(&x->access)) };
    while (batch->count < BATCH_MESSAGES && ending->action == X_GO_ON) {
        enum line_found found = line_stream_next(lines, &record);
        if (found == LINE_NONE) break;
        if (found == LINE_BROKEN) {
            *ending = broken;
            break;
        }
        struct message *message = add_record(batch, record, found == LINE_TOO_LONG);
        bool post = found == LINE_TOO_LONG || !x_is_message(x->access.v1, record);
        if (!post || x_is_compliance(x->settings)) x_events_note(x, record);
        if (post) {
            taken.posts++;
            if (found != LINE_TOO_LONG) last = message->raw;
            continue;
        }
        heed(x, record, batch->received_ms, ending);
        if (is_unheard_of(record)) message->kind = MESSAGE_CONTROL;
    }
    if (last.length && x_is_filtered(x->settings))
        taken.last_id = id_of(x, last, &batch->arena, batch->received_ms);
    return taken;
}

void x_take_submit(struct x *x, struct batch *batch, const struct x_taken *taken) {
    if (!x_is_compliance(x->settings))
        x_read_add(&x->memory.read, taken->posts, batch->received_ms);
    x->memory.last_id = MAX(x->memory.last_id, taken->last_id);
    batch->position = x_memory_write(&x->memory, &batch->arena);
    source_submit(x->port, batch);
}

void x_take(struct x *x) {
    while (x->ending.action == X_GO_ON && line_stream_ready(&x->lines)) {
        struct batch *batch = source_batch(x->port);
        if (batch == NULL) return; /* resumed later */
        struct x_taken taken = x_take_records(x, &x->lines, batch, &x->ending);
        x->memory.heard_ms = batch->received_ms;
        if (taken.posts) x->memory.quiet_ms = 0;
        x_take_submit(x, batch, &taken);
        if (taken.last_id) x_missed_heard(x, taken.last_id);
        (void)x_thrift_mind(x);
    }
    const struct x_verdict *lost = x->ending.action != X_GO_ON ? &x->ending : &x->over;
    if (lost->action != X_GO_ON && x_missed_taken(x))
        x_lose(x, *lost);
    else if (lost->action == X_GO_ON && x->stream)
        http_call_go_on(x->stream);
}

static void take_fired(struct timer *timer) { x_take(CONTAINER_OF(timer, struct x, take)); }

void x_take_init(struct x *x) {
    bool by_length = x->access.v1 && strcmp(x->settings->delimited, "length") == 0;
    x->take.fire = take_fired;
    line_stream_init(&x->lines, by_length ? LENGTHS : LINES);
    x->post = projection_create();
    int slot = projection_add(x->post, SLICE("data.id"));
    assert(slot == 0 && "it is the only one");
    (void)slot;
    projection_seal(x->post);
    x->reader = projector_create(x->post);
}

void x_take_end(struct x *x) {
    projector_destroy(x->reader);
    projection_destroy(x->post);
    line_stream_free(&x->lines);
}
