/* x/sync.h */
#include "x/sync.h"
#include "base/alloc.h"
#include "net/uri.h"
#include "post/query_push.h"
#include "x/rule_talk.h"
#include <stdio.h>

#define RULES_PATH "/2/tweets/search/stream/rules"
#define MOST_PAGES 32
#define MOST_BYTES ((size_t)4 << 20)
#define TOTAL_MS 60000

enum step { STEP_LIST, STEP_FIRST, STEP_STALE, STEP_THEN, STEP_DONE };

struct x_sync {
    struct x_sync_options options;
    struct arena arena;
    struct http_call *call;
    enum step step;
    size_t at, asked; /* of the step's list: done, and under way */
    unsigned pages;
    struct slice next; /* page */
    struct x_rule_list present;
    struct x_wanted wanted;
    struct x_rule_plan plan;
};

static void go_on(struct x_sync *sync);

static void finish(struct x_sync *sync, const struct x_verdict *verdict) {
    sync->options.done(sync->options.context, verdict, &sync->wanted, &sync->plan);
    x_sync_cancel(sync);
}

/* NULL, or what is wrong with it. */
static const char *take_page(struct x_sync *sync, struct slice body) {
    struct slice asked = sync->next;
    if (!x_rules_read(body, &sync->present, &sync->next, &sync->arena))
        return "X's answer is no list of rules";
    if (sync->next.length && slice_equal(sync->next, asked))
        return "X's list of rules does not go on: a page names itself as the next";
    if (sync->next.length && ++sync->pages == MOST_PAGES) return "X's list of rules does not end";
    if (sync->next.length) return NULL;
    sync->plan = x_rules_plan(&sync->wanted, &sync->present, &sync->arena);
    sync->step = sync->options.only_look ? STEP_DONE : STEP_FIRST;
    return NULL;
}

static struct x_rule_list *list_of(struct x_sync *sync) {
    switch (sync->step) {
    case STEP_FIRST: return &sync->plan.first;
    case STEP_STALE: return &sync->plan.stale;
    case STEP_THEN: return &sync->plan.then;
    default: return NULL;
    }
}

static void refused(void *context, const struct x_rule *rule, const char *why) {
    const struct x_sync_options *options = &((const struct x_sync *)context)->options;
    options->refused(options->context, rule, why);
}

static void fail(struct x_sync *sync, struct x_verdict verdict) {
    struct x_verdict told = verdict;
    snprintf(told.reason, sizeof told.reason, "rules: %.380s", verdict.reason);
    finish(sync, &told);
}

static void replied(void *context, const struct http_reply *reply) {
    struct x_sync *sync = context;
    const struct x_sync_options *options = &sync->options;
    const char *wrong = NULL;
    sync->call = NULL;
    if (reply->outcome != HTTP_REPLIED || reply->status / 100 != 2) {
        fail(sync, x_reply_judge(options->access, reply));
        return;
    }
    if (sync->step == STEP_LIST)
        wrong = take_page(sync, reply->body);
    else {
        struct slice shown = x_without_secrets(options->access, reply->body, &sync->arena);
        if (sync->step != STEP_STALE) x_rules_refused(shown, list_of(sync), refused, sync);
        sync->at += sync->asked;
    }
    if (wrong) {
        struct x_verdict verdict = { .action = X_WAIT, .ladder = LADDER_SERVER };
        snprintf(verdict.reason, sizeof verdict.reason, "%s", wrong);
        fail(sync, verdict);
    } else
        go_on(sync);
}

static void ask(struct x_sync *sync, const char *target, struct slice body) {
    struct arena arena;
    arena_init(&arena);
    struct x_request request = x_api_request(sync->options.access, target, body, &arena);
    struct http_ask asking = x_ask(&request);
    asking.total_ms = TOTAL_MS;
    asking.most_bytes = MOST_BYTES;
    asking.replied = replied;
    asking.context = sync;
    sync->call = http_call_start(sync->options.access->client, &asking);
    arena_free(&arena);
}

static void ask_page(struct x_sync *sync) {
    struct slice target = SLICE(RULES_PATH);
    if (sync->next.length)
        target = ARENA_JOIN(&sync->arena, target, SLICE("?pagination_token="),
                            uri_encode(sync->next, false, &sync->arena));
    ask(sync, target.data, SLICE(""));
}

static void go_on(struct x_sync *sync) {
    struct x_rule_list *list;
    if (sync->step == STEP_LIST) {
        ask_page(sync);
        return;
    }
    while ((list = list_of(sync)) && sync->at == list->count) {
        sync->at = 0;
        sync->step++;
    }
    if (list == NULL) {
        finish(sync, NULL);
        return;
    }
    struct slice body = sync->step == STEP_STALE
                            ? x_rules_delete_body(list, sync->at, &sync->asked, &sync->arena)
                            : x_rules_add_body(list, sync->at, &sync->asked, &sync->arena);
    ask(sync, RULES_PATH, body);
}

struct x_sync *x_sync_start(const struct x_sync_options *options) {
    struct x_sync *sync = memory_zeroed(1, sizeof *sync);
    sync->options = *options;
    snapshot_hold(options->snapshot);
    arena_init(&sync->arena);
    sync->wanted = x_rules_wanted(options->snapshot, RULE_MAX_BYTES,
                                  options->sample ? options->sample : 100, &sync->arena);
    go_on(sync);
    return sync;
}

const struct snapshot *x_sync_snapshot(const struct x_sync *sync) { return sync->options.snapshot; }

void x_sync_cancel(struct x_sync *sync) {
    if (sync->call) http_call_cancel(sync->call);
    snapshot_release(sync->options.snapshot);
    arena_free(&sync->arena);
    memory_free(sync);
}
