/* What X knows of a query's leaves. */
#include "base/utf8.h"
#include "post/query_push_internal.h"
#include <math.h>

#define MOST_HANDLE 15
/* X: a box's sides, a circle's radius. */
#define MOST_KM (25 * 1.609344)
#define KM_A_DEGREE 111.32

static struct push leaf(struct slice text, bool stands) {
    return (struct push){ .op = PUSH_LEAF, .text = text, .stands = stands };
}

static const struct push all = { .op = PUSH_ALL }, none = { .op = PUSH_NONE };

static bool is_plain(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || (unsigned char)byte >= 0x80;
}

static bool is_name(struct slice text) {
    for (size_t i = 0; i < text.length; i++)
        if (!is_plain(text.data[i])) return false;
    return text.length > 0;
}

/* A user of X: letters, digits and "_", or a number. */
static bool is_user_of_x(struct slice user) {
    bool number = user.length <= 20;
    for (size_t i = 0; i < user.length; i++) {
        if (!is_plain(user.data[i]) || (unsigned char)user.data[i] >= 0x80) return false;
        number &= user.data[i] >= '0' && user.data[i] <= '9';
    }
    return user.length > 0 && (number || user.length <= MOST_HANDLE);
}

static bool has_letter(struct slice text) {
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] < '0' || text.data[i] > '9') return true;
    return false;
}

/* X reads some words otherwise: these, and what is not of letters and digits only. */
static struct slice as_word(struct pushing *pushing, struct slice word) {
    bool keyword = slice_is(word, "or") || slice_is(word, "and") || slice_is(word, "not");
    if (is_name(word) && !keyword) return word;
    return ARENA_JOIN(pushing->arena, SLICE("\""), word, SLICE("\""));
}

/* Codes that X has for lang:, by today's names; it writes three of them as they were. */
static struct push of_lang(struct pushing *pushing, struct slice lang, bool *exact) {
    static const char known[] =
        " am ar bg bn bo bs ca ckb cs cy da de dv el en es et eu fa fi fr gu hi hr ht hu hy is it "
        "ja ka km kn ko lo lt lv ml mr my ne nl no pa pl ps pt ro ru sd si sk sl sr sv ta te th tl "
        "tr ug uk und ur vi ";
    const char *dash = memchr(lang.data, '-', lang.length);
    struct slice main = dash ? slice_first(lang, (size_t)(dash - lang.data)) : lang;
    struct slice between = ARENA_JOIN(pushing->arena, SLICE(" "), main, SLICE(" "));
    *exact = dash == NULL;
    if (slice_is(main, "he")) return leaf(SLICE("lang:iw"), false);
    if (slice_is(main, "id")) return leaf(SLICE("lang:in"), false);
    if (slice_is(lang, "zh-cn")) return leaf(SLICE("lang:zh-CN"), false);
    if (slice_is(lang, "zh-tw")) return leaf(SLICE("lang:zh-TW"), false);
    pushing->whole &= dash == NULL || slice_is(main, "zh");
    if (memmem(known, sizeof known - 1, between.data, between.length))
        return leaf(ARENA_JOIN(pushing->arena, SLICE("lang:"), main), false);
    *exact = false;
    if (!slice_is(main, "zh")) return all;
    return leaf(SLICE("(lang:zh-CN OR lang:zh-TW)"), false);
}

static struct push of_user(struct pushing *pushing, const char *name, struct slice user) {
    if (!is_user_of_x(user)) return none;
    return leaf(ARENA_JOIN(pushing->arena, slice_of(name), user), true);
}

/* A word of v1.1's track is a tag, a name and a part of a link, too. */
static struct push of_track(struct pushing *pushing, const struct query_term *term, bool *exact) {
    struct slice word = as_word(pushing, term->text), text = term->text;
    struct arena *arena = pushing->arena;
    *exact = false;
    if (memchr(text.data, '"', text.length)) return all;
    struct slice either =
        ARENA_JOIN(arena, SLICE("("), word, SLICE(" OR url:\""), text, SLICE("\""));
    if (is_name(text) && has_letter(text)) either = ARENA_JOIN(arena, either, SLICE(" OR #"), text);
    if (is_user_of_x(text)) either = ARENA_JOIN(arena, either, SLICE(" OR @"), text);
    return leaf(ARENA_JOIN(arena, either, SLICE(")")), true);
}

static struct push of_sign(struct pushing *pushing, const char *sign, struct slice name) {
    if (!is_name(name) || !has_letter(name)) return none;
    return leaf(ARENA_JOIN(pushing->arena, slice_of(sign), name), true);
}

/* Of a user. */
static struct push of_person(struct pushing *pushing, const struct query_term *term) {
    switch (term->kind) {
    case TERM_FROM: return of_user(pushing, "from:", term->text);
    case TERM_TO: return of_user(pushing, "to:", term->text);
    case TERM_RETWEETS_OF: return of_user(pushing, "retweets_of:", term->text);
    default: return of_user(pushing, "@", term->text);
    }
}

static struct push of_link_word(struct pushing *pushing, struct slice word, bool *exact) {
    *exact = memchr(word.data, '"', word.length) == NULL;
    if (!*exact) return all;
    return leaf(ARENA_JOIN(pushing->arena, SLICE("url:\""), word, SLICE("\"")), true);
}

static struct push of_term(struct pushing *pushing, const struct query_term *term, bool *exact) {
    *exact = true;
    switch (term->kind) {
    case TERM_WORD:
    case TERM_EMOJI: return leaf(as_word(pushing, term->text), true);
    case TERM_TAG:
    case TERM_TEXT_TAG: return of_sign(pushing, "#", term->text);
    case TERM_CASH:
    case TERM_TEXT_CASH: return of_sign(pushing, "$", term->text);
    case TERM_URL_WORD:
    case TERM_TEXT_LINK: return of_link_word(pushing, term->text, exact);
    case TERM_LANG: return of_lang(pushing, term->text, exact);
    case TERM_NETWORK: return slice_is(term->text, "x") ? all : none;
    case TERM_TRACK_WORD:
    case TERM_TRACK_CHUNK: return of_track(pushing, term, exact);
    case TERM_PREFIX: *exact = false; return all;
    default: return of_person(pushing, term);
    }
}

/* What stands between the quotation marks, or the word itself, as it was written; empty when X
 * could take it for something else. */
static struct slice inside_of(const struct pushing *pushing, const struct query_node *node) {
    struct slice text = slice_from(pushing->text.data + node->from, node->to - node->from);
    bool operator= text.length> 4 && strncasecmp(text.data, "url:", 4) == 0;
    if (operator) text = slice_skip(text, 4);
    if (text.length >= 2 && text.data[0] == '"' && text.data[text.length - 1] == '"')
        text = slice_from(text.data + 1, text.length - 2);
    bool odd = memchr(text.data, '"', text.length) || memchr(text.data, '\\', text.length) ||
               memmem(text.data, text.length, "\xe2\x80\x9c", 3) ||
               memmem(text.data, text.length, "\xe2\x80\x9d", 3);
    return odd ? SLICE("") : text;
}

/* The beginning of what is too long, up to where both linnet and X begin another term: whoever has
 * all of it has that, too. Empty when there is no such place behind `least` bytes. */
static struct slice beginning_of(struct slice inside, size_t least, size_t most, char border) {
    size_t length = MIN(inside.length - 1, most);
    while (length > least && inside.data[length] != border)
        length--;
    return length > least ? slice_trim(slice_first(inside, length)) : SLICE("");
}

/* As one text that X looks for, in a row. */
static struct push of_row(struct pushing *pushing, struct slice inside, bool link, bool *exact) {
    struct slice before = link ? SLICE("url:\"") : SLICE("\"");
    *exact = before.length + inside.length + 1 <= pushing->most_bytes;
    if (!*exact) {
        size_t scheme = link ? sizeof "https://" - 1 : 0;
        inside = beginning_of(inside, scheme, pushing->most_bytes / 2, link ? '/' : ' ');
        pushing->whole = false;
    }
    if (inside.length == 0) return all;
    return leaf(ARENA_JOIN(pushing->arena, before, inside, SLICE("\"")), true);
}

/* Each of its terms by itself, wherever they stand. */
static struct push of_terms(struct pushing *pushing, const struct query_node *node) {
    const struct query_set *set = pushing->set;
    const uint32_t *terms = set->phrase_terms + node->number;
    struct push some = { .op = PUSH_ALL }, **link = &some.first;
    for (size_t i = 0; i < node->count; i++) {
        bool ignored;
        struct push one = of_term(pushing, &set->terms[terms[i]], &ignored);
        if (one.op == PUSH_NONE) return one;
        if (one.op == PUSH_ALL) continue;
        *link = arena_alloc(pushing->arena, sizeof **link);
        **link = one;
        link = &(*link)->next;
        some.op = PUSH_AND;
        some.stands |= one.stands;
    }
    pushing->whole = false;
    return some;
}

static struct push of_phrase(struct pushing *pushing, const struct query_node *node, bool *exact) {
    const struct query_set *set = pushing->set;
    const uint32_t *terms = set->phrase_terms + node->number;
    uint32_t kinds = 0;
    for (size_t i = 0; i < node->count; i++)
        kinds |= KIND_BIT(set->terms[terms[i]].kind);
    bool words = kinds == KIND_BIT(TERM_WORD), link = kinds == KIND_BIT(TERM_URL_WORD);
    struct slice inside = inside_of(pushing, node);
    struct push row = all;
    if ((words || link) && inside.length) row = of_row(pushing, inside, link, exact);
    return row.op == PUSH_ALL ? of_terms(pushing, node) : row;
}

static struct push of_trait(const struct pushing *pushing, const struct query_node *node,
                            bool *exact) {
    *exact = false;
    if (node->number & (TRAIT_BOT | TRAIT_SENSITIVE)) return all;
    *exact = !(node->number & (TRAIT_MEDIA | TRAIT_IMAGES | TRAIT_VIDEO));
    return leaf(slice_from(pushing->text.data + node->from, node->to - node->from), false);
}

/* X takes small areas only, and finds posts by their place in them, too. */
static struct push of_area(const struct pushing *pushing, const struct query_node *node,
                           bool *exact) {
    const struct query_area *area = &pushing->set->areas[node->number];
    double high = fabs(area->north - area->south) * KM_A_DEGREE;
    double wide = fabs(area->east - area->west) * KM_A_DEGREE *
                  cos(fmin(fabs(area->north), fabs(area->south)) * (3.14159265358979323846 / 180));
    bool small = area->radius_km > 0
                     ? area->radius_km <= MOST_KM
                     : high <= MOST_KM && wide <= MOST_KM && area->west < area->east;
    *exact = false;
    if (!small) return all;
    return leaf(slice_from(pushing->text.data + node->from, node->to - node->from), true);
}

struct push query_push_leaf(struct pushing *pushing, const struct query_node *node, bool *exact) {
    struct slice text = slice_from(pushing->text.data + node->from, node->to - node->from);
    *exact = false;
    switch (node->op) {
    case QUERY_TERM: return of_term(pushing, &pushing->set->terms[node->number], exact);
    case QUERY_PHRASE: return of_phrase(pushing, node, exact);
    case QUERY_TRAIT: return of_trait(pushing, node, exact);
    case QUERY_HAS: *exact = true; return leaf(text, false);
    case QUERY_AREA: return of_area(pushing, node, exact);
    default: return all; /* a sample, a regular expression */
    }
}
