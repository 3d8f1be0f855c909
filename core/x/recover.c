/* x/internal.h: a gap is closed by a second stream, which X has for it: it gives the posts
 * of a span of the last 24 hours again, and ends ("Recovery and redundancy" of X API v2).
 *
 * Older posts come first, generally. One that is cut goes on where it was, a minute of it again;
 * one that X refuses leaves the gap to the search. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "x/internal.h"
#include <stdio.h>

#define MARGIN_MS INT64_C(60000)
#define STALL_MS 21000

struct x_recovery {
    struct x *x;
    int64_t gap_ms; /* when its gap began */
    struct http_call *call;
    struct line_stream lines;
    struct x_verdict ending; /* what a message of it means; X_GO_ON: it goes on */
    bool ended, whole;       /* of the reply */
    struct x_verdict over;   /* ended, not whole: why */
    struct timer take, wait;
    struct ladder ladder;
};

static struct x_gap *gap_of(const struct x_recovery *recovery) {
    return x_gaps_find(&recovery->x->memory.gaps, recovery->gap_ms);
}

void x_recover_leave(struct x *x) {
    struct x_recovery *recovery = x->recovery;
    if (recovery == NULL) return;
    timer_stop(&recovery->take);
    timer_stop(&recovery->wait);
    if (recovery->call) http_call_cancel(recovery->call);
    recovery->call = NULL;
}

void x_recover_stop(struct x *x) {
    if (x->recovery == NULL) return;
    x_recover_leave(x);
    line_stream_free(&x->recovery->lines);
    memory_free(x->recovery);
    x->recovery = NULL;
}

static void end(struct x_recovery *recovery) {
    char how[X_HOW_BYTES];
    snprintf(how, sizeof how, "closed by recovery, %llu posts",
             (unsigned long long)gap_of(recovery)->posts);
    x_missed_end(recovery->x, recovery->gap_ms, false, how);
}

static void fail(struct x_recovery *recovery, const struct x_verdict *verdict) {
    struct x *x = recovery->x;
    int64_t wait_ms = 0;
    if (x_needs_token(x, verdict)) {
        x_lose(x, *verdict);
        return;
    }
    if (verdict->action == X_FATAL) {
        log_warning("x", "recovery: %s; it is searched for instead", verdict->reason);
        x_missed_elsewise(x);
        return;
    }
    if (verdict->action == X_WAIT)
        wait_ms = (int64_t)ladder_fail(&recovery->ladder, verdict->ladder);
    wait_ms = MAX(wait_ms, verdict->until_ms - clock_wall_ms());
    log_warning("x", "recovery: %s; next try in %.3g s", verdict->reason, (double)wait_ms / 1000);
    x_recover_leave(x);
    line_stream_reset(&recovery->lines);
    timer_start(source_loop(x->port), &recovery->wait, (uint64_t)wait_ms);
}

/* ---- what it gives ---- */

bool x_recover_taken(struct x *x) {
    struct x_recovery *recovery = x->recovery;
    while (recovery && recovery->ending.action == X_GO_ON && line_stream_ready(&recovery->lines)) {
        struct batch *batch = source_batch(x->port);
        if (batch == NULL) return false;
        struct x_taken taken = x_take_records(x, &recovery->lines, batch, &recovery->ending);
        struct x_gap *gap = gap_of(recovery);
        gap->posts += taken.posts;
        if (taken.last_id)
            gap->given_ms = MAX(gap->given_ms, MIN(x_id_ms(taken.last_id), gap->to_ms));
        x_take_submit(x, batch, &taken);
        (void)x_thrift_mind(x);
    }
    return true;
}

void x_recover_go_on(struct x *x) {
    struct x_recovery *recovery = x->recovery;
    if (recovery == NULL || recovery->wait.loop || !x_recover_taken(x)) return;
    if (x->over.action != X_GO_ON) return; /* the budget is spent */
    if (recovery->ending.action != X_GO_ON)
        fail(recovery, &recovery->ending);
    else if (recovery->ended && recovery->whole)
        end(recovery);
    else if (recovery->ended)
        fail(recovery, &recovery->over);
    else if (recovery->call)
        http_call_go_on(recovery->call);
}

static void take_fired(struct timer *timer) {
    x_recover_go_on(CONTAINER_OF(timer, struct x_recovery, take)->x);
}

static bool is_full(void *context) {
    const struct x_recovery *recovery = context;
    return x_is_full_of(recovery->x, &recovery->lines);
}

static bool take_piece(void *context, struct slice bytes) {
    struct x_recovery *recovery = context;
    line_stream_put(&recovery->lines, bytes);
    if (recovery->take.loop == NULL)
        timer_start(source_loop(recovery->x->port), &recovery->take, 0);
    return true;
}

static void replied(void *context, const struct http_reply *reply) {
    struct x_recovery *recovery = context;
    recovery->call = NULL;
    recovery->ended = true;
    recovery->whole = reply->outcome == HTTP_REPLIED && reply->status == 200;
    recovery->over = x_reply_judge(&recovery->x->access, reply);
    timer_start(source_loop(recovery->x->port), &recovery->take, 0);
}

/* ---- a gap ---- */

static void connect_now(struct x_recovery *recovery) {
    struct x *x = recovery->x;
    const struct x_gap *gap = gap_of(recovery);
    struct arena arena;
    arena_init(&arena);
    int64_t from_ms = MAX(gap->from_ms - X_LEAST_GAP_MS, gap->given_ms - MARGIN_MS);
    struct x_request request =
        x_recovery_request(&x->access, from_ms, gap->to_ms + X_LEAST_GAP_MS, &arena);
    struct http_ask ask = x_ask(&request);
    ask.stall_ms = x->settings->stall_ms ? (uint32_t)x->settings->stall_ms : STALL_MS;
    ask.compressed = true;
    ask.piece = take_piece;
    ask.full = is_full;
    ask.replied = replied;
    ask.context = recovery;
    recovery->ending = recovery->over = (struct x_verdict){ .action = X_GO_ON };
    recovery->ended = recovery->whole = false;
    recovery->call = http_call_start(x->access.client, &ask);
    arena_free(&arena);
}

static void wait_fired(struct timer *timer) {
    connect_now(CONTAINER_OF(timer, struct x_recovery, wait));
}

void x_recover_start(struct x *x, const struct x_gap *gap) {
    struct x_recovery *recovery = memory_zeroed(1, sizeof *recovery);
    *recovery = (struct x_recovery){
        .x = x, .gap_ms = gap->from_ms, .take.fire = take_fired, .wait.fire = wait_fired
    };
    line_stream_init(&recovery->lines, LINES);
    x->recovery = recovery;
    connect_now(recovery);
}
