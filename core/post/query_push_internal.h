/* Between reading a query for X (query_push.c, query_push_leaf.c) and writing it as rules
 * (query_push_write.c). */
#ifndef POST_QUERY_PUSH_INTERNAL_H
#define POST_QUERY_PUSH_INTERNAL_H

#include "post/query_internal.h"
#include "post/query_push.h"

enum push_op {
    PUSH_ALL,  /* nothing can be said: it may hold for any post */
    PUSH_NONE, /* it holds for no post of X */
    PUSH_LEAF,
    PUSH_AND,
    PUSH_OR,
};

/* What X is asked in place of a part of a query. */
struct push {
    enum push_op op;
    struct slice text;         /* PUSH_LEAF */
    bool stands;               /* X takes it without another beside it */
    struct push *first, *next; /* children, and the next child of the same parent */
};

struct pushing {
    const struct query_set *set;
    struct slice text; /* of the query */
    size_t most_bytes; /* of a rule */
    struct arena *arena;
    bool whole; /* nothing was left out */
};

/* query_push_leaf.c: what X knows of a leaf: PUSH_ALL, PUSH_NONE, a text, or a PUSH_AND of texts.
 * `exact`: X finds just what linnet does, so that it may be excluded, too. */
struct push query_push_leaf(struct pushing *pushing, const struct query_node *node, bool *exact);

/* query_push_write.c: the rules, none longer than `most_bytes`. False: it cannot be so short, since
 * a single text that it needs is longer. */
bool query_push_write(const struct push *push, size_t most_bytes, struct arena *arena,
                      struct rule_texts *rules);

#endif
