/* x/blame.h */
#include "x/blame.h"
#include <stdio.h>

/* ", shared with 3 other queries": what several queries ask for in one rule falls together. */
static const char *sharing(const struct x_rule *rule, char *out, size_t size) {
    out[0] = '\0';
    if (rule->shared)
        snprintf(out, size, ", shared with %zu other %s", rule->shared,
                 rule->shared == 1 ? "query" : "queries");
    return out;
}

void x_blame_refused(const struct snapshot *snapshot, const struct x_rule *rule, const char *why,
                     struct error *err) {
    char shared[60];
    error_set(err, ERROR_FAILED, "query %s: X refuses its rule \"%.*s\"%s: %s",
              snapshot->query_names[rule->query], SLICE_ARGS(slice_first(rule->value, 200)),
              sharing(rule, shared, sizeof shared), why);
    snapshot_locate_query(snapshot, rule->query, err);
}

void x_blame_unruled(const struct snapshot *snapshot, const struct x_unruled *unruled,
                     struct error *err) {
    error_set(err, ERROR_FAILED, "query %s: X is not asked for it: %s",
              snapshot->query_names[unruled->query], unruled->why);
    snapshot_locate_query(snapshot, unruled->query, err);
}

void x_blame_left_out(const struct snapshot *snapshot, const struct x_rule *rule,
                      struct error *err) {
    char shared[60];
    error_set(err, ERROR_FAILED, "query %s: its rule finds no place%s: X takes %d",
              snapshot->query_names[rule->query], sharing(rule, shared, sizeof shared),
              X_MOST_RULES);
    snapshot_locate_query(snapshot, rule->query, err);
}
