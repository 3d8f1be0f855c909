/* Verb "rules": the queries of a configuration against the rules on X; only linnet's own are
 * touched. */
#include "base/slice.h"
#include "cli/print.h"
#include "cli/setup.h"
#include "sources/registry.h"
#include "sources/x_sync.h"
#include <stdio.h>

struct looking {
    struct loop *loop;
    struct x_access access;
    const struct snapshot *snapshot;
    bool apply;
    struct x_sync *sync;
    unsigned wrong; /* rules that X refused, queries that have none */
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

/* Where the query stands, as for any other mistake of a configuration. */
static void complain_query(struct looking *looking, size_t query, const char *text) {
    const struct snapshot *snapshot = looking->snapshot;
    struct error err = { 0 };
    error_set(&err, ERROR_FAILED, "query %s: %s", snapshot->query_names[query], text);
    if (query < snapshot->query_place_count) {
        const struct query_place *place = &snapshot->query_places[query];
        snprintf(err.file, sizeof err.file, "%s", place->file);
        snprintf(err.quoted, sizeof err.quoted, "%s", place->quoted);
        err.line = place->line;
        err.column = place->column;
        err.caret = place->caret;
    }
    complain_error(&err);
    looking->wrong++;
}

static void refused(void *context, const struct x_rule *rule, const char *why) {
    struct looking *looking = context;
    char text[700];
    looking->code = 1;
    if (rule == NULL) {
        complain("linnet rules: X says: %s\n", why);
        return;
    }
    snprintf(text, sizeof text, "X refuses its rule \"%.*s\": %s",
             SLICE_ARGS(slice_first(rule->value, 200)), why);
    complain_query(looking, rule->query, text);
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
    for (size_t i = 0; i < wanted->unruled_count; i++) {
        char text[200];
        snprintf(text, sizeof text, "X is not asked for it: %s", wanted->unruled[i].why);
        complain_query(looking, wanted->unruled[i].query, text);
    }
    complain("%zu to add, %zu to delete, %zu as they should be, %zu of others%s\n",
             plan->first.count + plan->then.count, plan->stale.count, plan->kept, plan->foreign,
             looking->apply ? looking->code ? ": some were refused" : ": done" : "");
    if (plan->too_many == 0) return;
    complain("linnet rules: X takes %d, and %zu find no place\n", X_MOST_RULES, plan->too_many);
    looking->code = 1;
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
