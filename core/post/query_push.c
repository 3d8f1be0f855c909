/* post/query_push.h: what X is asked in place of a query. */
#include "post/query_push_internal.h"

static struct push *push_new(struct pushing *pushing, struct push push) {
    struct push *made = arena_alloc(pushing->arena, sizeof *made);
    *made = push;
    return made;
}

static struct push *push_all(struct pushing *pushing) {
    return push_new(pushing, (struct push){ .op = PUSH_ALL });
}

static struct push *of_leaf(struct pushing *pushing, const struct query_node *node, bool negated) {
    bool exact = false;
    struct push leaf = query_push_leaf(pushing, node, &exact);
    if (leaf.op == PUSH_ALL && !exact) pushing->whole = false;
    if (!negated) return push_new(pushing, leaf);
    switch (leaf.op) {
    case PUSH_ALL: /* what always holds never does when it is excluded */
        return push_new(pushing, (struct push){ .op = exact ? PUSH_NONE : PUSH_ALL });
    case PUSH_NONE: return push_all(pushing);
    default: break;
    }
    if (!exact) {
        pushing->whole = false;
        return push_all(pushing);
    }
    leaf.text = ARENA_JOIN(pushing->arena, SLICE("-"), leaf.text);
    leaf.stands = false;
    return push_new(pushing, leaf);
}

static struct push *of_node(struct pushing *pushing, uint32_t at, bool negated);

/* All of the children; of an excluded OR, each of them excluded. */
static struct push *of_all(struct pushing *pushing, uint32_t at, bool negated) {
    const struct query_node *nodes = pushing->set->nodes;
    struct push all = { .op = PUSH_ALL }, **link = &all.first;
    for (uint32_t child = at + 1; child < nodes[at].end; child = nodes[child].end) {
        struct push *one = of_node(pushing, child, negated);
        if (one->op == PUSH_NONE) return one;
        if (one->op == PUSH_ALL) continue;
        all.op = PUSH_AND;
        all.stands |= one->stands;
        *link = one;
        while (*link) /* a child may be several already */
            link = &(*link)->next;
    }
    return push_new(pushing, all);
}

static struct push *of_either(struct pushing *pushing, uint32_t at) {
    const struct query_node *nodes = pushing->set->nodes;
    struct push either = { .op = PUSH_NONE, .stands = true }, **link = &either.first;
    for (uint32_t child = at + 1; child < nodes[at].end; child = nodes[child].end) {
        struct push *one = of_node(pushing, child, false);
        if (one->op == PUSH_ALL) return one;
        if (one->op == PUSH_NONE) continue;
        either.op = PUSH_OR;
        either.stands &= one->stands;
        *link = one;
        link = &one->next;
    }
    return push_new(pushing, either);
}

/* Of an excluded AND X would have to be told that one of many is missing. */
static struct push *of_missing(struct pushing *pushing) {
    pushing->whole = false;
    return push_all(pushing);
}

static struct push *of_node(struct pushing *pushing, uint32_t at, bool negated) {
    const struct query_node *node = &pushing->set->nodes[at];
    switch (node->op) {
    case QUERY_NOT: return of_node(pushing, at + 1, !negated);
    case QUERY_NEAR: pushing->whole = false; __attribute__((fallthrough));
    case QUERY_AND: return negated ? of_missing(pushing) : of_all(pushing, at, false);
    case QUERY_OR: return negated ? of_all(pushing, at, true) : of_either(pushing, at);
    default: return of_leaf(pushing, node, negated);
    }
}

struct rule_texts query_set_rules(const struct query_set *set, size_t query, size_t most_bytes,
                                  struct arena *arena) {
    struct pushing pushing = { set, set->queries[query].text, most_bytes, arena, true };
    struct rule_texts rules = { 0 };
    const struct push *push = of_node(&pushing, set->queries[query].root, false);
    rules.whole = pushing.whole;
    if (push->op == PUSH_NONE)
        rules.why_none = "it holds for no post of X";
    else if (push->op == PUSH_ALL || !push->stands)
        rules.why_none = "no part of it is something that X looks for by itself";
    else if (!query_push_write(push, most_bytes, arena, &rules)) {
        rules.count = 0;
        rules.why_none = "one word that it needs is longer than a rule may be";
    }
    return rules;
}
