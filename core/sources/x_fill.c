/* sources/x_internal.h: gaps are closed by recent search, a rule after the other, newest first; or
 * the stream itself is asked for up to five minutes again.
 *
 * Posts that the stream has given, too, are told apart by their ids. Until it is done the gap is
 * remembered, so that a run that ends meanwhile leaves it to the next one. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "sources/x_internal.h"
#include "sources/x_page.h"
#include "json/projection.h"
#include <stdio.h>

/* What is shorter is nothing: posts take as long to come. */
#define LEAST_MS 1000
#define MOST_MINUTES 5
#define MINUTE_MS 60000
/* X finds posts of seven days. */
#define LONGEST_MS INT64_C(604000000)
#define MOST_BYTES ((size_t)16 << 20)
#define QUERY_BYTES 512

struct x_fill {
    struct x *x;
    const struct snapshot *snapshot; /* whose queries it asks for */
    struct arena arena;              /* of all of it */
    struct x_rule_list rules;
    size_t at; /* the rule that is asked for */
    int64_t from_ms, to_ms;
    struct slice next; /* its next page; empty: the first */
    bool endless;      /* a page names itself as the next one */
    struct http_call *call;
    struct x_page *page; /* NULL: none that is not handed on */
    struct ladder ladder;
    uint64_t posts;
};

static bool by_stream(const struct x *x) { return strcmp(x->settings->backfill, "minutes") == 0; }

unsigned x_fill_minutes(struct x *x) {
    int64_t missing_ms = clock_wall_ms() - x->memory.gap_ms;
    x->backfill_minutes = 0;
    if (x->access.v1 || !by_stream(x) || x->no_minutes || x->memory.gap_ms == 0) return 0;
    x->backfill_minutes = (unsigned)MIN(missing_ms / MINUTE_MS + 1, (int64_t)MOST_MINUTES);
    return x->backfill_minutes;
}

static void close_gap(struct x *x, const char *how) {
    x->memory.gap_ms = 0;
    snprintf(x->filled, sizeof x->filled, "last gap: %s", how);
    source_gap_closed(x->port, how);
    log_info("x", "the last gap: %s", how);
    x_remember(x);
}

static void fill_free(struct x_fill *fill) {
    if (fill->call) http_call_cancel(fill->call);
    if (fill->page) x_page_free(fill->page);
    snapshot_release(fill->snapshot);
    arena_free(&fill->arena);
    memory_free(fill);
}

void x_fill_stop(struct x *x) {
    timer_stop(&x->fill_wait);
    if (x->fill) fill_free(x->fill);
    x->fill = NULL;
}

static void end(struct x_fill *fill, const char *trouble) {
    struct x *x = fill->x;
    char how[80];
    if (trouble)
        snprintf(how, sizeof how, "not closed, %.60s", trouble);
    else
        snprintf(how, sizeof how, "closed by search, %llu posts", (unsigned long long)fill->posts);
    x_fill_stop(x);
    close_gap(x, how);
}

/* ---- pages ---- */

static void ask_page(struct x_fill *fill);

/* False: there is no batch to be had now. */
static bool hand_on(struct x_fill *fill) {
    struct x *x = fill->x;
    struct slice record;
    while (!x_page_ended(fill->page)) {
        struct batch *batch = source_batch(x->port);
        if (batch == NULL) return false;
        batch->place = (struct record_place){ .source = slice_of(x_host(&x->access)) };
        while (batch->count < BATCH_MESSAGES && x_page_next(fill->page, &batch->arena, &record))
            (void)batch_add(batch, record, 0);
        fill->posts += batch->count;
        x_read_add(&x->memory.read, batch->count, batch->received_ms);
        batch->position = x_memory_write(&x->memory, &batch->arena);
        source_submit(x->port, batch);
    }
    x_page_free(fill->page);
    fill->page = NULL;
    return true;
}

void x_fill_go_on(struct x *x) {
    struct x_fill *fill = x->fill;
    if (fill == NULL || fill->call || x->fill_wait.loop || (fill->page && !hand_on(fill))) return;
    if (x_thrift_mind(x)) return; /* it is over, and so is this */
    if (fill->next.length == 0) fill->at++;
    if (fill->endless)
        end(fill, "X names a page of its search as the one behind itself");
    else if (fill->at < fill->rules.count)
        ask_page(fill);
    else
        end(fill, NULL);
}

static void replied(void *context, const struct http_reply *reply) {
    struct x_fill *fill = context;
    struct x *x = fill->x;
    bool good = reply->outcome == HTTP_REPLIED && reply->status == 200;
    struct slice this = fill->next;
    fill->call = NULL;
    if (good) fill->page = x_page_read(reply->body, &fill->next, &fill->arena);
    if (fill->page) {
        fill->endless = this.length && slice_equal(this, fill->next);
        fill->ladder = (struct ladder){ 0 };
        x_fill_go_on(x);
        return;
    }
    struct x_verdict verdict = x_reply_judge(&x->access, reply);
    if (x_needs_token(x, &verdict)) {
        x_lose(x, verdict);
        return;
    }
    if (verdict.action != X_WAIT) {
        end(fill, verdict.reason);
        return;
    }
    int64_t wait_ms = (int64_t)ladder_fail(&fill->ladder, verdict.ladder);
    wait_ms = MAX(wait_ms, verdict.until_ms - clock_wall_ms());
    log_warning("x", "search: %s; next try in %.3g s", verdict.reason, (double)wait_ms / 1000);
    timer_start(source_loop(x->port), &x->fill_wait, (uint64_t)wait_ms);
}

static void ask_page(struct x_fill *fill) {
    struct arena arena;
    arena_init(&arena);
    struct x_request request = x_search_request(&fill->x->access, fill->rules.items[fill->at].value,
                                                fill->from_ms, fill->to_ms, fill->next, &arena);
    struct http_ask ask = x_ask(&request);
    ask.total_ms = MINUTE_MS;
    ask.most_bytes = MOST_BYTES;
    ask.compressed = true;
    ask.replied = replied;
    ask.context = fill;
    fill->call = http_call_start(fill->x->access.client, &ask);
    arena_free(&arena);
}

/* ---- from the gap's end on ---- */

static void begin(struct x *x) {
    struct x_fill *fill = memory_zeroed(1, sizeof *fill);
    int64_t now_ms = clock_wall_ms();
    arena_init(&fill->arena);
    fill->x = x;
    fill->from_ms = MAX(x->memory.gap_ms - LEAST_MS, now_ms - LONGEST_MS);
    /* to the second, and the whole of the last one; X takes no moment that has not passed */
    fill->to_ms = now_ms - x->settings->backfill_after_ms + LEAST_MS;
    fill->to_ms = MAX(MIN(fill->to_ms, now_ms), fill->from_ms + 2 * LEAST_MS);
    fill->snapshot = snapshot_hold(source_snapshot(x->port));
    struct x_wanted wanted = x_rules_wanted(fill->snapshot, QUERY_BYTES, 100, &fill->arena);
    fill->rules = wanted.rules;
    x->fill = fill;
    if (fill->rules.count == 0)
        end(fill, "no query that X looks for");
    else
        ask_page(fill);
}

static void wait_fired(struct timer *timer) {
    struct x *x = CONTAINER_OF(timer, struct x, fill_wait);
    if (x->fill)
        ask_page(x->fill);
    else
        begin(x);
}

void x_fill_plan(struct x *x) {
    char how[80];
    bool missing = x->memory.gap_ms && clock_wall_ms() - x->memory.gap_ms >= LEAST_MS;
    bool may = !x->access.v1 && (by_stream(x) || x_is_filtered(x->settings));
    x->filled[0] = '\0';
    if (!missing || !may || strcmp(x->settings->backfill, "off") == 0) {
        x->memory.gap_ms = 0;
        return;
    }
    if (x->backfill_minutes && clock_wall_ms() - x->memory.gap_ms <= MOST_MINUTES * MINUTE_MS) {
        snprintf(how, sizeof how, "closed by the stream, %u min again", x->backfill_minutes);
        close_gap(x, how);
        return;
    }
    if (!x_is_filtered(x->settings)) { /* search does not find what that stream gives */
        close_gap(x, "not closed, longer than 5 min");
        return;
    }
    snprintf(x->filled, sizeof x->filled, "last gap: to be looked for");
    timer_start(source_loop(x->port), &x->fill_wait, (uint64_t)x->settings->backfill_after_ms);
}

void x_fill_init(struct x *x) { x->fill_wait.fire = wait_fired; }
