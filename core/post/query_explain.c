/* The leaves that make a matching query true. */
#include "base/alloc.h"
#include "post/query_internal.h"

struct explanation {
    struct query_scratch *scratch;
    struct query_reason *items; /* on the heap while it grows */
    size_t count, capacity;
    uint32_t query;
};

/* The value of the list that has: asks for, or nothing. */
static struct slice list_matched(const struct message *message, uint32_t token_kind) {
    const struct slice_list *list = token_kind == TOKEN_TAG    ? &message->hashtags
                                    : token_kind == TOKEN_NAME ? &message->mentions
                                    : token_kind == TOKEN_CASH ? &message->cashtags
                                                               : &message->urls;
    return list->count ? list->items[0] : SLICE("");
}

static struct slice regex_matched(struct query_scratch *scratch, uint32_t node) {
    if (!query_holds(scratch, node)) return SLICE("");
    const PCRE2_SIZE *range = pcre2_get_ovector_pointer(scratch->regex_match);
    size_t from = MIN(range[0], range[1]); /* \K in a lookahead can swap them */
    return slice_from(scratch->message->text.data + from, MAX(range[0], range[1]) - from);
}

/* NEAR's spans are those beside each other: the first two in one text show the place. */
static struct slice near_matched(struct query_scratch *scratch, uint32_t node) {
    struct query_spans spans = query_spans_of(scratch, node, SIZE_MAX);
    struct slice first = spans.items[0].matched, second = spans.items[spans.count > 1].matched;
    return slice_from(first.data, (size_t)(second.data + second.length - first.data));
}

static struct slice leaf_matched(struct query_scratch *scratch, uint32_t at) {
    const struct query_node *node = &scratch->set->nodes[at];
    switch (node->op) {
    case QUERY_TERM: return scratch->hits[scratch->found[node->number].first - 1].matched;
    case QUERY_PHRASE: return query_spans_of(scratch, at, 1).items[0].matched;
    case QUERY_NEAR: return near_matched(scratch, at);
    case QUERY_HAS: return list_matched(scratch->message, node->number);
    case QUERY_REGEX: return regex_matched(scratch, at);
    default: return SLICE("");
    }
}

static void explain_node(struct explanation *explanation, uint32_t at) {
    struct query_scratch *scratch = explanation->scratch;
    const struct query_node *nodes = scratch->set->nodes;
    if (!query_holds(scratch, at)) return;
    if (nodes[at].op == QUERY_AND || nodes[at].op == QUERY_OR) {
        for (uint32_t child = at + 1; child < nodes[at].end; child = nodes[child].end)
            explain_node(explanation, child);
        return;
    }
    explanation->items = query_room(explanation->items, explanation->count, &explanation->capacity,
                                    sizeof *explanation->items);
    struct slice text = scratch->set->queries[explanation->query].text;
    explanation->items[explanation->count++] = (struct query_reason){
        .query = explanation->query,
        .term = slice_from(text.data + nodes[at].from, nodes[at].to - nodes[at].from),
        .matched = leaf_matched(scratch, at),
    };
}

/* Nodes are in the order of their effort; reasons in that of the query's text. */
static void sort_by_place(struct query_reason *reasons, size_t count) {
    for (size_t i = 1; i < count; i++) {
        struct query_reason reason = reasons[i];
        size_t at = i;
        for (; at > 0 && reasons[at - 1].term.data > reason.term.data; at--)
            reasons[at] = reasons[at - 1];
        reasons[at] = reason;
    }
}

struct query_reason *query_set_explain(const struct query_set *set, struct query_scratch *scratch,
                                       struct message *message, struct arena *arena,
                                       size_t *count) {
    struct explanation explanation = { .scratch = scratch };
    query_set_match(set, scratch, message, arena);
    for (uint32_t i = 0; i < message->query_count; i++) {
        size_t first = explanation.count;
        explanation.query = message->queries[i];
        explain_node(&explanation, set->queries[explanation.query].root);
        sort_by_place(explanation.items + first, explanation.count - first);
    }
    *count = explanation.count;
    struct query_reason *reasons = arena_alloc(arena, (*count + 1) * sizeof *reasons);
    if (*count) memcpy(reasons, explanation.items, *count * sizeof *reasons);
    memory_free(explanation.items);
    return reasons;
}
