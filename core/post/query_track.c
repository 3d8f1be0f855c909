/* v1.1 track lists: comma = OR, space = AND, any order.
 *
 * Source: the "track" page of X's v1.1 streaming API. A term without punctuation meets words, tags,
 * names and parts of links alike; one with punctuation meets only the same text between spaces;
 * #tag and @name meet only those. */
#include "base/utf8.h"
#include "post/query_internal.h"
#include "text/fold.h"
#include "text/token_class.h"

static bool is_space(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

/* Whether the tokens are the whole term, nothing between or around them. */
static bool is_plain(struct slice term, struct token_list tokens) {
    size_t end = 0;
    for (size_t i = 0; i < tokens.count; i++) {
        if (tokens.items[i].start != end) return false;
        end += tokens.items[i].length;
    }
    return end == term.length && !memchr(term.data, '\'', term.length) &&
           !memchr(term.data, '.', term.length) && !memchr(term.data, ',', term.length);
}

static struct query_tree *track_term(struct query_builder *builder, struct slice term) {
    size_t from = (size_t)(term.data - builder->text.data), to = from + term.length;
    char sign = term.data[0];
    if (term.length > 1 && memchr("#@$", sign, 3)) {
        struct token_list whole = token_split(term, builder->arena);
        if (whole.count == 1 && whole.items[0].length == term.length &&
            whole.items[0].kind >= TOKEN_TAG && whole.items[0].kind <= TOKEN_CASH) {
            enum term_kind kind = TERM_TAG + (whole.items[0].kind - TOKEN_TAG);
            uint32_t number = query_term_add(builder->set, kind, whole.items[0].folded);
            return query_tree_new(builder, QUERY_TERM, number, from, to);
        }
    }
    struct token_list tokens = token_split_words(term, builder->arena);
    struct slice key = query_chunk_key(term, builder->arena);
    struct token_list inner = token_split_words(key, builder->arena);
    if (tokens.count == 0 || is_plain(key, inner))
        return query_leaf_tokens(builder, inner, TERM_TRACK_WORD, from, to);
    uint32_t number = query_term_add(builder->set, TERM_TRACK_CHUNK, key);
    return query_tree_new(builder, QUERY_TERM, number, from, to);
}

/* Appends to the children of `parent`. */
static void tree_append(struct query_tree *parent, struct query_tree *child) {
    struct query_tree **link = &parent->first;
    while (*link)
        link = &(*link)->next;
    *link = child;
}

/* The words of one phrase, all of them wanted. */
static struct query_tree *track_phrase(struct query_builder *builder, struct slice phrase) {
    size_t from = (size_t)(phrase.data - builder->text.data);
    if (phrase.length == 0) {
        query_refuse(builder, from, "there is nothing between these commas");
        return NULL;
    }
    if (phrase.length > TRACK_MAX_TERM_BYTES) {
        query_refuse(builder, from, "a term of a track list may be %d bytes long, this one has %zu",
                     TRACK_MAX_TERM_BYTES, phrase.length);
        return NULL;
    }
    struct query_tree *both = query_tree_new(builder, QUERY_AND, 0, from, from + phrase.length);
    while (phrase.length) {
        size_t length = 0;
        while (length < phrase.length && !is_space(phrase.data[length]))
            length++;
        struct query_tree *term = track_term(builder, slice_first(phrase, length));
        if (term == NULL) return NULL;
        tree_append(both, term);
        phrase = slice_trim(slice_skip(phrase, length));
    }
    return both;
}

struct query_tree *query_parse_track(struct query_builder *builder) {
    struct slice rest = builder->text;
    if (!utf8_valid(rest)) {
        query_refuse(builder, 0, "the track list is not valid UTF-8");
        return NULL;
    }
    if (slice_trim(rest).length == 0) {
        query_refuse(builder, 0, "the track list is empty");
        return NULL;
    }
    struct query_tree *either = query_tree_new(builder, QUERY_OR, 0, 0, rest.length);
    for (size_t count = 1;; count++) {
        const char *comma = memchr(rest.data, ',', rest.length);
        size_t length = comma ? (size_t)(comma - rest.data) : rest.length;
        if (count > TRACK_MAX_TERMS) {
            query_refuse(builder, (size_t)(rest.data - builder->text.data),
                         "a track list may have %d terms, this one has more", TRACK_MAX_TERMS);
            return NULL;
        }
        struct query_tree *phrase = track_phrase(builder, slice_trim(slice_first(rest, length)));
        if (phrase == NULL) return NULL;
        tree_append(either, phrase);
        if (comma == NULL) return either;
        rest = slice_skip(rest, length + 1);
    }
}
