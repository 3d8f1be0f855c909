/* Rules that the filtered stream should have for a snapshot's queries, and what has to be done to
 * those that it has. Rules of others are not touched: linnet's own have tags "linnet:NAME". Pure.
 */
#ifndef X_RULES_H
#define X_RULES_H

#include "base/compiler.h"
#include "config/snapshot.h"
#include "x/rule_list.h"

#define X_MOST_RULES 1000
#define X_RULE_TAG "linnet:"

/* A query that no rule can be made for. */
struct x_unruled {
    size_t query;
    const char *why;
};

struct x_wanted {
    struct x_rule_list rules;
    struct x_unruled *unruled;
    size_t unruled_count;
};

/* What the snapshot's queries want, in their order, each text once; all in the arena. `sample`: of
 * what they find only so many per cent; 100: all. */
struct x_wanted x_rules_wanted(const struct snapshot *snapshot, size_t most_bytes, unsigned sample,
                               struct arena *arena);

/* What leads from the rules that are there to those that are wanted, in this order. Nothing that is
 * wanted is missing meanwhile, but where X would not take a text twice, or more rules than it may
 * have.
 *
 * When there are more than X takes, the last of them are put together, as many in one rule as it
 * may be long, under the name of the first query among them. What finds no place even so depends
 * only on the queries and on how many rules others have. */
struct x_rule_plan {
    struct x_rule_list first;    /* to be added */
    struct x_rule_list stale;    /* to be deleted */
    struct x_rule_list then;     /* to be added */
    struct x_rule_list left_out; /* wanted ones that find no place, the last ones */
    size_t kept, foreign;        /* own ones that stay; those of others */
};
struct x_rule_plan x_rules_plan(const struct x_wanted *wanted, const struct x_rule_list *present,
                                struct arena *arena);

#endif
