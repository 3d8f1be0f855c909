/* The grammar, one function a rule:
 *
 *   either := both ("OR" both)*
 *   both   := near near*
 *   near   := not ("NEAR/n" not)*
 *   not    := ("-" | "NOT")* (leaf | "(" either ")") */
#include "base/utf8.h"
#include "post/query_internal.h"
#include <stdio.h>

struct slice query_shown(struct slice text) {
    if (text.length <= 40) return text;
    size_t length = 40;
    while (length && ((unsigned char)text.data[length] & 0xC0) == 0x80)
        length--;
    return slice_first(text, length);
}

bool query_refuse(struct query_builder *builder, size_t offset, const char *format, ...) {
    char text[sizeof builder->err->text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    builder->bad_offset = offset;
    return error_set(builder->err, ERROR_CONFIG, "%s", text);
}

struct query_tree *query_tree_new(struct query_builder *builder, enum query_op op, uint32_t number,
                                  size_t from, size_t to) {
    struct query_tree *tree = arena_zeroed(builder->arena, 1, sizeof *tree);
    tree->op = op;
    tree->number = number;
    tree->from = (uint32_t)from;
    tree->to = (uint32_t)to;
    return tree;
}

static struct query_tree *parse_either(struct query_builder *builder);

/* `parent` of `op` over `first`, unless it is one already. */
static struct query_tree *parent_of(struct query_builder *builder, enum query_op op,
                                    struct query_tree *first) {
    struct query_tree *parent = query_tree_new(builder, op, 0, first->from, first->to);
    parent->first = first;
    return parent;
}

static struct query_tree *parse_group(struct query_builder *builder) {
    size_t open = builder->lexeme.from;
    if (builder->depth == QUERY_MAX_DEPTH) {
        query_refuse(builder, open, "parentheses may be nested at most %d deep", QUERY_MAX_DEPTH);
        return NULL;
    }
    if (!query_lex(builder)) return NULL;
    if (builder->lexeme.kind == LEXEME_CLOSE) {
        query_refuse(builder, open, "there is nothing between these parentheses");
        return NULL;
    }
    if (builder->lexeme.kind == LEXEME_END) {
        query_refuse(builder, open, "the parenthesis opened here is never closed");
        return NULL;
    }
    builder->depth++;
    struct query_tree *inside = parse_either(builder);
    builder->depth--;
    if (inside == NULL) return NULL;
    if (builder->lexeme.kind != LEXEME_CLOSE) {
        query_refuse(builder, open, "the parenthesis opened here is never closed");
        return NULL;
    }
    return query_lex(builder) ? inside : NULL;
}

/* What is said where a term should be and `lexeme` is. */
static void refuse_missing(struct query_builder *builder) {
    const struct lexeme *lexeme = &builder->lexeme;
    switch (lexeme->kind) {
    case LEXEME_OR:
        query_refuse(builder, lexeme->from, "OR needs a term on both sides");
        error_suggest(builder->err, "write \"or\" in lower case to look for the word");
        break;
    case LEXEME_NEAR:
        query_refuse(builder, lexeme->from, "NEAR needs a term on both sides");
        error_suggest(builder->err, "for example acme NEAR/5 outage");
        break;
    case LEXEME_CLOSE:
        query_refuse(builder, lexeme->from,
                     builder->depth ? "a term is missing before this parenthesis"
                                    : "this closing parenthesis was never opened");
        break;
    default: query_refuse(builder, lexeme->from, "the query ends where a term should follow");
    }
}

static struct query_tree *parse_not(struct query_builder *builder) {
    size_t from = builder->lexeme.from;
    bool negated = false;
    while (builder->lexeme.kind == LEXEME_NOT) {
        negated = !negated;
        if (!query_lex(builder)) return NULL;
    }
    struct query_tree *tree = NULL;
    struct lexeme lexeme = builder->lexeme;
    switch (lexeme.kind) {
    case LEXEME_OPEN: tree = parse_group(builder); break;
    case LEXEME_WORD:
    case LEXEME_PHRASE:
    case LEXEME_REGEX:
    case LEXEME_OPERATOR:
        tree = query_leaf(builder, &lexeme);
        if (tree && !query_lex(builder)) return NULL;
        break;
    default: refuse_missing(builder);
    }
    if (tree == NULL || !negated) return tree;
    tree = parent_of(builder, QUERY_NOT, tree);
    tree->from = (uint32_t)from;
    return tree;
}

/* The kind of text token that is what a #tag, @name or $cash is in a list. */
static bool place_term(struct query_builder *builder, struct query_tree *tree) {
    const struct query_term *term = &builder->set->terms[tree->number];
    struct slice text = term->text;
    if (KINDS_PLACED & KIND_BIT(term->kind)) return true;
    if (term->kind < TERM_TAG || term->kind > TERM_CASH) return false;
    enum term_kind kind = TERM_TEXT_TAG + (term->kind - TERM_TAG);
    tree->number = query_term_add(builder->set, kind, text);
    return true;
}

/* Makes `tree` fit for NEAR: only what has a place in the text. */
static bool place_tree(struct query_builder *builder, struct query_tree *tree) {
    bool placed = true;
    switch (tree->op) {
    case QUERY_TERM: placed = place_term(builder, tree); break;
    case QUERY_PHRASE:
        placed = KINDS_PLACED & KIND_BIT(builder->set->terms[tree->terms[0]].kind);
        break;
    case QUERY_AND:
    case QUERY_OR:
        for (struct query_tree *child = tree->first; child; child = child->next)
            if (!place_tree(builder, child)) return false;
        break;
    case QUERY_NEAR: break;
    default: placed = false;
    }
    if (placed) return true;
    return query_refuse(builder, tree->from,
                        tree->op == QUERY_NOT
                            ? "NEAR cannot measure the distance to something excluded"
                            : "NEAR joins words, phrases, prefixes and groups of these only");
}

static struct query_tree *parse_near(struct query_builder *builder) {
    struct query_tree *tree = parse_not(builder);
    while (tree && builder->lexeme.kind == LEXEME_NEAR) {
        uint32_t distance = builder->lexeme.distance;
        if (!query_lex(builder)) return NULL;
        struct query_tree *right = parse_not(builder);
        if (right == NULL || !place_tree(builder, tree) || !place_tree(builder, right)) return NULL;
        tree = parent_of(builder, QUERY_NEAR, tree);
        tree->number = distance;
        tree->first->next = right;
        tree->to = right->to;
    }
    return tree;
}

static bool starts_term(enum lexeme_kind kind) {
    return kind != LEXEME_END && kind != LEXEME_CLOSE && kind != LEXEME_OR;
}

static struct query_tree *parse_both(struct query_builder *builder) {
    struct query_tree *first = parse_near(builder);
    if (first == NULL || !starts_term(builder->lexeme.kind)) return first;
    struct query_tree *parent = parent_of(builder, QUERY_AND, first), *last = first;
    while (starts_term(builder->lexeme.kind)) {
        last->next = parse_near(builder);
        last = last->next;
        if (last == NULL) return NULL;
    }
    parent->to = last->to;
    return parent;
}

static struct query_tree *parse_either(struct query_builder *builder) {
    struct query_tree *first = parse_both(builder);
    if (first == NULL || builder->lexeme.kind != LEXEME_OR) return first;
    struct query_tree *parent = parent_of(builder, QUERY_OR, first), *last = first;
    while (builder->lexeme.kind == LEXEME_OR) {
        size_t at = builder->lexeme.from;
        if (!query_lex(builder)) return NULL;
        if (!starts_term(builder->lexeme.kind)) {
            query_refuse(builder, at, "OR needs a term on both sides");
            return NULL;
        }
        last->next = parse_both(builder);
        last = last->next;
        if (last == NULL) return NULL;
    }
    parent->to = last->to;
    return parent;
}

static size_t first_broken_byte(struct slice text) {
    const char *at = text.data, *end = text.data + text.length;
    while (at < end) {
        const char *from = at;
        if (utf8_decode(&at, end) == UTF8_REPLACEMENT && at - from == 1)
            return (size_t)(from - text.data);
    }
    return text.length;
}

struct query_tree *query_parse(struct query_builder *builder) {
    struct slice text = builder->text;
    if (text.length > QUERY_MAX_BYTES) {
        query_refuse(builder, QUERY_MAX_BYTES, "a query may be %d bytes long, this one has %zu",
                     QUERY_MAX_BYTES, text.length);
        return NULL;
    }
    if (!utf8_valid(text)) {
        query_refuse(builder, first_broken_byte(text), "the query is not valid UTF-8 here");
        return NULL;
    }
    if (!query_lex(builder)) return NULL;
    if (builder->lexeme.kind == LEXEME_END) {
        query_refuse(builder, 0, "the query is empty");
        return NULL;
    }
    struct query_tree *tree = parse_either(builder);
    if (tree == NULL || builder->lexeme.kind == LEXEME_END) return tree;
    refuse_missing(builder);
    return NULL;
}
