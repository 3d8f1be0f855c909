/* x/internal.h: the rules of the stream are those of the queries, at the start and after
 * each reload, over the stream that stands. */
#include "base/log.h"
#include "x/blame.h"
#include "x/internal.h"

/* So many queries are shown with their places, of more it is said how many there are. */
#define MOST_SHOWN 10

static void refused(void *context, const struct x_rule *rule, const char *why) {
    struct x *x = context;
    struct error err;
    x->refused++;
    if (rule == NULL) {
        log_warning("x", "X refuses rules: %s", why);
        return;
    }
    if (x->refused > MOST_SHOWN) return;
    x_blame_refused(x_sync_snapshot(x->sync), rule, why, &err);
    log_place(LOG_WARNING, "x", "a rule is refused:", &err);
}

static void tell_others(size_t count) {
    if (count > MOST_SHOWN)
        log_warning("x", "%zu others likewise: `linnet rules diff` shows them", count - MOST_SHOWN);
}

static void tell_unruled(const struct snapshot *snapshot, const struct x_wanted *wanted) {
    struct error err;
    for (size_t i = 0; i < MIN(wanted->unruled_count, (size_t)MOST_SHOWN); i++) {
        x_blame_unruled(snapshot, &wanted->unruled[i], &err);
        log_place(LOG_WARNING, "x", "a query has no rule:", &err);
    }
    tell_others(wanted->unruled_count);
}

static void tell_left_out(const struct snapshot *snapshot, const struct x_rule_list *left_out) {
    struct error err;
    if (left_out->count == 0) return;
    log_warning("x", "rules: X takes %d, and %zu find no place", X_MOST_RULES, left_out->count);
    for (size_t i = 0; i < MIN(left_out->count, (size_t)MOST_SHOWN); i++) {
        x_blame_left_out(snapshot, &left_out->items[i], &err);
        log_place(LOG_WARNING, "x", "a rule finds no place:", &err);
    }
    tell_others(left_out->count);
}

static void tell_done(struct x *x, const struct x_wanted *wanted, const struct x_rule_plan *plan) {
    const struct snapshot *snapshot = x_sync_snapshot(x->sync);
    size_t asked = plan->first.count + plan->then.count, added = asked - MIN(asked, x->refused);
    tell_others(x->refused);
    tell_unruled(snapshot, wanted);
    if (added || plan->stale.count)
        log_info("x", "rules: %zu added, %zu deleted, %zu kept, %zu of others", added,
                 plan->stale.count, plan->kept, plan->foreign);
    tell_left_out(snapshot, &plan->left_out);
    x->unruled = wanted->unruled_count;
    x->left_out = plan->left_out.count;
    x->foreign = plan->foreign;
}

static void begin(struct x *x);

static void done(void *context, const struct x_verdict *verdict, const struct x_wanted *wanted,
                 const struct x_rule_plan *plan) {
    struct x *x = context;
    bool first = x->stream == NULL;
    if (verdict == NULL) tell_done(x, wanted, plan);
    x->sync = NULL;
    if (verdict == NULL) {
        x->sync_ladder = (struct ladder){ 0 };
        x->rules_known = !x->sync_again;
        if (first) x_connect_soon(x, 0);
        if (!first && x->sync_again) begin(x);
        return;
    }
    if (first || x_needs_token(x, verdict)) {
        x_lose(x, *verdict);
        return;
    }
    bool rate = verdict->ladder == LADDER_RATE;
    uint64_t wait_ms = ladder_fail(&x->sync_ladder, rate ? LADDER_RATE : LADDER_SERVER);
    log_warning("x", "%s; next try in %.3g s", verdict->reason, (double)wait_ms / 1000);
    timer_start(source_loop(x->port), &x->sync_wait, wait_ms);
}

static void begin(struct x *x) {
    const struct x_sync_options options = { .access = &x->access,
                                            .snapshot = source_snapshot(x->port),
                                            .sample = x_thrift_sample(x),
                                            .refused = refused,
                                            .done = done,
                                            .context = x };
    x->sync_again = false;
    x->refused = 0;
    x->sync = x_sync_start(&options);
}

bool x_has_queries(const struct x *x) {
    return query_set_count(source_snapshot(x->port)->queries) > 0;
}

/* Without queries there is nothing to be asked for: what the stream says comes first. */
bool x_match_first(struct x *x) {
    if (!x_keeps_rules(x->settings) || !x_has_queries(x) || x->rules_known) return false;
    begin(x);
    return true;
}

void x_match_connected(struct x *x) {
    bool unknown = x_keeps_rules(x->settings) && !x->rules_known && x->sync == NULL;
    if (unknown) timer_start(source_loop(x->port), &x->sync_wait, 0);
}

void x_rules_changed(struct x *x) {
    x->rules_known = false;
    x->sync_again = true;
    timer_stop(&x->sync_wait);
    if (!x_keeps_rules(x->settings) || x->sync) return;
    if (x->stream)
        begin(x);
    else if (x->no_rules && x_has_queries(x))
        x_connect_soon(x, 0);
}

static void try_again(struct timer *timer) { begin(CONTAINER_OF(timer, struct x, sync_wait)); }

void x_match_init(struct x *x) { x->sync_wait.fire = try_again; }

void x_match_stop(struct x *x) {
    if (x->sync) x_sync_cancel(x->sync);
    x->sync = NULL;
    timer_stop(&x->sync_wait);
}
