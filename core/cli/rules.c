/* Verb "rules": the queries of a configuration against the rules on X; only linnet's own are
 * touched. */
#include "cli/rules.h"
#include "base/slice.h"
#include "cli/print.h"
#include "cli/setup.h"
#include "post/query_push.h"
#include "sources/registry.h"
#include "x/blame.h"
#include "x/sync.h"

struct looking {
    struct loop *loop;
    struct x_access access;
    const struct snapshot *snapshot;
    bool apply;
    struct x_sync *sync;
    int code;
};

static void print_rules(const char *mark, const struct x_rule_list *rules) {
    for (size_t i = 0; i < rules->count; i++) {
        print("%s ", mark);
        print_text(rules->items[i].tag);
        print("\t");
        print_text(rules->items[i].value);
        print("\n");
    }
}

static void refused(void *context, const struct x_rule *rule, const char *why) {
    struct looking *looking = context;
    struct error err;
    looking->code = 1;
    if (rule == NULL) {
        complain("linnet rules: X says: %s\n", why);
        return;
    }
    x_blame_refused(looking->snapshot, rule, why, &err);
    complain_error(&err);
}

/* So many are shown with their places. */
#define MOST_SHOWN 100

static void complain_others(size_t count) {
    if (count > MOST_SHOWN) complain("%zu others likewise\n", count - MOST_SHOWN);
}

static void tell_unruled(const struct snapshot *snapshot, const struct x_wanted *wanted) {
    struct error err;
    for (size_t i = 0; i < MIN(wanted->unruled_count, (size_t)MOST_SHOWN); i++) {
        x_blame_unruled(snapshot, &wanted->unruled[i], &err);
        complain_error(&err);
    }
    complain_others(wanted->unruled_count);
}

static void tell_left_out(const struct snapshot *snapshot, const struct x_rule_list *left_out) {
    struct error err;
    if (left_out->count == 0) return;
    for (size_t i = 0; i < MIN(left_out->count, (size_t)MOST_SHOWN); i++) {
        x_blame_left_out(snapshot, &left_out->items[i], &err);
        complain_error(&err);
    }
    complain_others(left_out->count);
    complain("rules: X takes %d, and %zu find no place\n", X_MOST_RULES, left_out->count);
}

static void done(void *context, const struct x_verdict *verdict, const struct x_wanted *wanted,
                 const struct x_rule_plan *plan) {
    struct looking *looking = context;
    looking->sync = NULL;
    loop_stop(looking->loop);
    if (verdict) {
        complain("linnet rules: %s\n", verdict->reason);
        looking->code = 1;
        return;
    }
    print_rules("+", &plan->first);
    print_rules("+", &plan->then);
    print_rules("-", &plan->stale);
    tell_unruled(looking->snapshot, wanted);
    complain("%zu to add, %zu to delete, %zu as they should be, %zu of others%s\n",
             plan->first.count + plan->then.count, plan->stale.count, plan->kept, plan->foreign,
             looking->apply ? looking->code ? ": some were refused" : ": done" : "");
    tell_left_out(looking->snapshot, &plan->left_out);
    if (plan->left_out.count) looking->code = 1;
}

static void start(struct looking *looking) {
    const struct x_sync_options options = { .access = &looking->access,
                                            .snapshot = looking->snapshot,
                                            .only_look = !looking->apply,
                                            .refused = refused,
                                            .done = done,
                                            .context = looking };
    looking->sync = x_sync_start(&options);
}

static void fetched(void *context, const struct x_verdict *verdict) {
    struct looking *looking = context;
    if (verdict == NULL) {
        start(looking);
        return;
    }
    complain("linnet rules: %s\n", verdict->reason);
    looking->code = 1;
    loop_stop(looking->loop);
}

static int look(const struct snapshot *snapshot, const struct part_config *source, bool apply) {
    struct error err;
    struct looking looking = { .snapshot = snapshot, .apply = apply };
    looking.loop = loop_create();
    if (!x_access_open(&looking.access, source->settings, looking.loop, &err)) {
        loop_destroy(looking.loop);
        return complain_error(&err);
    }
    if (x_token_missing(&looking.access))
        x_token_fetch(&looking.access, fetched, &looking);
    else
        start(&looking);
    loop_run(looking.loop);
    if (looking.sync) x_sync_cancel(looking.sync);
    x_access_close(&looking.access);
    loop_destroy(looking.loop);
    return looking.code;
}

static bool has_rules(const struct snapshot *snapshot) {
    for (size_t i = 0; i < snapshot->source_count; i++) {
        const struct part_config *source = &snapshot->sources[i];
        if (source->kind == &x_source.kind && x_keeps_rules(source->settings)) return true;
    }
    return false;
}

void rules_warn(const struct snapshot *snapshot) {
    const struct x_rule_list none = { 0 };
    struct arena arena;
    if (!has_rules(snapshot)) return;
    arena_init(&arena);
    struct x_wanted wanted = x_rules_wanted(snapshot, RULE_MAX_BYTES, 100, &arena);
    struct x_rule_plan plan = x_rules_plan(&wanted, &none, &arena);
    tell_unruled(snapshot, &wanted);
    tell_left_out(snapshot, &plan.left_out);
    arena_free(&arena);
}

int verb_rules(const struct arguments *arguments) {
    struct slice action = slice_of(arguments->word_count == 1 ? arguments->words[0] : "");
    bool apply = slice_is(action, "apply");
    int code;
    if (!apply && !slice_is(action, "diff"))
        return wrong_words("rules", "diff or apply?", arguments);
    struct snapshot *snapshot = setup_snapshot(arguments, SETUP_NEEDED, NULL, &code);
    if (snapshot == NULL) return code;
    size_t found = 0;
    for (size_t i = 0; i < snapshot->source_count; i++) {
        const struct part_config *source = &snapshot->sources[i];
        if (source->kind != &x_source.kind || !x_is_filtered(source->settings)) continue;
        int looked = look(snapshot, source, apply);
        found++;
        code = MAX(code, looked);
    }
    if (found == 0) {
        complain("linnet rules: the configuration has no source x with a filtered stream\n");
        code = 1;
    }
    snapshot_release(snapshot);
    return code;
}
