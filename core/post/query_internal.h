/* How queries look inside, shared by core/post/query_*.c only.
 *
 * text --query_lex--> lexemes --query_parse, query_leaf, query_operators, query_track--> a tree in
 * the builder's arena --query_compile--> flat nodes and postings of the set. A message becomes hits
 * of terms (query_observe), which the nodes are evaluated on (query_match, query_span). */
#ifndef POST_QUERY_INTERNAL_H
#define POST_QUERY_INTERNAL_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/hash.h"
#include "post/query.h"
#include "text/token.h"
#include <pcre2.h>

/* What a term's text is compared with. The first six are enum token_kind. */
enum term_kind {
    TERM_WORD = TOKEN_WORD,
    TERM_TEXT_TAG = TOKEN_TAG,
    TERM_TEXT_NAME = TOKEN_NAME,
    TERM_TEXT_CASH = TOKEN_CASH,
    TERM_TEXT_LINK = TOKEN_LINK,
    TERM_EMOJI = TOKEN_EMOJI,
    TERM_PREFIX,
    TERM_TAG, /* the message's lists, or its text when they are empty */
    TERM_NAME,
    TERM_CASH,
    TERM_URL_WORD,
    TERM_FROM,
    TERM_TO,
    TERM_RETWEETS_OF,
    TERM_LANG,
    TERM_NETWORK,
    TERM_TRACK_WORD,  /* words, tags, names, parts of links alike */
    TERM_TRACK_CHUNK, /* what stands between white space, without punctuation around it */
};
#define KIND_BIT(kind) (UINT32_C(1) << (kind))
/* The kinds whose hits have a place in the text: what phrases and NEAR are made of. */
#define KINDS_PLACED                                                                               \
    (KIND_BIT(TERM_WORD) | KIND_BIT(TERM_TEXT_TAG) | KIND_BIT(TERM_TEXT_NAME) |                    \
     KIND_BIT(TERM_TEXT_CASH) | KIND_BIT(TERM_TEXT_LINK) | KIND_BIT(TERM_EMOJI) |                  \
     KIND_BIT(TERM_PREFIX))

struct query_term {
    uint64_t hash; /* hash_of_kind */
    struct slice text;
    uint32_t kind;
    uint32_t first_posting, posting_count; /* in query_set.postings */
};

enum query_op {
    QUERY_AND,
    QUERY_OR,
    QUERY_NOT,
    QUERY_TERM,   /* number: term */
    QUERY_PHRASE, /* number: first of `count` in query_set.phrase_terms */
    QUERY_NEAR,   /* number: greatest distance; two children */
    QUERY_TRAIT,  /* number: enum message_trait, any of */
    QUERY_HAS,    /* number: token kind of a list of the message */
    QUERY_AREA,   /* number: in query_set.areas */
    QUERY_SAMPLE, /* number: per cent */
    QUERY_REGEX,  /* number: in query_set.regexes */
    QUERY_LABEL,  /* number: in query_set.values */
    QUERY_NAMED,  /* number: in query_set.values */
    QUERY_SCORE,  /* number: in query_set.ranges */
};

/* A query is its root and all nodes up to root's `end`, children right behind their parent. */
struct query_node {
    uint8_t op;        /* enum query_op */
    uint16_t count;    /* QUERY_PHRASE */
    uint32_t end;      /* the node behind this one's last descendant */
    uint32_t number;   /* see enum query_op */
    uint32_t from, to; /* bytes of the query's text */
};

/* A box, or with radius_km > 0 a circle around west, south. Degrees. */
struct query_area {
    double west, south, east, north, radius_km;
};

/* Scores from `lowest` to `highest`; an open end excludes its bound. */
struct query_range {
    double lowest, highest;
    bool above, below;
};

struct query_slot {
    uint32_t tag;  /* upper half of the term's hash */
    uint32_t term; /* from 1; 0 = free */
};

struct query_text {
    const char *name;
    struct slice text;
    uint32_t root;
};

/* A query that an access term leads to. It can hold only if `guard` is found too. */
struct query_posting {
    uint32_t query, guard; /* guard: a term, or QUERY_NO_TERM */
};

#define PREFIX_MAX_BYTES 64
#define PREFIX_FILTER_BITS 65536

struct query_set {
    struct arena arena; /* texts */
    struct query_text *queries;
    size_t count;
    struct query_term *terms;
    size_t term_count, term_capacity;
    struct query_slot *slots;
    size_t slot_count; /* a power of 2, at least twice the terms */
    uint64_t *filter;  /* a bit by a term's hash, eight for each slot: most tokens are no term */
    struct query_node *nodes;
    size_t node_count, node_capacity;
    uint32_t *phrase_terms;
    size_t phrase_count, phrase_capacity;
    struct query_area *areas;
    size_t area_count, area_capacity;
    pcre2_code **regexes;
    size_t regex_count, regex_capacity;
    struct slice *values; /* folded labels; names of queries as they are */
    size_t value_count, value_capacity;
    struct query_range *ranges;
    size_t range_count, range_capacity;
    pcre2_match_context *regex_limits;
    struct query_posting *postings; /* by access term */
    uint32_t *always;               /* queries that no term leads to */
    size_t always_count;
    bool lang_leads;        /* a query may hold on a language alone */
    uint32_t kinds;         /* KIND_BITs of all terms */
    uint32_t has_kinds;     /* token kinds that QUERY_HAS asks for */
    uint64_t prefix_bytes;  /* bit n - 1: there is a prefix of n bytes */
    uint8_t *prefix_filter; /* bits by a prefix's first two bytes; NULL without prefixes */
};

/* The tree while a query is read. */
struct query_tree {
    enum query_op op;
    uint32_t number;
    uint32_t *terms; /* QUERY_PHRASE */
    uint16_t count;
    uint32_t from, to;
    struct query_tree *first, *next; /* children, and the next child of the same parent */
};

enum lexeme_kind {
    LEXEME_END,
    LEXEME_OPEN,
    LEXEME_CLOSE,
    LEXEME_OR,
    LEXEME_NOT,
    LEXEME_NEAR,
    LEXEME_WORD,
    LEXEME_PHRASE,
    LEXEME_REGEX,
    LEXEME_OPERATOR,
};

struct lexeme {
    enum lexeme_kind kind;
    size_t from, to;    /* bytes of the text */
    struct slice text;  /* the word, what is inside the quotes or slashes, the operator's name */
    struct slice value; /* LEXEME_OPERATOR */
    uint32_t distance;  /* LEXEME_NEAR, LEXEME_PHRASE with ~n; else 0 */
};

/* One query being read. */
struct query_builder {
    struct query_set *set;
    struct arena *arena; /* trees and tokens; reset after each query */
    struct slice text;
    bool search; /* the text is one of QUERY_SEARCH_LANGUAGE */
    size_t at;   /* behind `lexeme` */
    struct lexeme lexeme;
    unsigned depth;
    size_t bad_offset;
    struct error *err;
};

/* Room for one more item at the end of a growing array on the heap. */
void *query_room(void *items, size_t count, size_t *capacity, size_t item_bytes) MUST_CHECK;
/* Says what is wrong and where; always false. */
bool query_refuse(struct query_builder *builder, size_t offset, const char *format, ...)
    FORMAT(3, 4);
/* The start of `text` that fits in a message, to be shown with SLICE_ARGS. */
struct slice query_shown(struct slice text);
struct query_tree *query_tree_new(struct query_builder *builder, enum query_op op, uint32_t number,
                                  size_t from, size_t to);

/* query_lex.c: reads the next lexeme. */
bool query_lex(struct query_builder *builder) MUST_CHECK;
/* query_parse.c, query_track.c: the whole text, or NULL. */
struct query_tree *query_parse(struct query_builder *builder) MUST_CHECK;
struct query_tree *query_parse_track(struct query_builder *builder) MUST_CHECK;
/* query_leaf.c: the leaf that a lexeme stands for, or NULL. */
struct query_tree *query_leaf(struct query_builder *builder,
                              const struct lexeme *lexeme) MUST_CHECK;
/* Several terms one behind the other; a single one is a QUERY_TERM. `kind` is that of the words. */
struct query_tree *query_leaf_tokens(struct query_builder *builder, struct token_list tokens,
                                     enum term_kind kind, size_t from, size_t to) MUST_CHECK;
/* query_operators.c: name:value. */
struct query_tree *query_operator(struct query_builder *builder,
                                  const struct lexeme *lexeme) MUST_CHECK;
/* query_values.c: the leaves of operators whose value is more than a name. */
struct query_tree *query_value_box(struct query_builder *builder,
                                   const struct lexeme *lexeme) MUST_CHECK;
struct query_tree *query_value_circle(struct query_builder *builder,
                                      const struct lexeme *lexeme) MUST_CHECK;
struct query_tree *query_value_sample(struct query_builder *builder,
                                      const struct lexeme *lexeme) MUST_CHECK;
struct query_tree *query_value_regex(struct query_builder *builder,
                                     const struct lexeme *lexeme) MUST_CHECK;

/* query_found.c: the leaves of sentiment:, query: and score:. */
struct query_tree *query_found_label(struct query_builder *builder, const struct lexeme *lexeme);
struct query_tree *query_found_name(struct query_builder *builder, const struct lexeme *lexeme);
struct query_tree *query_found_score(struct query_builder *builder, const struct lexeme *lexeme);

/* query_terms.c */
/* The number of the term; a new one when the set has none like it. */
uint32_t query_term_add(struct query_set *set, enum term_kind kind, struct slice folded);
#define QUERY_NO_TERM UINT32_MAX
/* Of most hashes that are no term's it tells just that. The set has a term. */
static inline bool query_term_likely(const struct query_set *set, uint64_t hash) {
    uint64_t bits = set->filter[(hash >> 32) & (set->slot_count / 8 - 1)];
    return bits >> (hash >> 26 & 63) & 1;
}
/* `hash`: hash_of_kind of `folded`. QUERY_NO_TERM when the set has no such term. */
uint32_t query_term_find(const struct query_set *set, uint64_t hash, uint32_t kind,
                         struct slice folded);
/* A language tag as terms spell it: folded, "-" inside, today's codes for he, id, yi. */
struct slice query_lang_key(struct slice lang, struct arena *arena);
#define QUERY_LANG_MAX_BYTES 64 /* of what a message says; longer ones are none */
/* "anna@example.org" is "anna" too: servers of such networks leave their own name out. */
static inline struct slice query_without_host(struct slice handle) {
    const char *host = handle.length ? memchr(handle.data, '@', handle.length) : NULL;
    return host ? slice_first(handle, (size_t)(host - handle.data)) : handle;
}
/* Without "http://", "https://", punctuation around it and "/" at the end; folded. */
struct slice query_chunk_key(struct slice chunk, struct arena *arena);

/* query_compile.c: appends the tree's nodes and returns the root; and, after all queries, the ways
 * from terms to queries. */
uint32_t query_flatten(struct query_set *set, const struct query_tree *tree);
void query_index(struct query_set *set);

/* Where a term was found. Hits of one term are chained in the order of their positions. */
struct query_hit {
    struct slice matched; /* in the message */
    uint32_t position;
    uint32_t next; /* from 1; 0 = last */
};

struct query_found {
    uint32_t epoch;              /* the message it belongs to; another one: not found */
    uint32_t first, last, count; /* hits, from 1 */
};

struct query_scratch {
    const struct query_set *set;
    struct message *message; /* the one being matched */
    struct arena arena;      /* its tokens and spans */
    uint32_t epoch;
    struct query_found *found; /* by term */
    uint32_t *seen;            /* by query: the epoch it was evaluated in */
    uint64_t *matched;         /* bits by query; all 0 between messages */
    uint32_t *found_terms;     /* in order of discovery */
    size_t found_count;
    struct query_hit *hits;
    size_t hit_count, hit_capacity;
    uint32_t text_kinds; /* KIND_BITs of the tokens of the message's own text */
    pcre2_match_data *regex_match;
};

static inline const struct query_found *query_found_of(const struct query_scratch *scratch,
                                                       uint32_t term) {
    const struct query_found *found = &scratch->found[term];
    return found->epoch == scratch->epoch ? found : NULL;
}

/* query_observe.c: the hits of `scratch->message`. */
void query_observe(struct query_scratch *scratch);
/* query_match.c: whether a node holds. */
bool query_holds(struct query_scratch *scratch, uint32_t node);

/* query_found.c: whether one of these leaves holds. */
bool query_found_holds(struct query_scratch *scratch, const struct query_node *node);

/* A piece of the message's token sequence. */
struct query_span {
    uint32_t first, last; /* positions */
    struct slice matched;
};
struct query_spans {
    struct query_span *items; /* by first, then last; each once */
    size_t count;
};
/* query_span.c: where a term, a phrase, NEAR or a group of these is; at most `limit` of a phrase.
 */
struct query_spans query_spans_of(struct query_scratch *scratch, uint32_t node, size_t limit);

#endif
