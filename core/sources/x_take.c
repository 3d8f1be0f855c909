/* sources/x_internal.h: what the stream says becomes batches.
 *
 * Bytes are kept as they come, and taken in the next round of the loop, so that a batch gets all
 * that is there; when there is no batch to be had, the server waits. */
#include "base/clock.h"
#include "base/log.h"
#include "sources/x_internal.h"
#include "json/projection.h"

bool x_is_full(void *context) {
    const struct x *x = context;
    return line_stream_full(&x->lines);
}

bool x_take_piece(void *context, struct slice bytes) {
    struct x *x = context;
    x->heard_ns = clock_monotonic_ns();
    line_stream_put(&x->lines, bytes);
    if (x->take.loop == NULL) timer_start(source_loop(x->port), &x->take, 0);
    return true;
}

/* What is no post may end the stream, or be worth a line. */
static void heed(struct x *x, struct slice record, int64_t now_ms) {
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
    if (verdict.action != X_GO_ON) x->ending = verdict;
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

static void break_off(struct x *x) {
    x->ending = (struct x_verdict){ .action = X_WAIT,
                                    .ladder = LADDER_SERVER,
                                    .reason = "the stream has no length where one should be" };
}

/* Returns how many of them are posts. */
static uint64_t fill(struct x *x, struct batch *batch) {
    uint64_t posts = 0;
    struct slice record;
    while (batch->count < BATCH_MESSAGES && x->ending.action == X_GO_ON) {
        enum line_found found = line_stream_next(&x->lines, &record);
        if (found == LINE_NONE) break;
        if (found == LINE_BROKEN) {
            break_off(x);
            break;
        }
        struct message *message = add_record(batch, record, found == LINE_TOO_LONG);
        bool post = found == LINE_TOO_LONG || !x_is_message(x->access.v1, record);
        if (!post || x_is_compliance(x->settings)) x_events_note(x, record);
        posts += post;
        if (post) continue;
        heed(x, record, batch->received_ms);
        if (is_unheard_of(record)) message->kind = MESSAGE_CONTROL;
    }
    return posts;
}

void x_take(struct x *x) {
    while (x->ending.action == X_GO_ON && line_stream_ready(&x->lines)) {
        struct batch *batch = source_batch(x->port);
        if (batch == NULL) return; /* resumed later */
        batch->place = (struct record_place){ .source = slice_of(x_host(&x->access)) };
        uint64_t posts = fill(x, batch);
        if (!x_is_compliance(x->settings)) x_read_add(&x->memory.read, posts, batch->received_ms);
        x->memory.heard_ms = batch->received_ms;
        batch->position = x_memory_write(&x->memory, &batch->arena);
        source_submit(x->port, batch);
        if (x_thrift_mind(x)) return;
    }
    if (x->ending.action != X_GO_ON)
        x_lose(x, x->ending);
    else if (x->over.action != X_GO_ON)
        x_lose(x, x->over);
    else if (x->stream)
        http_call_go_on(x->stream);
}

static void take_fired(struct timer *timer) { x_take(CONTAINER_OF(timer, struct x, take)); }

void x_take_init(struct x *x) {
    bool by_length = x->access.v1 && strcmp(x->settings->delimited, "length") == 0;
    x->take.fire = take_fired;
    line_stream_init(&x->lines, by_length ? LENGTHS : LINES);
}
