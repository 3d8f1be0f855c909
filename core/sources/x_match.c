/* sources/x_internal.h: the rules of the stream are those of the queries, at the start and after
 * each reload, over the stream that stands. */
#include "base/log.h"
#include "post/query_push.h"
#include "sources/x_internal.h"

/* A query's name and where it was written. */
static struct slice query_shown_at(const struct snapshot *snapshot, size_t query,
                                   struct arena *arena) {
    const char *name = snapshot->query_names[query];
    bool placed = query < snapshot->query_place_count && snapshot->query_places[query].line > 0;
    if (!placed) return arena_format(arena, "query %s", name);
    const struct query_place *place = &snapshot->query_places[query];
    return arena_format(arena, "%s:%d:%d: query %s", place->file, place->line, place->column, name);
}

static void refused(void *context, const struct x_rule *rule, const char *why) {
    struct x *x = context;
    const struct snapshot *snapshot = x_sync_snapshot(x->sync);
    struct arena arena;
    x->refused++;
    if (rule == NULL) {
        log_warning("x", "X refuses rules: %s", why);
        return;
    }
    arena_init(&arena);
    struct slice where = query_shown_at(snapshot, rule->query, &arena);
    log_warning("x", "%.*s: X refuses its rule \"%.*s\": %s", SLICE_ARGS(where),
                SLICE_ARGS(slice_first(rule->value, 200)), why);
    arena_free(&arena);
}

static void tell_unruled(const struct snapshot *snapshot, const struct x_wanted *wanted) {
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < wanted->unruled_count; i++) {
        struct slice where = query_shown_at(snapshot, wanted->unruled[i].query, &arena);
        log_info("x", "%.*s: X is not asked for it: %s", SLICE_ARGS(where), wanted->unruled[i].why);
    }
    arena_free(&arena);
}

static void tell_done(const struct x *x, const struct x_wanted *wanted,
                      const struct x_rule_plan *plan) {
    const struct snapshot *snapshot = x_sync_snapshot(x->sync);
    size_t asked = plan->first.count + plan->then.count, added = asked - MIN(asked, x->refused);
    tell_unruled(snapshot, wanted);
    if (added || plan->stale.count)
        log_info("x", "rules: %zu added, %zu deleted, %zu kept, %zu of others", added,
                 plan->stale.count, plan->kept, plan->foreign);
    if (plan->too_many)
        log_warning("x", "rules: X takes %d, and %zu find no place", X_MOST_RULES, plan->too_many);
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

/* Only the filtered stream has rules. Without queries everything is kept, and what comes is for
 * others to say. */
static bool has_rules(const struct x *x) {
    return x_is_filtered(x->settings) && strcmp(x->settings->rules, "sync") == 0 &&
           query_set_count(source_snapshot(x->port)->queries) > 0;
}

bool x_match_first(struct x *x) {
    if (!has_rules(x) || x->rules_known) return false;
    begin(x);
    return true;
}

void x_rules_changed(struct x *x) {
    x->rules_known = false;
    x->sync_again = true;
    timer_stop(&x->sync_wait);
    if (x->stream && x->sync == NULL && has_rules(x)) begin(x);
}

static void try_again(struct timer *timer) { begin(CONTAINER_OF(timer, struct x, sync_wait)); }

void x_match_init(struct x *x) { x->sync_wait.fire = try_again; }

void x_match_stop(struct x *x) {
    if (x->sync) x_sync_cancel(x->sync);
    x->sync = NULL;
    timer_stop(&x->sync_wait);
}
