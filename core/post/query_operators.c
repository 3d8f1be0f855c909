/* name:value, from one table. */
#include "post/query_internal.h"
#include "text/fold.h"
#include "text/token_class.h"

enum value_kind {
    VALUE_USER, /* a handle or an id; `kind` says whose */
    VALUE_LINK,
    VALUE_LANG,
    VALUE_NETWORK,
    VALUE_HAS,
    VALUE_IS,
    VALUE_BOX,
    VALUE_CIRCLE,
    VALUE_SAMPLE,
    VALUE_LABEL, /* from here on: found by processing */
    VALUE_SCORE,
    VALUE_NAME,
    VALUE_X_ONLY,
};

struct query_operator {
    const char *name, *example;
    enum value_kind value;
    enum term_kind kind;
};

static const struct query_operator operators[] = {
    { "from", "from:anna", VALUE_USER, TERM_FROM },
    { "to", "to:anna", VALUE_USER, TERM_TO },
    { "retweets_of", "retweets_of:anna", VALUE_USER, TERM_RETWEETS_OF },
    { "url", "url:\"example.org\"", VALUE_LINK, TERM_URL_WORD },
    { "lang", "lang:en", VALUE_LANG, TERM_LANG },
    { "network", "network:bluesky", VALUE_NETWORK, TERM_NETWORK },
    { "has", "has:links", VALUE_HAS, 0 },
    { "is", "is:reply", VALUE_IS, 0 },
    { "bounding_box", "bounding_box:[2.2 48.8 2.5 48.9]", VALUE_BOX, 0 },
    { "point_radius", "point_radius:[2.35 48.86 10km]", VALUE_CIRCLE, 0 },
    { "sample", "sample:10", VALUE_SAMPLE, 0 },
    { "sentiment", "sentiment:negative", VALUE_LABEL, 0 },
    { "score", "score:<-0.5", VALUE_SCORE, 0 },
    { "query", "query:coffee", VALUE_NAME, 0 },
    { "bio", NULL, VALUE_X_ONLY, 0 },
    { "bio_name", NULL, VALUE_X_ONLY, 0 },
    { "bio_location", NULL, VALUE_X_ONLY, 0 },
    { "context", NULL, VALUE_X_ONLY, 0 },
    { "conversation_id", NULL, VALUE_X_ONLY, 0 },
    { "embedding", NULL, VALUE_X_ONLY, 0 },
    { "entity", NULL, VALUE_X_ONLY, 0 },
    { "followers_count", NULL, VALUE_X_ONLY, 0 },
    { "following_count", NULL, VALUE_X_ONLY, 0 },
    { "in_reply_to_tweet_id", NULL, VALUE_X_ONLY, 0 },
    { "list", NULL, VALUE_X_ONLY, 0 },
    { "listed_count", NULL, VALUE_X_ONLY, 0 },
    { "min_followers", NULL, VALUE_X_ONLY, 0 },
    { "place", NULL, VALUE_X_ONLY, 0 },
    { "place_country", NULL, VALUE_X_ONLY, 0 },
    { "retweets_of_tweet_id", NULL, VALUE_X_ONLY, 0 },
    { "source", NULL, VALUE_X_ONLY, 0 },
    { "tweets_count", NULL, VALUE_X_ONLY, 0 },
    { "url_contains", NULL, VALUE_X_ONLY, 0 },
    { "url_description", NULL, VALUE_X_ONLY, 0 },
    { "url_title", NULL, VALUE_X_ONLY, 0 },
};

/* A value of has: or is:, and the node it makes. */
struct query_choice {
    const char *name;
    enum query_op op;
    uint32_t number;
};

static const struct query_choice has_choices[] = {
    { "links", QUERY_HAS, TOKEN_LINK },
    { "hashtags", QUERY_HAS, TOKEN_TAG },
    { "cashtags", QUERY_HAS, TOKEN_CASH },
    { "mentions", QUERY_HAS, TOKEN_NAME },
    { "media", QUERY_TRAIT, TRAIT_MEDIA | TRAIT_IMAGES | TRAIT_VIDEO },
    { "images", QUERY_TRAIT, TRAIT_IMAGES },
    { "video_link", QUERY_TRAIT, TRAIT_VIDEO },
    { "geo", QUERY_TRAIT, TRAIT_PLACE | TRAIT_COORDINATES },
    { NULL, 0, 0 },
};

static const struct query_choice is_choices[] = {
    { "reply", QUERY_TRAIT, TRAIT_REPLY },
    { "retweet", QUERY_TRAIT, TRAIT_RETWEET },
    { "quote", QUERY_TRAIT, TRAIT_QUOTE },
    { "verified", QUERY_TRAIT, TRAIT_VERIFIED },
    { "bot", QUERY_TRAIT, TRAIT_BOT },
    { "sensitive", QUERY_TRAIT, TRAIT_SENSITIVE },
    { NULL, 0, 0 },
};

static size_t value_offset(const struct query_builder *builder, const struct lexeme *lexeme) {
    return (size_t)(lexeme->value.data - builder->text.data);
}

static struct query_tree *value_term(struct query_builder *builder, const struct lexeme *lexeme,
                                     enum term_kind kind, struct slice folded) {
    uint32_t term = query_term_add(builder->set, kind, folded);
    return query_tree_new(builder, QUERY_TERM, term, lexeme->from, lexeme->to);
}

/* Handles and ids of all networks: anna, anna.example.org, anna@example.org, 7, did:plc:abc. */
static bool is_user(struct slice value) {
    for (size_t i = 0; i < value.length; i++)
        if (token_class[(unsigned char)value.data[i]] > CLASS_DIGIT &&
            !memchr(".-@:", value.data[i], 4))
            return false;
    return value.length > 0 && token_class[(unsigned char)value.data[0]] <= CLASS_DIGIT;
}

static struct query_tree *value_user(struct query_builder *builder, const struct lexeme *lexeme,
                                     enum term_kind kind) {
    struct slice value = lexeme->value;
    if (value.data[0] == '@') value = slice_skip(value, 1);
    if (!is_user(value)) {
        query_refuse(builder, value_offset(builder, lexeme), "'%.*s' is not a handle or numeric id",
                     SLICE_ARGS(query_shown(lexeme->value)));
        return NULL;
    }
    return value_term(builder, lexeme, kind, fold_text(value, builder->arena));
}

static struct query_tree *value_link(struct query_builder *builder, const struct lexeme *lexeme) {
    return query_leaf_tokens(builder, token_split_words(lexeme->value, builder->arena),
                             TERM_URL_WORD, lexeme->from, lexeme->to);
}

/* Two or three letters, then subtags of up to eight letters and digits (RFC 5646, simplified). */
static bool is_lang(struct slice tag) {
    size_t length = 0, subtag = 0;
    for (size_t i = 0; i <= tag.length; i++) {
        bool ends = i == tag.length || tag.data[i] == '-';
        bool letter = !ends && token_class[(unsigned char)tag.data[i]] <= CLASS_LINK;
        bool digit = !ends && token_class[(unsigned char)tag.data[i]] == CLASS_DIGIT;
        if (ends) {
            if (length < (subtag ? 1u : 2u) || length > (subtag ? 8u : 3u)) return false;
            length = 0;
            subtag++;
        } else if (!(letter && tag.data[i] != '_') && !(digit && subtag)) {
            return false;
        } else {
            length++;
        }
    }
    return true;
}

static struct query_tree *value_lang(struct query_builder *builder, const struct lexeme *lexeme) {
    struct slice key = query_lang_key(lexeme->value, builder->arena);
    if (!is_lang(key)) {
        query_refuse(builder, value_offset(builder, lexeme), "'%.*s' is not a language code",
                     SLICE_ARGS(query_shown(lexeme->value)));
        error_suggest(builder->err, "codes are short, such as en, de, pt-BR; und is no language");
        return NULL;
    }
    return value_term(builder, lexeme, TERM_LANG, key);
}

static struct query_tree *value_network(struct query_builder *builder,
                                        const struct lexeme *lexeme) {
    for (size_t i = 0; i < lexeme->value.length; i++) {
        char byte = lexeme->value.data[i];
        if (token_class[(unsigned char)byte] <= CLASS_DIGIT || byte == '-') continue;
        query_refuse(builder, value_offset(builder, lexeme), "'%.*s' is not the name of a network",
                     SLICE_ARGS(query_shown(lexeme->value)));
        return NULL;
    }
    return value_term(builder, lexeme, TERM_NETWORK, fold_text(lexeme->value, builder->arena));
}

static const char *choice_name(const void *choices, size_t i) {
    return ((const struct query_choice *)choices)[i].name;
}

static struct query_tree *value_choice(struct query_builder *builder, const struct lexeme *lexeme,
                                       const struct query_choice *choices, const char *name) {
    struct slice value = fold_text(lexeme->value, builder->arena);
    for (const struct query_choice *choice = choices; choice->name; choice++)
        if (slice_is(value, choice->name))
            return query_tree_new(builder, choice->op, choice->number, lexeme->from, lexeme->to);
    size_t offset = value_offset(builder, lexeme);
    if (choices == is_choices && slice_is(value, "nullcast")) {
        query_refuse(builder, offset, "is:nullcast is known to X only, linnet cannot tell");
        return NULL;
    }
    query_refuse(builder, offset, "%s: does not know '%.*s'", name, SLICE_ARGS(query_shown(value)));
    const char *near = nearest_name(value, choice_name, choices);
    if (near)
        error_suggest(builder->err, "did you mean %s:%s?", name, near);
    else
        error_suggest(builder->err,
                      choices == is_choices
                          ? "is: takes reply, retweet, quote, verified, bot, sensitive"
                          : "has: takes links, hashtags, cashtags, mentions, media, "
                            "images, video_link, geo");
    return NULL;
}

/* Whether there is nothing yet, or never, that it could be about. */
static bool is_refused(const struct query_builder *builder, const struct query_operator *operator) {
    return operator->value == VALUE_X_ONLY ||(operator->value >= VALUE_LABEL && !builder->search);
}

static const char *operator_name(const void *builder, size_t i) {
    bool end = i == LENGTH(operators) || is_refused(builder, &operators[i]);
    return end ? NULL : operators[i].name;
}

static const struct query_operator *operator_find(struct query_builder *builder,
                                                  const struct lexeme *lexeme) {
    struct slice name = fold_text(lexeme->text, builder->arena);
    for (size_t i = 0; i < LENGTH(operators); i++)
        if (slice_is(name, operators[i].name)) return &operators[i];
    struct slice whole = slice_from(builder->text.data + lexeme->from, builder->at - lexeme->from);
    if (slice_is(name, "http") || slice_is(name, "https")) {
        query_refuse(builder, lexeme->from, "a link is looked for with url:");
        error_suggest(builder->err, "write url:\"%.*s\"", SLICE_ARGS(query_shown(whole)));
        return NULL;
    }
    query_refuse(builder, lexeme->from, "there is no operator '%.*s:'",
                 SLICE_ARGS(query_shown(lexeme->text)));
    const char *near = nearest_name(name, operator_name, builder);
    if (near)
        error_suggest(builder->err, "did you mean %s:?", near);
    else
        error_suggest(builder->err, "to look for the text, put it in quotes: \"%.*s\"",
                      SLICE_ARGS(query_shown(whole)));
    return NULL;
}

static struct query_tree *operator_leaf(struct query_builder *builder, const struct lexeme *lexeme,
                                        const struct query_operator *operator) {
    switch (operator->value) {
    case VALUE_USER: return value_user(builder, lexeme, operator->kind);
    case VALUE_LINK: return value_link(builder, lexeme);
    case VALUE_LANG: return value_lang(builder, lexeme);
    case VALUE_NETWORK: return value_network(builder, lexeme);
    case VALUE_HAS: return value_choice(builder, lexeme, has_choices, "has");
    case VALUE_IS: return value_choice(builder, lexeme, is_choices, "is");
    case VALUE_BOX: return query_value_box(builder, lexeme);
    case VALUE_CIRCLE: return query_value_circle(builder, lexeme);
    case VALUE_SAMPLE: return query_value_sample(builder, lexeme);
    case VALUE_LABEL: return query_found_label(builder, lexeme);
    case VALUE_SCORE: return query_found_score(builder, lexeme);
    case VALUE_NAME: return query_found_name(builder, lexeme);
    case VALUE_X_ONLY: break; /* refused */
    }
    return NULL;
}

static struct query_tree *refuse_operator(struct query_builder *builder,
                                          const struct lexeme *lexeme,
                                          const struct query_operator *operator) {
    if (operator->value == VALUE_X_ONLY)
        query_refuse(builder, lexeme->from,
                     "%s: is an operator of X that linnet does not evaluate", operator->name);
    else
        query_refuse(builder, lexeme->from,
                     "%s: asks for what is found only after this query has matched; it works in "
                     "search and alerts",
                     operator->name);
    return NULL;
}

struct query_tree *query_operator(struct query_builder *builder, const struct lexeme *lexeme) {
    const struct query_operator *operator= operator_find(builder, lexeme);
    if (operator== NULL) return NULL;
    if (is_refused(builder, operator)) return refuse_operator(builder, lexeme, operator);
    if (slice_trim(lexeme->value).length > 0) return operator_leaf(builder, lexeme, operator);
    bool group = builder->at < builder->text.length && builder->text.data[builder->at] == '(';
    query_refuse(builder, builder->at,
                 group ? "%s: takes one value, not a group" : "%s: needs a value right after it",
                 operator->name);
    if (group)
        error_suggest(builder->err,
                      "repeat the operator: (%s:a OR %s:b)", operator->name, operator->name);
    else
        error_suggest(builder->err, "for example %s", operator->example);
    return NULL;
}

/* ---- for the manual ------------------------------------------------------------------------- */

static const struct query_operator *operator_at(size_t i) {
    for (size_t at = 0; at < LENGTH(operators); at++)
        if (operators[at].value != VALUE_X_ONLY && i-- == 0) return &operators[at];
    return NULL;
}

bool query_manual(size_t i, struct query_manual *manual) {
    const struct query_operator *found = operator_at(i);
    if (found == NULL) return false;
    bool search_only = found->value > VALUE_SAMPLE; /* the kinds behind it ask for what is found */
    *manual = (struct query_manual){ found->name, found->example, search_only };
    return true;
}

const char *query_manual_value(size_t i, size_t j) {
    const struct query_operator *found = operator_at(i);
    if (found && found->value == VALUE_HAS)
        return j < LENGTH(has_choices) ? has_choices[j].name : NULL;
    if (found && found->value == VALUE_IS)
        return j < LENGTH(is_choices) ? is_choices[j].name : NULL;
    return NULL;
}
