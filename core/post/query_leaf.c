/* Words, phrases, prefixes, #tags, @names, $cash. */
#include "post/query_internal.h"
#include "text/fold.h"
#include "text/token_class.h"

/* The kind of term that a token of a query's text asks for. */
static enum term_kind token_term_kind(const struct token *token, enum term_kind words) {
    return token->kind == TOKEN_WORD || words == TERM_TRACK_WORD ? words
                                                                 : (enum term_kind)token->kind;
}

struct query_tree *query_leaf_tokens(struct query_builder *builder, struct token_list tokens,
                                     enum term_kind kind, size_t from, size_t to) {
    if (tokens.count == 0) {
        query_refuse(builder, from, "there is no word in '%.*s' that could be looked for",
                     SLICE_ARGS(query_shown(slice_from(builder->text.data + from, to - from))));
        return NULL;
    }
    struct query_tree *tree = query_tree_new(builder, QUERY_PHRASE, 0, from, to);
    tree->terms = arena_alloc(builder->arena, tokens.count * sizeof *tree->terms);
    tree->count = (uint16_t)tokens.count;
    for (size_t i = 0; i < tokens.count; i++)
        tree->terms[i] = query_term_add(builder->set, token_term_kind(&tokens.items[i], kind),
                                        tokens.items[i].folded);
    if (tokens.count == 1) {
        tree->op = QUERY_TERM;
        tree->number = tree->terms[0];
    }
    return tree;
}

/* "a b"~n is a NEAR/n b. */
static struct query_tree *leaf_within(struct query_builder *builder, const struct lexeme *lexeme,
                                      struct token_list tokens) {
    struct query_tree *tree = NULL;
    if (tokens.count < 2) {
        query_refuse(builder, lexeme->from, "~ measures the distance between two words or more");
        return NULL;
    }
    if (tokens.count > QUERY_MAX_DEPTH) {
        query_refuse(builder, lexeme->from, "~ takes at most %d words", QUERY_MAX_DEPTH);
        return NULL;
    }
    for (size_t i = 0; i < tokens.count; i++) {
        struct token_list one = { &tokens.items[i], 1 };
        struct query_tree *word =
            query_leaf_tokens(builder, one, TERM_WORD, lexeme->from, lexeme->to);
        if (tree) {
            struct query_tree *near =
                query_tree_new(builder, QUERY_NEAR, lexeme->distance, lexeme->from, lexeme->to);
            near->first = tree;
            tree->next = word;
            tree = near;
        } else {
            tree = word;
        }
    }
    return tree;
}

/* Whether the whole text is one link: it is looked for by its parts, like url:. */
static bool is_link(struct token_list tokens) {
    return tokens.count == 1 && tokens.items[0].kind == TOKEN_LINK;
}

static struct query_tree *leaf_text(struct query_builder *builder, const struct lexeme *lexeme) {
    struct token_list tokens = token_split(lexeme->text, builder->arena);
    if (lexeme->distance) return leaf_within(builder, lexeme, tokens);
    if (is_link(tokens))
        return query_leaf_tokens(builder, token_split_words(lexeme->text, builder->arena),
                                 TERM_URL_WORD, lexeme->from, lexeme->to);
    if (lexeme->kind == LEXEME_PHRASE && slice_trim(lexeme->text).length == 0) {
        query_refuse(builder, lexeme->from, "there is nothing between these quotation marks");
        return NULL;
    }
    return query_leaf_tokens(builder, tokens, TERM_WORD, lexeme->from, lexeme->to);
}

static struct query_tree *leaf_prefix(struct query_builder *builder, const struct lexeme *lexeme) {
    struct slice stem = lexeme->text;
    const char *star = memchr(stem.data, '*', stem.length);
    size_t at = lexeme->from + (size_t)(star - stem.data);
    if (star + 1 != stem.data + stem.length) {
        query_refuse(builder, at, "a * may stand only at the end of a word");
        error_suggest(builder->err, "for example refund*, or /re.*nd/");
        return NULL;
    }
    stem.length--;
    struct token_list tokens = token_split(stem, builder->arena);
    if (utf8_count(stem) < 2) {
        query_refuse(builder, at, "a * needs at least two letters before it");
        return NULL;
    }
    if (tokens.count != 1 || tokens.items[0].kind != TOKEN_WORD ||
        tokens.items[0].length != stem.length) {
        query_refuse(builder, at, "a * completes one word, and '%.*s' is not one",
                     SLICE_ARGS(query_shown(stem)));
        return NULL;
    }
    if (tokens.items[0].folded.length > PREFIX_MAX_BYTES) {
        query_refuse(builder, lexeme->from, "what stands before a * may be at most %d bytes long",
                     PREFIX_MAX_BYTES);
        return NULL;
    }
    uint32_t term = query_term_add(builder->set, TERM_PREFIX, tokens.items[0].folded);
    return query_tree_new(builder, QUERY_TERM, term, lexeme->from, lexeme->to);
}

/* Where what may follow '#', '@' or '$' in a query ends. "#1" is allowed: it may be in a list. */
static const char *sign_end(char sign, const char *at, const char *end) {
    const char *stop = at;
    if (sign == '@') return name_end(at, end);
    while (stop < end) {
        const char *next = stop;
        enum character character = character_of(utf8_decode(&next, end));
        bool cash_point = sign == '$' && (*stop == '.' || *stop == '_');
        if (character == CHARACTER_OTHER && !cash_point) break;
        stop = next;
    }
    return stop > at ? stop : NULL;
}

static struct query_tree *leaf_sign(struct query_builder *builder, const struct lexeme *lexeme,
                                    char sign, size_t sign_bytes) {
    struct slice name = slice_skip(lexeme->text, sign_bytes);
    const char *end = name.data + name.length;
    if (name.length == 0 || sign_end(sign, name.data, end) != end) {
        query_refuse(builder, lexeme->from,
                     sign == '#'   ? "a hashtag is # and then letters, digits and _ only"
                     : sign == '@' ? "a name is @ and then letters, digits, _ . and - only"
                                   : "a cashtag is $ and then letters and digits only");
        error_suggest(builder->err, sign == '#'   ? "for example #python"
                                    : sign == '@' ? "for example @anna"
                                                  : "for example $AAPL");
        return NULL;
    }
    enum term_kind kind = sign == '#' ? TERM_TAG : sign == '@' ? TERM_NAME : TERM_CASH;
    uint32_t term = query_term_add(builder->set, kind, fold_text(name, builder->arena));
    return query_tree_new(builder, QUERY_TERM, term, lexeme->from, lexeme->to);
}

struct query_tree *query_leaf(struct query_builder *builder, const struct lexeme *lexeme) {
    if (lexeme->kind == LEXEME_OPERATOR) return query_operator(builder, lexeme);
    if (lexeme->kind == LEXEME_REGEX) return query_value_regex(builder, lexeme);
    if (lexeme->kind == LEXEME_PHRASE) return leaf_text(builder, lexeme);
    struct slice text = lexeme->text;
    struct token_list tokens = token_split(text, builder->arena);
    bool emoji = tokens.count > 0 && tokens.items[0].kind == TOKEN_EMOJI; /* a key cap's # or * */
    if (!emoji && memchr("#@$", text.data[0], 3))
        return leaf_sign(builder, lexeme, text.data[0], 1);
    if (slice_starts(text, SLICE("\xef\xbc\x83"))) return leaf_sign(builder, lexeme, '#', 3);
    if (slice_starts(text, SLICE("\xef\xbc\xa0"))) return leaf_sign(builder, lexeme, '@', 3);
    if (!emoji && memchr(text.data, '*', text.length)) return leaf_prefix(builder, lexeme);
    return leaf_text(builder, lexeme);
}
