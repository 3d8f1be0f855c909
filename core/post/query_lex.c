/* Lexemes of the query language. */
#include "base/utf8.h"
#include "post/query_internal.h"

/* Bytes of the space at `at`: ASCII white space, no-break, ideographic and U+2000 to U+200B; 0 when
 * there is none. */
static size_t space_length(const char *at, const char *end) {
    if (*at == ' ' || (*at >= '\t' && *at <= '\r')) return 1;
    if ((unsigned char)*at < 0x80) return 0;
    const char *next = at;
    uint32_t code_point = utf8_decode(&next, end);
    bool space = code_point == 0xA0 || code_point == 0x3000 || code_point == 0xFEFF ||
                 (code_point >= 0x2000 && code_point <= 0x200B);
    return space ? (size_t)(next - at) : 0;
}

/* Bytes of a double quote, straight or as keyboards of phones make it; else 0. */
static size_t quote_length(const char *at, const char *end) {
    if (*at == '"') return 1;
    bool curly = end - at >= 3 && at[0] == '\xe2' && at[1] == '\x80' &&
                 (unsigned char)at[2] >= 0x9c && (unsigned char)at[2] <= 0x9f;
    return curly ? 3 : 0;
}

static bool stops_word(const char *at, const char *end) {
    return *at == '(' || *at == ')' || space_length(at, end) || quote_length(at, end);
}

static const char *text_end(const struct query_builder *builder) {
    return builder->text.data + builder->text.length;
}

static size_t offset_of(const struct query_builder *builder, const char *at) {
    return (size_t)(at - builder->text.data);
}

static const char *bare_end(const char *at, const char *end) {
    while (at < end && !stops_word(at, end))
        at++;
    return at;
}

/* Reads what is between the quote at `*at` and the next one. */
static bool lex_quoted(struct query_builder *builder, const char **at, struct slice *inside) {
    const char *end = text_end(builder), *open = *at;
    const char *start = open + quote_length(open, end), *close = start;
    while (close < end && !quote_length(close, end))
        close += *close == '\\' && close + 1 < end ? 2 : 1;
    if (close >= end)
        return query_refuse(builder, offset_of(builder, open),
                            "the quotation mark opened here is never closed");
    *inside = slice_from(start, (size_t)(close - start));
    *at = close + quote_length(close, end);
    return true;
}

/* Reads digits at `*at` as a distance, for what `name` shows. */
static bool lex_distance(struct query_builder *builder, const char **at, const char *name) {
    const char *start = *at, *end = text_end(builder);
    uint32_t distance = 0;
    for (; *at < end && **at >= '0' && **at <= '9'; (*at)++)
        distance = MIN(distance * 10 + (uint32_t)(**at - '0'), 1000);
    bool complete = *at > start && (*at == end || stops_word(*at, end));
    if (!complete || distance < 1 || distance > QUERY_MAX_DISTANCE) {
        query_refuse(builder, offset_of(builder, start),
                     "%s needs a whole number of words from 1 to %d right after it", name,
                     QUERY_MAX_DISTANCE);
        error_suggest(builder->err, "for example %s5", name);
        return false;
    }
    builder->lexeme.distance = distance;
    return true;
}

static bool lex_phrase(struct query_builder *builder, const char *at) {
    builder->lexeme.kind = LEXEME_PHRASE;
    if (!lex_quoted(builder, &at, &builder->lexeme.text)) return false;
    if (at < text_end(builder) && *at == '~') {
        at++;
        if (!lex_distance(builder, &at, "~")) return false;
    }
    builder->at = offset_of(builder, at);
    return true;
}

static bool lex_regex(struct query_builder *builder, const char *at) {
    const char *end = text_end(builder), *close = at + 1;
    while (close < end && *close != '/')
        close += *close == '\\' && close + 1 < end ? 2 : 1;
    if (close >= end) {
        query_refuse(builder, offset_of(builder, at),
                     "the regular expression opened by this / is never closed");
        error_suggest(builder->err, "put quotes around the text if no regular expression is meant");
        return false;
    }
    builder->lexeme.kind = LEXEME_REGEX;
    builder->lexeme.text = slice_from(at + 1, (size_t)(close - at - 1));
    const char *flag = close + 1;
    while (flag < end && (*flag == 'i' || *flag == 'u')) /* both always hold */
        flag++;
    if (flag < end && !stops_word(flag, end)) {
        query_refuse(builder, offset_of(builder, flag),
                     "a regular expression ends at its second / and a space has to follow");
        error_suggest(builder->err, "write \\/ for a slash inside it");
        return false;
    }
    builder->at = offset_of(builder, flag);
    return true;
}

static bool lex_value(struct query_builder *builder, const char *at) {
    const char *end = text_end(builder);
    struct lexeme *lexeme = &builder->lexeme;
    if (at < end && quote_length(at, end)) {
        if (!lex_quoted(builder, &at, &lexeme->value)) return false;
    } else if (at < end && *at == '[') {
        const char *close = memchr(at, ']', (size_t)(end - at));
        if (close == NULL)
            return query_refuse(builder, offset_of(builder, at),
                                "the bracket opened here is never closed");
        lexeme->value = slice_from(at, (size_t)(close + 1 - at));
        at = close + 1;
    } else {
        const char *stop = bare_end(at, end);
        lexeme->value = slice_from(at, (size_t)(stop - at));
        at = stop;
    }
    builder->at = offset_of(builder, at);
    return true;
}

/* The length of an operator's name that stands before ':' at `at`; 0 when there is none. */
static size_t name_length(const char *at, const char *end) {
    const char *stop = at;
    while (stop < end &&
           ((*stop >= 'a' && *stop <= 'z') || (*stop >= 'A' && *stop <= 'Z') || *stop == '_'))
        stop++;
    return stop < end && *stop == ':' ? (size_t)(stop - at) : 0;
}

/* OR, NOT, NEAR in upper case, or a plain word. */
static bool lex_word(struct query_builder *builder, const char *at) {
    const char *end = bare_end(at, text_end(builder));
    struct lexeme *lexeme = &builder->lexeme;
    lexeme->kind = LEXEME_WORD;
    lexeme->text = slice_from(at, (size_t)(end - at));
    builder->at = offset_of(builder, end);
    if (slice_is(lexeme->text, "OR")) lexeme->kind = LEXEME_OR;
    if (slice_is(lexeme->text, "NOT")) lexeme->kind = LEXEME_NOT;
    if (slice_is(lexeme->text, "AND")) {
        query_refuse(builder, lexeme->from, "AND is not written: a space already means it");
        error_suggest(builder->err, "leave AND out, or write \"and\" to look for the word");
        return false;
    }
    if (slice_starts(lexeme->text, SLICE("NEAR/")) || slice_is(lexeme->text, "NEAR")) {
        lexeme->kind = LEXEME_NEAR;
        at += MIN(lexeme->text.length, sizeof "NEAR/" - 1);
        return lex_distance(builder, &at, "NEAR/");
    }
    return true;
}

static bool lex_minus(struct query_builder *builder, const char *at) {
    const char *end = text_end(builder);
    builder->lexeme.kind = LEXEME_NOT;
    builder->at = offset_of(builder, at + 1);
    if (at + 1 < end && !space_length(at + 1, end) && at[1] != ')') return true;
    query_refuse(builder, offset_of(builder, at),
                 "a - excludes what stands right behind it, and nothing does");
    error_suggest(builder->err, "for example cat -dog");
    return false;
}

bool query_lex(struct query_builder *builder) {
    const char *end = text_end(builder);
    const char *at = builder->text.data + builder->at;
    size_t space;
    while (at < end && (space = space_length(at, end)))
        at += space;
    struct lexeme *lexeme = &builder->lexeme;
    *lexeme = (struct lexeme){ .kind = LEXEME_END, .from = offset_of(builder, at) };
    builder->at = lexeme->from;
    bool fine = true;
    if (at < end) {
        size_t name = name_length(at, end);
        builder->at++;
        if (*at == '(') {
            lexeme->kind = LEXEME_OPEN;
        } else if (*at == ')') {
            lexeme->kind = LEXEME_CLOSE;
        } else if (*at == '-') {
            fine = lex_minus(builder, at);
        } else if (quote_length(at, end)) {
            fine = lex_phrase(builder, at);
        } else if (*at == '/') {
            fine = lex_regex(builder, at);
        } else if (name) {
            lexeme->kind = LEXEME_OPERATOR;
            lexeme->text = slice_from(at, name);
            fine = lex_value(builder, at + name + 1);
        } else {
            fine = lex_word(builder, at);
        }
    }
    lexeme->to = builder->at;
    return fine;
}
