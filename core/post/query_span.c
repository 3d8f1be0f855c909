/* Where in the message phrases and NEAR are. All lists are sorted, so each step is a merge. */
#include "post/query_internal.h"

static struct query_spans spans_new(struct query_scratch *scratch, size_t room) {
    return (struct query_spans){
        arena_alloc(&scratch->arena, (room + 1) * sizeof(struct query_span)), 0
    };
}

static struct query_spans term_spans(struct query_scratch *scratch, uint32_t term) {
    const struct query_found *found = query_found_of(scratch, term);
    struct query_spans spans = { 0 };
    if (found == NULL) return spans;
    spans = spans_new(scratch, found->count);
    for (uint32_t at = found->first; at; at = scratch->hits[at - 1].next) {
        const struct query_hit *hit = &scratch->hits[at - 1];
        spans.items[spans.count++] =
            (struct query_span){ hit->position, hit->position, hit->matched };
    }
    return spans;
}

/* From the start of `a` to the end of `b`, when both lie in this order in one text. */
static struct slice slice_over(struct slice a, struct slice b) {
    const char *end = b.data + b.length;
    return end >= a.data ? slice_from(a.data, (size_t)(end - a.data)) : a;
}

/* Moves `*hit` on to `position`; false when the term is not there. */
static bool hit_advance(const struct query_scratch *scratch, uint32_t *hit, uint32_t position) {
    while (*hit && scratch->hits[*hit - 1].position < position)
        *hit = scratch->hits[*hit - 1].next;
    return *hit && scratch->hits[*hit - 1].position == position;
}

static struct query_spans phrase_spans(struct query_scratch *scratch, const struct query_node *node,
                                       size_t limit) {
    const uint32_t *terms = scratch->set->phrase_terms + node->number;
    struct query_spans spans = { 0 };
    for (size_t i = 0; i < node->count; i++)
        if (query_found_of(scratch, terms[i]) == NULL) return spans;
    uint32_t *cursors = arena_alloc(&scratch->arena, node->count * sizeof *cursors);
    for (size_t i = 0; i < node->count; i++)
        cursors[i] = scratch->found[terms[i]].first;
    spans = spans_new(scratch, MIN(limit, scratch->found[terms[0]].count));
    for (; cursors[0] && spans.count < limit; cursors[0] = scratch->hits[cursors[0] - 1].next) {
        const struct query_hit *first = &scratch->hits[cursors[0] - 1];
        size_t i = 1;
        while (i < node->count && hit_advance(scratch, &cursors[i], first->position + (uint32_t)i))
            i++;
        if (i < node->count) continue;
        struct slice last = scratch->hits[cursors[node->count - 1] - 1].matched;
        spans.items[spans.count++] =
            (struct query_span){ first->position, first->position + node->count - 1,
                                 slice_over(first->matched, last) };
    }
    return spans;
}

static int span_compare(const struct query_span *a, const struct query_span *b) {
    if (a->first != b->first) return a->first < b->first ? -1 : 1;
    return a->last == b->last ? 0 : a->last < b->last ? -1 : 1;
}

static struct query_spans spans_merge(struct query_scratch *scratch, struct query_spans a,
                                      struct query_spans b) {
    if (a.count == 0) return b;
    if (b.count == 0) return a;
    struct query_spans merged = spans_new(scratch, a.count + b.count);
    size_t i = 0, j = 0;
    while (i < a.count || j < b.count) {
        int order = i == a.count ? 1 : j == b.count ? -1 : span_compare(&a.items[i], &b.items[j]);
        merged.items[merged.count++] = order <= 0 ? a.items[i] : b.items[j];
        i += order <= 0;
        j += order >= 0;
    }
    return merged;
}

/* All children's spans; none when a child of an AND has none. */
static struct query_spans group_spans(struct query_scratch *scratch, uint32_t at) {
    const struct query_node *nodes = scratch->set->nodes;
    struct query_spans all = { 0 };
    for (uint32_t child = at + 1; child < nodes[at].end; child = nodes[child].end) {
        struct query_spans spans = query_spans_of(scratch, child, SIZE_MAX);
        if (spans.count == 0 && nodes[at].op == QUERY_AND) return spans;
        all = spans_merge(scratch, all, spans);
    }
    return all;
}

static uint32_t longest_span(struct query_spans spans) {
    uint32_t longest = 0;
    for (size_t i = 0; i < spans.count; i++)
        longest = MAX(longest, spans.items[i].last - spans.items[i].first);
    return longest;
}

/* Whether the nearest ends are 1 to `distance` apart; what overlaps is not beside each other. */
static bool spans_near(const struct query_span *a, const struct query_span *b, uint32_t distance) {
    if (a->last < b->first) return b->first - a->last <= distance;
    return b->last < a->first && a->first - b->last <= distance;
}

/* The spans of `a` that have one of `b` within `distance`. `from` moves on with `a`: what ends too
 * far before one span does so before all later ones. */
static struct query_spans spans_beside(struct query_scratch *scratch, struct query_spans a,
                                       struct query_spans b, uint32_t distance) {
    struct query_spans near = spans_new(scratch, a.count);
    uint32_t reach = longest_span(b) + distance;
    size_t from = 0;
    for (size_t i = 0; i < a.count; i++) {
        const struct query_span *span = &a.items[i];
        while (from < b.count && b.items[from].first + reach < span->first)
            from++;
        for (size_t j = from; j < b.count && b.items[j].first <= span->last + distance; j++)
            if (spans_near(span, &b.items[j], distance)) {
                near.items[near.count++] = *span;
                break;
            }
    }
    return near;
}

static struct query_spans near_spans(struct query_scratch *scratch, uint32_t at) {
    const struct query_node *nodes = scratch->set->nodes;
    struct query_spans left = query_spans_of(scratch, at + 1, SIZE_MAX);
    if (left.count == 0) return left;
    struct query_spans right = query_spans_of(scratch, nodes[at + 1].end, SIZE_MAX);
    if (right.count == 0) return right;
    uint32_t distance = nodes[at].number;
    return spans_merge(scratch, spans_beside(scratch, left, right, distance),
                       spans_beside(scratch, right, left, distance));
}

struct query_spans query_spans_of(struct query_scratch *scratch, uint32_t at, size_t limit) {
    const struct query_node *node = &scratch->set->nodes[at];
    switch (node->op) {
    case QUERY_TERM: return term_spans(scratch, node->number);
    case QUERY_PHRASE: return phrase_spans(scratch, node, limit);
    case QUERY_NEAR: return near_spans(scratch, at);
    default: return group_spans(scratch, at);
    }
}
