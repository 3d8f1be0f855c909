/* What an index of terms can say about a query: an expression that holds wherever the query does.
 */
#include "post/query_internal.h"
#include "post/vocabulary.h"

/* Expressions of SQLite's FTS5 are slices; no bytes: nothing is said. */

static struct slice quoted(struct slice term, bool prefix, struct arena *arena) {
    char *text = arena_alloc(arena, 2 * term.length + 3), *end = text;
    *end++ = '"';
    for (size_t i = 0; i < term.length; i++) {
        if (term.data[i] == '"') *end++ = '"';
        *end++ = term.data[i];
    }
    *end++ = '"';
    if (prefix) *end++ = '*';
    return slice_from(text, (size_t)(end - text));
}

static struct slice joined(struct slice left, const char *word, struct slice right,
                           struct arena *arena) {
    if (left.length == 0) return right;
    if (right.length == 0) return left;
    return arena_format(arena, "%.*s %s %.*s", SLICE_ARGS(left), word, SLICE_ARGS(right));
}

static struct slice of_term(const struct query_set *set, uint32_t number, struct arena *arena) {
    const struct query_term *term = &set->terms[number];
    struct slice spelt;
    enum vocabulary_use use = vocabulary_term(term->kind, term->text, arena, &spelt);
    if (use == VOCABULARY_NONE) return SLICE("");
    return quoted(spelt, use == VOCABULARY_PREFIX, arena);
}

static struct slice of_phrase(const struct query_set *set, const struct query_node *node,
                              struct arena *arena) {
    struct slice all = SLICE("");
    for (uint32_t i = 0; i < node->count; i++)
        all = joined(all, "AND", of_term(set, set->phrase_terms[node->number + i], arena), arena);
    return all;
}

static struct slice of_node(const struct query_set *set, uint32_t at, struct arena *arena);

static struct slice of_all(const struct query_set *set, uint32_t at, struct arena *arena) {
    struct slice all = SLICE("");
    for (uint32_t child = at + 1; child < set->nodes[at].end; child = set->nodes[child].end)
        all = joined(all, "AND", of_node(set, child, arena), arena);
    return all;
}

/* One side of which nothing can be said is enough to make all of it so. */
static struct slice of_either(const struct query_set *set, uint32_t at, struct arena *arena) {
    struct slice either = SLICE("");
    for (uint32_t child = at + 1; child < set->nodes[at].end; child = set->nodes[child].end) {
        struct slice one = of_node(set, child, arena);
        if (one.length == 0) return one;
        either = joined(either, "OR", one, arena);
    }
    return arena_format(arena, "(%.*s)", SLICE_ARGS(either));
}

static struct slice of_node(const struct query_set *set, uint32_t at, struct arena *arena) {
    const struct query_node *node = &set->nodes[at];
    switch (node->op) {
    case QUERY_TERM: return of_term(set, node->number, arena);
    case QUERY_PHRASE: return of_phrase(set, node, arena);
    case QUERY_AND:
    case QUERY_NEAR: return of_all(set, at, arena);
    case QUERY_OR: return of_either(set, at, arena);
    case QUERY_NAMED:
        return quoted(vocabulary_query(set->values[node->number], arena), false, arena);
    default: return SLICE("");
    }
}

struct slice query_set_narrow(const struct query_set *set, size_t query, struct arena *arena) {
    return of_node(set, set->queries[query].root, arena);
}

size_t query_set_unstored(const struct query_set *set, size_t query) {
    uint32_t root = set->queries[query].root;
    for (uint32_t at = root; at < set->nodes[root].end; at++) {
        const struct query_node *node = &set->nodes[at];
        if (node->op != QUERY_TERM) continue;
        uint32_t kind = set->terms[node->number].kind;
        if (kind == TERM_TO || kind == TERM_RETWEETS_OF) return node->from;
    }
    return SIZE_MAX;
}

bool query_set_asks_traits(const struct query_set *set, size_t query) {
    uint32_t root = set->queries[query].root;
    for (uint32_t at = root; at < set->nodes[root].end; at++)
        if (set->nodes[at].op == QUERY_TRAIT) return true;
    return false;
}
