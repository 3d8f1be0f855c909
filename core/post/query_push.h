/* Queries as rules of X's filtered stream: what X can evaluate is asked of it, the rest stays here.
 *
 * A rule is never narrower than its query: whatever post of X the query holds for, one of its rules
 * does. What X does not evaluate as linnet does (prefix*, NEAR, regular expressions, samples) is
 * left out where that makes a rule wider, and where it would not, there is no rule. Pure.
 *
 * Source: X API v2, "Build a rule" and "Operators" of the filtered stream. */
#ifndef POST_QUERY_PUSH_H
#define POST_QUERY_PUSH_H

#include "post/query.h"

#define RULE_MAX_BYTES 1024

struct rule_texts {
    struct slice *items;
    size_t count;
    const char *why_none; /* a reason, when there are none */
    bool whole;           /* they say all that the query does */
};

/* The rules of a query, each of `most_bytes` at most, in the arena. */
struct rule_texts query_set_rules(const struct query_set *set, size_t query, size_t most_bytes,
                                  struct arena *arena);

#endif
