/* Trees into flat nodes, and from terms the ways to the queries they can make true.
 *
 * Every query that needs one of a few terms to hold is reached through these only: of what an AND
 * wants, the part that is likely to be rarest; of an OR, each side's. Other queries (negations
 * only, fields only) are evaluated for every message. */
#include "base/alloc.h"
#include "post/query_internal.h"
#include <math.h>

/* How much work deciding a tree is, the cheapest first in an AND or OR. */
static int tree_effort(const struct query_tree *tree) {
    switch (tree->op) {
    case QUERY_TRAIT:
    case QUERY_HAS:
    case QUERY_SAMPLE:
    case QUERY_LABEL:
    case QUERY_SCORE:
    case QUERY_TERM: return 1;
    case QUERY_NAMED:
    case QUERY_AREA: return 2;
    case QUERY_PHRASE: return 3;
    case QUERY_NEAR: return 20;
    case QUERY_REGEX: return 100;
    default: break;
    }
    int effort = 1;
    for (const struct query_tree *child = tree->first; child; child = child->next)
        effort = MAX(effort, tree_effort(child) + 1);
    return effort;
}

static uint32_t node_add(struct query_set *set, const struct query_tree *tree) {
    set->nodes = query_room(set->nodes, set->node_count, &set->node_capacity, sizeof *set->nodes);
    struct query_node *node = &set->nodes[set->node_count];
    *node = (struct query_node){ .op = (uint8_t)tree->op,
                                 .count = tree->count,
                                 .number = tree->number,
                                 .from = tree->from,
                                 .to = tree->to };
    if (tree->op == QUERY_HAS) set->has_kinds |= KIND_BIT(tree->number);
    if (tree->op == QUERY_PHRASE) {
        node->number = (uint32_t)set->phrase_count;
        for (size_t i = 0; i < tree->count; i++) {
            set->phrase_terms = query_room(set->phrase_terms, set->phrase_count,
                                           &set->phrase_capacity, sizeof *set->phrase_terms);
            set->phrase_terms[set->phrase_count++] = tree->terms[i];
        }
    }
    return (uint32_t)set->node_count++;
}

/* The least effort above `above` among the children; INT_MAX when there is none. */
static int next_effort(const struct query_tree *tree, int above) {
    int next = INT32_MAX;
    for (const struct query_tree *child = tree->first; child; child = child->next) {
        int effort = tree_effort(child);
        if (effort > above) next = MIN(next, effort);
    }
    return next;
}

uint32_t query_flatten(struct query_set *set, const struct query_tree *tree) {
    uint32_t node = node_add(set, tree);
    for (int effort = next_effort(tree, 0); effort < INT32_MAX; effort = next_effort(tree, effort))
        for (const struct query_tree *child = tree->first; child; child = child->next)
            if (tree_effort(child) == effort) query_flatten(set, child);
    set->nodes[node].end = (uint32_t)set->node_count;
    return node;
}

/* A guess at the share of messages that hold the term: only its order matters. */
static double term_share(const struct query_term *term) {
    static const char *const frequent[] = { "the", "to",   "and",  "a",    "of", "in", "i",
                                            "is",  "you",  "for",  "it",   "on", "my", "that",
                                            "me",  "with", "at",   "this", "be", "so", "are",
                                            "not", "de",   "la",   "que",  "el", "en", "y",
                                            "com", "www",  "http", "https" };
    switch (term->kind) {
    case TERM_NETWORK: return 0.9;
    case TERM_LANG: return slice_is(term->text, "en") ? 0.4 : 0.1;
    case TERM_FROM:
    case TERM_TO:
    case TERM_RETWEETS_OF: return 1e-6;
    case TERM_PREFIX: return 0.5 / (double)(term->text.length * term->text.length);
    case TERM_WORD:
    case TERM_URL_WORD:
    case TERM_TRACK_WORD:
        for (size_t i = 0; i < LENGTH(frequent); i++)
            if (slice_is(term->text, frequent[i])) return 0.3;
        return 0.1 / (double)(term->text.length * term->text.length + 1);
    default: return 0.0005;
    }
}

static uint32_t rarest_of_phrase(const struct query_set *set, const struct query_node *node) {
    uint32_t rarest = set->phrase_terms[node->number];
    for (size_t i = 1; i < node->count; i++) {
        uint32_t term = set->phrase_terms[node->number + i];
        if (term_share(&set->terms[term]) < term_share(&set->terms[rarest])) rarest = term;
    }
    return rarest;
}

/* The share of messages that reach `at` when it is reached through terms; INFINITY when it can hold
 * without any. `costs` gets it for every node below too. */
static double access_cost(const struct query_set *set, uint32_t at, double *costs) {
    const struct query_node *node = &set->nodes[at];
    double cost = INFINITY;
    switch (node->op) {
    case QUERY_TERM: cost = term_share(&set->terms[node->number]); break;
    case QUERY_PHRASE: cost = term_share(&set->terms[rarest_of_phrase(set, node)]); break;
    case QUERY_OR: cost = 0; break;
    default: break;
    }
    bool looks_below = node->op == QUERY_OR || node->op == QUERY_AND || node->op == QUERY_NEAR;
    for (uint32_t child = at + 1; looks_below && child < node->end; child = set->nodes[child].end) {
        double below = access_cost(set, child, costs);
        cost = node->op == QUERY_OR ? cost + below : MIN(cost, below);
    }
    costs[at] = cost;
    return cost;
}

/* Pairs of access term and query while the index is made. */
struct access {
    uint32_t term;
    struct query_posting posting;
};
struct access_list {
    struct access *items;
    size_t count, capacity;
};

static bool wants_all(const struct query_node *node) {
    return node->op == QUERY_AND || node->op == QUERY_NEAR;
}

/* The cheapest child of `at` but `other`; QUERY_NO_TERM (no node either) when there is none. */
static uint32_t cheapest_child(const struct query_set *set, uint32_t at, const double *costs,
                               uint32_t other) {
    uint32_t best = QUERY_NO_TERM;
    for (uint32_t child = at + 1; child < set->nodes[at].end; child = set->nodes[child].end)
        if (child != other && (best == QUERY_NO_TERM || costs[child] < costs[best])) best = child;
    return best;
}

/* A term that the whole query needs beside its access terms. */
static uint32_t guard_of(const struct query_set *set, uint32_t root, const double *costs) {
    if (!wants_all(&set->nodes[root])) return QUERY_NO_TERM;
    uint32_t access = cheapest_child(set, root, costs, QUERY_NO_TERM);
    uint32_t second = cheapest_child(set, root, costs, access);
    if (second == QUERY_NO_TERM) return QUERY_NO_TERM;
    const struct query_node *node = &set->nodes[second];
    if (node->op == QUERY_TERM) return node->number;
    return node->op == QUERY_PHRASE ? rarest_of_phrase(set, node) : QUERY_NO_TERM;
}

static void access_add(struct access_list *list, uint32_t term, struct query_posting posting) {
    list->items = query_room(list->items, list->count, &list->capacity, sizeof *list->items);
    list->items[list->count++] = (struct access){ term, posting };
}

static void access_collect(const struct query_set *set, uint32_t at, const double *costs,
                           struct query_posting posting, struct access_list *list) {
    const struct query_node *node = &set->nodes[at];
    if (node->op == QUERY_TERM) access_add(list, node->number, posting);
    if (node->op == QUERY_PHRASE) access_add(list, rarest_of_phrase(set, node), posting);
    if (wants_all(node))
        access_collect(set, cheapest_child(set, at, costs, QUERY_NO_TERM), costs, posting, list);
    if (node->op != QUERY_OR) return;
    for (uint32_t child = at + 1; child < node->end; child = set->nodes[child].end)
        access_collect(set, child, costs, posting, list);
}

/* Sorts the pairs by term (counting sort; queries stay in order). */
static void index_postings(struct query_set *set, const struct access_list *list) {
    set->postings = memory_alloc((list->count + 1) * sizeof *set->postings);
    for (size_t i = 0; i < list->count; i++)
        set->terms[list->items[i].term].posting_count++;
    uint32_t first = 0;
    for (size_t i = 0; i < set->term_count; i++) {
        set->terms[i].first_posting = first;
        first += set->terms[i].posting_count;
        set->terms[i].posting_count = 0;
    }
    for (size_t i = 0; i < list->count; i++) {
        struct query_term *term = &set->terms[list->items[i].term];
        set->postings[term->first_posting + term->posting_count++] = list->items[i].posting;
    }
}

static bool leads_by_language(const struct query_set *set) {
    for (size_t i = 0; i < set->term_count; i++)
        if (set->terms[i].kind == TERM_LANG && set->terms[i].posting_count > 0) return true;
    return set->always_count > 0;
}

void query_index(struct query_set *set) {
    struct access_list list = { 0 };
    double *costs = memory_alloc((set->node_count + 1) * sizeof *costs);
    set->always = memory_alloc((set->count + 1) * sizeof *set->always);
    for (uint32_t i = 0; i < set->count; i++) {
        uint32_t root = set->queries[i].root;
        if (isinf(access_cost(set, root, costs))) {
            set->always[set->always_count++] = i;
        } else {
            struct query_posting posting = { i, guard_of(set, root, costs) };
            access_collect(set, root, costs, posting, &list);
        }
    }
    index_postings(set, &list);
    set->lang_leads = leads_by_language(set);
    memory_free(costs);
    memory_free(list.items);
}
