/* x/internal.h: connects, waits, gives up: one stream after the other. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "x/internal.h"
#include <stdio.h>

#define V1_STALL_MS 90000
#define V2_STALL_MS 21000 /* 20 s, and the keep-alive is often a little late */
/* A stream that stands so long has brought a keep-alive: what failed before is forgotten. */
#define STABLE_MS 25000
#define LOOK_MS 60000 /* at budgets, which a new day may renew */
#define OTHER_KEYS_MS 2000
#define SAY_AGAIN_NS UINT64_C(60000000000)
#define LONGEST_WAIT_MS INT64_C(2764800000)

static uint64_t stall_ms(const struct x *x) {
    if (x->settings->stall_ms) return (uint64_t)x->settings->stall_ms;
    return x->access.v1 ? V1_STALL_MS : V2_STALL_MS;
}

void x_remember(struct x *x) {
    struct batch *batch = source_batch(x->port);
    if (batch == NULL) return; /* it goes with the next one that is handed on */
    batch->position = x_memory_write(&x->memory, &batch->arena);
    x->urgent = true;
    source_submit(x->port, batch);
}

/* Nothing comes any more, and nothing is asked. */
static void drop_calls(struct x *x) {
    if (x->stream) http_call_cancel(x->stream);
    if (x->access.call) http_call_cancel(x->access.call);
    x_match_stop(x);
    x->stream = x->access.call = NULL;
    x->connected = false;
    timer_stop(&x->watch);
    timer_stop(&x->stable);
    timer_stop(&x->thrift_look);
}

static void drop_all(struct x *x) {
    drop_calls(x);
    x_missed_stop(x);
    x->ending = x->over = (struct x_verdict){ .action = X_GO_ON };
    line_stream_reset(&x->lines);
    timer_stop(&x->take);
}

void x_stream_leave(struct x *x) {
    drop_calls(x);
    x_missed_leave(x);
    timer_start(source_loop(x->port), &x->take, 0);
}

void x_close(struct x *x) {
    drop_all(x);
    timer_stop(&x->wait);
}

/* ---- it is lost ---- */

/* A reason is said once, and again when a minute has passed. */
static void say(struct x *x, enum log_level level, uint64_t wait_ms) {
    uint64_t now_ns = clock_monotonic_ns();
    bool same = strcmp(x->said, x->reason) == 0 && now_ns - x->said_ns < SAY_AGAIN_NS;
    if (same) return;
    snprintf(x->said, sizeof x->said, "%s", x->reason);
    x->said_ns = now_ns;
    log_write(level, "x", "%s; next try in %.3g s", x->reason, (double)wait_ms / 1000);
}

static void fail_for_good(struct x *x) {
    struct error err;
    error_set(&err, ERROR_FAILED, "source x: %s", x->reason);
    x->done = true;
    x_close(x);
    source_finished(x->port, &err);
}

/* Not before what X or the ladder asks for. */
static uint64_t wait_of(struct x *x, const struct x_verdict *verdict, int64_t now_ms) {
    int64_t until_ms = MAX(verdict->until_ms, x->not_before_ms), step_ms = 0;
    if (verdict->action == X_WAIT) step_ms = (int64_t)ladder_fail(&x->ladder, verdict->ladder);
    until_ms = MAX(until_ms, now_ms + step_ms);
    x->not_before_ms = 0;
    return until_ms <= now_ms ? 0 : (uint64_t)MIN(until_ms - now_ms, LONGEST_WAIT_MS);
}

bool x_needs_token(const struct x *x, const struct x_verdict *verdict) {
    return verdict->stale_token && x->access.token && !x->renewed;
}

void x_lose(struct x *x, struct x_verdict verdict) {
    int64_t now_ms = clock_wall_ms(), since_ms = 0;
    if (x->told) since_ms = now_ms - (int64_t)((clock_monotonic_ns() - x->heard_ns) / 1000000);
    drop_all(x);
    x_hide_secrets(&x->access, verdict.reason);
    snprintf(x->reason, sizeof x->reason, "%.255s", verdict.reason);
    if (x->told) x->memory.heard_ms = since_ms;
    x_missed_begin(x);
    x->told = false;
    source_gap(x->port, since_ms, x->reason);
    if (verdict.action == X_FATAL) {
        fail_for_good(x);
        return;
    }
    if (x_needs_token(x, &verdict)) {
        x->renewed = true; /* the token may have been another's: one is fetched at once */
        x_token_forget(&x->access);
    }
    if (verdict.rules_wrong) x->rules_known = false;
    x->no_rules = verdict.rules_wrong;
    uint64_t wait_ms = wait_of(x, &verdict, now_ms);
    say(x, verdict.action == X_STOP ? LOG_ERROR : LOG_WARNING, wait_ms);
    x->memory.ladder = x->ladder;
    /* of a budget, which the next configuration may raise, the next run asks itself; and it may
     * have other keys */
    uint64_t kept_ms = x->thrift == X_PAUSE ? 0 : wait_ms;
    if (verdict.stale_token) kept_ms = MIN(kept_ms, (uint64_t)OTHER_KEYS_MS);
    x->memory.until_ms = kept_ms ? now_ms + (int64_t)kept_ms : 0;
    x->memory.wait_ms = (int64_t)kept_ms;
    x_remember(x);
    x_connect_soon(x, wait_ms);
    if (x->thrift == X_PAUSE) timer_start(source_loop(x->port), &x->thrift_look, LOOK_MS);
}

/* ---- it stands ---- */

static void watch_fired(struct timer *timer) {
    struct x *x = CONTAINER_OF(timer, struct x, watch);
    uint64_t silent_ms = (clock_monotonic_ns() - x->heard_ns) / 1000000, most_ms = stall_ms(x);
    bool held_back = x_is_full(x); /* it is linnet that does not listen */
    if (held_back) x->heard_ns = clock_monotonic_ns();
    if (held_back || silent_ms < most_ms) {
        timer_start(source_loop(x->port), timer, held_back ? most_ms : most_ms - silent_ms);
        return;
    }
    struct x_verdict verdict = { .action = X_WAIT, .ladder = LADDER_NETWORK };
    snprintf(verdict.reason, sizeof verdict.reason, "X was silent for %.3g s",
             (double)silent_ms / 1000);
    x_lose(x, verdict);
}

static void stands(struct timer *timer) {
    struct x *x = CONTAINER_OF(timer, struct x, stable);
    x->ladder = x->memory.ladder = (struct ladder){ 0 };
    x->memory.until_ms = 0;
    x->memory.heard_ms = clock_wall_ms();
    x->renewed = false;
    x_missed_given(x);
    x_remember(x);
}

/* "0" left of a window's connections: none before its end. */
static void note_limit(struct x *x, const struct http_call *call) {
    struct slice left = http_call_header(call, "x-rate-limit-remaining");
    struct slice reset = http_call_header(call, "x-rate-limit-reset");
    if (!slice_is(left, "0")) return;
    struct x_answer answer = { .status = 429, .reset = reset, .now_ms = clock_wall_ms() };
    x->not_before_ms = x_answer_judge(&answer).until_ms;
}

static void headed(void *context, struct http_call *call) {
    struct x *x = context;
    x->connected = x->told = true;
    x->heard_ns = clock_monotonic_ns();
    x->missed = 0;
    x->reason[0] = x->said[0] = '\0';
    note_limit(x, call);
    source_connected(x->port);
    log_info("x", "connected to %s", x_host(&x->access));
    x->no_rules = false;
    x_match_connected(x);
    x_missed_plan(x);
    timer_start(source_loop(x->port), &x->watch, stall_ms(x));
    timer_start(source_loop(x->port), &x->stable, STABLE_MS);
    timer_start(source_loop(x->port), &x->thrift_look, LOOK_MS);
}

static struct x_verdict judge_end(const struct x *x, const struct http_reply *reply) {
    struct x_verdict verdict = x_reply_judge(&x->access, reply);
    if (!x->connected) return verdict;
    verdict.action = X_WAIT;
    verdict.ladder = LADDER_DROP;
    if (reply->outcome == HTTP_REPLIED)
        snprintf(verdict.reason, sizeof verdict.reason, "X closed the stream");
    return verdict;
}

static void ended(void *context, const struct http_reply *reply) {
    struct x *x = context;
    x->stream = NULL;
    x->over = judge_end(x, reply);
    if (x->over.action == X_FATAL && x->backfill_minutes) {
        x->no_minutes = true; /* that may be why: it is asked without them */
        x->over.action = X_WAIT;
        x->over.ladder = LADDER_NETWORK;
    }
    timer_start(source_loop(x->port), &x->take, 0);
}

/* ---- connecting ---- */

/* As if it had failed: a run that is killed while it connects has made its try. */
static void note_try(struct x *x) {
    struct ladder tried = x->ladder;
    uint64_t wait_ms = ladder_fail(&tried, LADDER_NETWORK);
    x->memory.ladder = tried;
    x->memory.until_ms = clock_wall_ms() + (int64_t)wait_ms;
    x->memory.wait_ms = (int64_t)wait_ms;
    x_remember(x);
}

static void connect_now(struct x *x) {
    struct arena arena;
    arena_init(&arena);
    struct x_request request = x_stream_request(&x->access, x_missed_minutes(x), &arena);
    struct http_ask ask = x_ask(&request);
    ask.stall_ms = UINT32_MAX; /* it has a watch of its own */
    ask.compressed = true;
    ask.headed = headed;
    ask.piece = x_take_piece;
    ask.full = x_is_full;
    ask.replied = ended;
    ask.context = x;
    memory_free(x->form);
    x->form = request.body.length ? memory_copy_text(request.body.data) : NULL;
    ask.body = slice_of(x->form);
    x->stream = http_call_start(x->access.client, &ask);
    x->heard_ns = clock_monotonic_ns();
    timer_start(source_loop(x->port), &x->watch, stall_ms(x)); /* no answer is silence, too */
    arena_free(&arena);
}

static void token_fetched(void *context, const struct x_verdict *verdict) {
    struct x *x = context;
    if (verdict)
        x_lose(x, *verdict);
    else
        x_connect_soon(x, 0);
}

static void wait_fired(struct timer *timer) {
    struct x *x = CONTAINER_OF(timer, struct x, wait);
    if (x_token_missing(&x->access)) {
        x_token_fetch(&x->access, token_fetched, x);
        return;
    }
    if (x_thrift_mind(x) || x_match_first(x)) return;
    note_try(x);
    connect_now(x);
}

void x_connect_soon(struct x *x, uint64_t wait_ms) {
    timer_start(source_loop(x->port), &x->wait, wait_ms);
}

void x_stream_init(struct x *x) {
    x->watch.fire = watch_fired;
    x->stable.fire = stands;
    x->wait.fire = wait_fired;
}
