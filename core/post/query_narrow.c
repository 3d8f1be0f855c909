/* What an index of terms can say about a query: an expression that holds wherever the query does.
 */
#include "post/query_internal.h"
#include "post/vocabulary.h"
#include "text/fold.h"

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

struct narrowing {
    const struct query_set *set;
    struct arena *arena;
    bool prefixes; /* they may be asked for, too */
};

static struct slice of_term(const struct narrowing *narrowing, uint32_t number) {
    const struct query_term *term = &narrowing->set->terms[number];
    struct slice spelt;
    enum vocabulary_use use = vocabulary_term(term->kind, term->text, narrowing->arena, &spelt);
    bool left_out = use == VOCABULARY_PREFIX && !narrowing->prefixes;
    if (use == VOCABULARY_NONE || left_out) return SLICE("");
    return quoted(spelt, use == VOCABULARY_PREFIX, narrowing->arena);
}

static struct slice of_phrase(const struct narrowing *narrowing, const struct query_node *node) {
    const struct query_set *set = narrowing->set;
    struct slice all = SLICE("");
    for (uint32_t i = 0; i < node->count; i++)
        all = joined(all, "AND", of_term(narrowing, set->phrase_terms[node->number + i]),
                     narrowing->arena);
    return all;
}

static struct slice of_node(const struct narrowing *narrowing, uint32_t at);

static struct slice of_all(const struct narrowing *narrowing, uint32_t at) {
    const struct query_set *set = narrowing->set;
    struct slice all = SLICE("");
    for (uint32_t child = at + 1; child < set->nodes[at].end; child = set->nodes[child].end)
        all = joined(all, "AND", of_node(narrowing, child), narrowing->arena);
    return all;
}

/* One side of which nothing can be said is enough to make all of it so. */
static struct slice of_either(const struct narrowing *narrowing, uint32_t at) {
    const struct query_set *set = narrowing->set;
    struct slice either = SLICE("");
    for (uint32_t child = at + 1; child < set->nodes[at].end; child = set->nodes[child].end) {
        struct slice one = of_node(narrowing, child);
        if (one.length == 0) return one;
        either = joined(either, "OR", one, narrowing->arena);
    }
    return arena_format(narrowing->arena, "(%.*s)", SLICE_ARGS(either));
}

static struct slice of_node(const struct narrowing *narrowing, uint32_t at) {
    const struct query_set *set = narrowing->set;
    const struct query_node *node = &set->nodes[at];
    switch (node->op) {
    case QUERY_TERM: return of_term(narrowing, node->number);
    case QUERY_PHRASE: return of_phrase(narrowing, node);
    case QUERY_AND:
    case QUERY_NEAR: return of_all(narrowing, at);
    case QUERY_OR: return of_either(narrowing, at);
    case QUERY_NAMED:
        return quoted(vocabulary_query(set->values[node->number], narrowing->arena), false,
                      narrowing->arena);
    default: return SLICE("");
    }
}

struct slice query_set_narrow(const struct query_set *set, size_t query, bool prefixes,
                              struct arena *arena) {
    struct narrowing narrowing = { set, arena, prefixes };
    return of_node(&narrowing, set->queries[query].root);
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

struct slice query_narrow_author(struct slice id, struct arena *arena) {
    struct slice spelt;
    enum vocabulary_use use = vocabulary_term(TERM_FROM, fold_text(id, arena), arena, &spelt);
    return use == VOCABULARY_NONE ? SLICE("") : quoted(spelt, false, arena);
}
