/* x/internal.h: a gap is closed by recent search, a query after the other, newest posts
 * first.
 *
 * Queries are gone through in the order of their hashes, so that whatever is added or deleted
 * meanwhile, a search that was left goes on from the oldest post of the query that it had come to:
 * no page is paid for twice. No page is greater than what is left of a budget, down to the ten
 * posts that X gives at least. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "x/internal.h"
#include "x/page.h"
#include "json/projection.h"
#include <stdio.h>
#include <stdlib.h>

#define MINUTE_MS 60000
/* Pages without a post, one after the other. */
#define MOST_EMPTY 10
/* X finds posts of seven days. */
#define LONGEST_MS INT64_C(604000000)
#define MOST_BYTES ((size_t)16 << 20)
#define QUERY_BYTES 512
#define LEAST_POSTS 10 /* of a page */
#define MOST_POSTS 100

struct query {
    uint64_t hash;
    struct slice text;
};

struct x_fill {
    struct x *x;
    const struct snapshot *snapshot; /* whose queries it asks for */
    struct arena arena;              /* of all of it */
    struct query *queries;           /* by their hashes */
    size_t count, at;                /* `at`: the one that is asked for */
    int64_t gap_ms;                  /* when its gap began */
    struct x_search search;          /* what is asked for next */
    bool in_part;                    /* the gap began before what X finds */
    unsigned empty;                  /* so many of the last pages had no post */
    bool endless;                    /* pages lead to themselves, or nowhere */
    struct http_call *call;
    struct x_page *page; /* NULL: none that is not handed on */
    struct timer wait;
    struct ladder ladder;
};

static struct x_gap *gap_of(const struct x_fill *fill) {
    return x_gaps_find(&fill->x->memory.gaps, fill->gap_ms);
}

void x_fill_leave(struct x *x) {
    struct x_fill *fill = x->fill;
    if (fill == NULL) return;
    timer_stop(&fill->wait);
    if (fill->call) http_call_cancel(fill->call);
    fill->call = NULL;
}

void x_fill_stop(struct x *x) {
    struct x_fill *fill = x->fill;
    if (fill == NULL) return;
    x_fill_leave(x);
    if (fill->page) x_page_free(fill->page);
    snapshot_release(fill->snapshot);
    arena_free(&fill->arena);
    memory_free(fill);
    x->fill = NULL;
}

static void end(struct x_fill *fill) {
    char how[X_HOW_BYTES];
    snprintf(how, sizeof how, "closed %sby search, %llu posts%s", fill->in_part ? "in part " : "",
             (unsigned long long)gap_of(fill)->posts,
             fill->in_part ? " of the last seven days" : "");
    x_missed_end(fill->x, fill->gap_ms, false, how);
}

/* `later`: it may be otherwise with another stream, or in another run. */
static void give_up(struct x_fill *fill, bool later, const char *trouble) {
    char how[X_HOW_BYTES];
    unsigned long long posts = gap_of(fill)->posts;
    if (posts)
        snprintf(how, sizeof how, "closed in part by search, %llu posts: %s", posts, trouble);
    else
        snprintf(how, sizeof how, "not closed, %s", trouble);
    x_missed_end(fill->x, fill->gap_ms, later, how);
}

/* ---- queries ---- */

static int compare(const void *a, const void *b) {
    uint64_t left = ((const struct query *)a)->hash, right = ((const struct query *)b)->hash;
    return (left > right) - (left < right);
}

static void take_queries(struct x_fill *fill) {
    struct x_wanted wanted = x_rules_wanted(fill->snapshot, QUERY_BYTES, 100, &fill->arena);
    fill->count = wanted.rules.count;
    fill->queries = arena_alloc(&fill->arena, (fill->count + 1) * sizeof *fill->queries);
    for (size_t i = 0; i < fill->count; i++) {
        struct slice text = wanted.rules.items[i].value;
        fill->queries[i] = (struct query){ hash_bytes(text), text };
    }
    qsort(fill->queries, fill->count, sizeof *fill->queries, compare);
}

/* The first page of the query at hand, or of what is left of it. */
static void begin_query(struct x_fill *fill) {
    const struct x_gap *gap = gap_of(fill);
    int64_t now_ms = clock_wall_ms(), since_ms = x_id_ms(gap->since_id);
    bool known = gap->since_id && since_ms > now_ms - LONGEST_MS && since_ms < now_ms;
    const struct query *query = &fill->queries[fill->at];
    fill->search.query = query->text;
    fill->search.since_id = known ? gap->since_id : 0;
    fill->search.until_id = known ? x_id_at(fill->search.to_ms) : 0;
    if (query->hash == gap->query && gap->until_id) fill->search.until_id = gap->until_id;
}

/* What was asked for is all there. */
static void end_query(struct x_fill *fill) {
    struct x_gap *gap = gap_of(fill);
    gap->query = fill->queries[fill->at++].hash + 1;
    gap->until_id = 0;
}

/* ---- pages ---- */

static void ask_page(struct x_fill *fill);

/* False: there is no batch to be had now. */
static bool hand_on(struct x_fill *fill) {
    struct x *x = fill->x;
    struct slice record;
    uint64_t id = 0;
    while (!x_page_ended(fill->page)) {
        struct batch *batch = source_batch(x->port);
        if (batch == NULL) return false;
        batch->place = (struct record_place){ .source = slice_of(x_host(&x->access)) };
        while (batch->count < BATCH_MESSAGES &&
               x_page_next(fill->page, &batch->arena, &record, &id))
            (void)batch_add(batch, record, 0);
        struct x_gap *gap = gap_of(fill);
        gap->posts += batch->count;
        uint64_t query = fill->queries[fill->at].hash;
        bool newer = gap->query == query && gap->until_id && id >= gap->until_id;
        if (id && newer) fill->endless = true; /* the newest come first */
        if (id && !newer) gap->until_id = id;
        gap->query = query;
        batch->position = x_memory_write(&x->memory, &batch->arena);
        source_submit(x->port, batch);
    }
    x_page_free(fill->page);
    fill->page = NULL;
    if (fill->search.next.length == 0) end_query(fill);
    return true;
}

bool x_fill_taken(struct x *x) {
    return x->fill == NULL || x->fill->page == NULL || hand_on(x->fill);
}

void x_fill_go_on(struct x *x) {
    struct x_fill *fill = x->fill;
    if (fill == NULL || fill->page == NULL || !hand_on(fill)) return;
    if (x->over.action != X_GO_ON || x_thrift_mind(x)) return; /* it is over, and so is this */
    if (fill->endless)
        give_up(fill, true, "X's search does not go on: its pages go round");
    else if (fill->at == fill->count)
        end(fill);
    else {
        if (fill->search.next.length == 0) begin_query(fill);
        ask_page(fill);
    }
}

static void take_page(struct x_fill *fill, struct slice asked) {
    struct x *x = fill->x;
    fill->empty = x_page_ended(fill->page) ? fill->empty + 1 : 0;
    fill->endless = (asked.length && slice_equal(asked, fill->search.next)) ||
                    (fill->search.next.length && fill->empty > MOST_EMPTY);
    fill->ladder = (struct ladder){ 0 };
    x_read_add(&x->memory.read, x_page_count(fill->page), clock_wall_ms());
    x_fill_go_on(x);
}

static void replied(void *context, const struct http_reply *reply) {
    struct x_fill *fill = context;
    struct x *x = fill->x;
    bool good = reply->outcome == HTTP_REPLIED && reply->status == 200;
    struct slice asked = fill->search.next;
    fill->call = NULL;
    if (good) fill->page = x_page_read(reply->body, &fill->search.next, &fill->arena);
    if (fill->page) {
        take_page(fill, asked);
        return;
    }
    struct x_verdict verdict = x_reply_judge(&x->access, reply);
    int64_t now_ms = clock_wall_ms(), wait_ms = 0;
    if (x_needs_token(x, &verdict)) {
        x_lose(x, verdict);
        return;
    }
    if (verdict.action == X_FATAL) {
        give_up(fill, true, verdict.reason);
        return;
    }
    if (verdict.action == X_WAIT) wait_ms = (int64_t)ladder_fail(&fill->ladder, verdict.ladder);
    wait_ms = MAX(wait_ms, verdict.until_ms - now_ms);
    log_warning("x", "search: %s; next try in %.3g s", verdict.reason, (double)wait_ms / 1000);
    timer_start(source_loop(x->port), &fill->wait, (uint64_t)wait_ms);
}

static void ask_page(struct x_fill *fill) {
    struct x *x = fill->x;
    struct arena arena;
    arena_init(&arena);
    uint64_t left = x_spend_left(x->settings, &x->memory.read, clock_wall_ms());
    fill->search.most = (unsigned)MAX(MIN(left, (uint64_t)MOST_POSTS), (uint64_t)LEAST_POSTS);
    struct x_request request = x_search_request(&x->access, &fill->search, &arena);
    struct http_ask ask = x_ask(&request);
    ask.total_ms = MINUTE_MS;
    ask.most_bytes = MOST_BYTES;
    ask.compressed = true;
    ask.replied = replied;
    ask.context = fill;
    fill->call = http_call_start(x->access.client, &ask);
    arena_free(&arena);
}

static void wait_fired(struct timer *timer) { ask_page(CONTAINER_OF(timer, struct x_fill, wait)); }

/* ---- a gap ---- */

void x_fill_start(struct x *x, const struct x_gap *gap) {
    struct x_fill *fill = memory_zeroed(1, sizeof *fill);
    int64_t now_ms = clock_wall_ms(), oldest_ms = now_ms - LONGEST_MS;
    arena_init(&fill->arena);
    x->fill = fill;
    fill->x = x;
    fill->gap_ms = gap->from_ms;
    fill->wait.fire = wait_fired;
    fill->in_part = gap->from_ms < oldest_ms;
    fill->search.from_ms = MAX(gap->from_ms - X_LEAST_GAP_MS, oldest_ms);
    /* to the second, and the whole of the last one; X takes no moment that has not passed */
    fill->search.to_ms = MIN(gap->to_ms + X_LEAST_GAP_MS, now_ms);
    fill->search.to_ms = MAX(fill->search.to_ms, fill->search.from_ms + 2 * X_LEAST_GAP_MS);
    fill->snapshot = snapshot_hold(source_snapshot(x->port));
    take_queries(fill);
    while (fill->at < fill->count && fill->queries[fill->at].hash < gap->query)
        fill->at++;
    if (gap->to_ms <= oldest_ms)
        give_up(fill, false, "X's search finds posts of seven days");
    else if (fill->count == 0)
        give_up(fill, true, "no query that X looks for");
    else if (fill->at == fill->count)
        end(fill);
    else {
        begin_query(fill);
        ask_page(fill);
    }
}
