/* script/tokens.h: Lua 5.4's lexical rules, without judging. */
#include "script/tokens.h"
#include "base/compiler.h"
#include "base/utf8.h"

/* Enough for 250,000 words of a lexicon; what lies behind has a place without column. */
#define MAX_TOKENS ((size_t)1 << 20)

static bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

static bool is_name(char byte) {
    return is_digit(byte) || byte == '_' || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z');
}

static char byte_at(struct slice source, size_t at) {
    return at < source.length ? source.data[at] : '\0';
}

/* Length of "[", "=" × level, "[" at `at`; 0 when there is none. */
static size_t long_opening(struct slice source, size_t at) {
    if (byte_at(source, at) != '[') return 0;
    size_t end = at + 1;
    while (byte_at(source, end) == '=')
        end++;
    return byte_at(source, end) == '[' ? end + 1 - at : 0;
}

/* Behind the bracket that closes the one at `at`. */
static size_t long_end(struct slice source, size_t at, size_t opening) {
    for (size_t i = at + opening; i < source.length; i++) {
        if (source.data[i] != ']') continue;
        size_t end = i + 1;
        while (end < source.length && source.data[end] == '=')
            end++;
        if (end < source.length && source.data[end] == ']' && end + 1 - i == opening)
            return end + 1;
    }
    return source.length;
}

static size_t skip_blank(struct slice source, size_t at) {
    for (;;) {
        while (at < source.length && (unsigned char)source.data[at] <= ' ')
            at++;
        if (byte_at(source, at) != '-' || byte_at(source, at + 1) != '-') return at;
        size_t opening = long_opening(source, at + 2);
        if (opening) {
            at = long_end(source, at + 2, opening);
            continue;
        }
        while (at < source.length && source.data[at] != '\n')
            at++;
    }
}

static size_t skip_white(struct slice text, size_t at) {
    while (at < text.length && (unsigned char)text.data[at] <= ' ')
        at++;
    return at;
}

static size_t string_end(struct slice source, size_t at) {
    char quote = source.data[at];
    for (size_t i = at + 1; i < source.length; i++) {
        if (source.data[i] == '\\' && byte_at(source, i + 1) == 'z')
            i = skip_white(source, i + 2) - 1;
        else if (source.data[i] == '\\')
            i++;
        else if (source.data[i] == quote)
            return i + 1;
        else if (source.data[i] == '\n')
            return i;
    }
    return source.length;
}

static size_t number_end(struct slice source, size_t at) {
    size_t end = at;
    while (is_name(byte_at(source, end)) || byte_at(source, end) == '.') {
        char exponent = source.data[end] | 0x20;
        end++;
        if ((exponent == 'e' || exponent == 'p') &&
            (byte_at(source, end) == '-' || byte_at(source, end) == '+'))
            end++;
    }
    return end;
}

static size_t symbol_length(struct slice source, size_t at) {
    static const char *const symbols[] = { "...", "..", "==", "~=", "<=", ">=",
                                           "//",  "::", "<<", ">>", NULL };
    for (size_t i = 0; symbols[i]; i++)
        if (slice_starts(slice_skip(source, at), slice_of(symbols[i]))) return strlen(symbols[i]);
    return 1;
}

static struct token token_read(struct slice source, size_t at) {
    if (at >= source.length) return (struct token){ TOKEN_END, slice_skip(source, at), 0 };
    char first = source.data[at];
    enum token_kind kind = TOKEN_SYMBOL;
    size_t end = at + symbol_length(source, at), opening = long_opening(source, at);
    if (is_digit(first) || (first == '.' && is_digit(byte_at(source, at + 1)))) {
        kind = TOKEN_NUMBER;
        end = number_end(source, at);
    } else if (is_name(first)) {
        kind = TOKEN_NAME;
        for (end = at; is_name(byte_at(source, end));)
            end++;
    } else if (first == '"' || first == '\'') {
        kind = TOKEN_STRING;
        end = string_end(source, at);
    } else if (opening) {
        kind = TOKEN_LONG_STRING;
        end = long_end(source, at, opening);
    }
    return (struct token){ kind, slice_from(source.data + at, MIN(end, source.length) - at), 0 };
}

static int count_lines(struct slice source, size_t from, size_t to) {
    int lines = 0;
    for (size_t i = from; i < to; i++)
        lines += source.data[i] == '\n';
    return lines;
}

struct tokens tokens_of(struct slice source, struct arena *arena) {
    struct tokens tokens = { .source = source };
    size_t room = 0, counted = 0;
    int line = 1;
    for (size_t at = skip_blank(source, 0);;) {
        if (tokens.count == room) {
            room = room ? room * 2 : 256;
            struct token *more = arena_alloc(arena, room * sizeof *more);
            if (tokens.count) memcpy(more, tokens.items, tokens.count * sizeof *more);
            tokens.items = more;
        }
        bool full = tokens.count == MAX_TOKENS;
        struct token token = token_read(source, full ? source.length : at);
        token.line = line += count_lines(source, counted, at);
        counted = at;
        tokens.items[tokens.count] = token;
        if (token.kind == TOKEN_END) return tokens;
        tokens.count++;
        at = skip_blank(source, at + token.text.length);
    }
}

size_t token_offset(const struct tokens *tokens, size_t at) {
    return (size_t)(tokens->items[MIN(at, tokens->count)].text.data - tokens->source.data);
}

bool token_is(const struct tokens *tokens, size_t at, const char *text) {
    if (at >= tokens->count) return false;
    const struct token *token = &tokens->items[at];
    return (token->kind == TOKEN_NAME || token->kind == TOKEN_SYMBOL) &&
           slice_is(token->text, text);
}

static unsigned hex_digit(char byte) {
    if (is_digit(byte)) return (unsigned)(byte - '0');
    return ((unsigned)(byte | 0x20) - 'a' + 10) & 15;
}

/* "u{20AC}" at `at`, the backslash before it. */
static size_t decode_code_point(struct slice literal, size_t at, char out[4], size_t *length) {
    uint32_t code_point = 0;
    size_t end = at + 2;
    for (; end < literal.length && literal.data[end] != '}'; end++)
        code_point = code_point << 4 | hex_digit(literal.data[end]);
    *length = utf8_encode(code_point, out);
    return MIN(end + 1, literal.length);
}

static size_t decode_decimal(struct slice literal, size_t at, char out[4]) {
    unsigned value = 0;
    size_t end = at;
    for (; end < at + 3 && is_digit(byte_at(literal, end)); end++)
        value = value * 10 + (unsigned)(literal.data[end] - '0');
    out[0] = (char)value;
    return end;
}

/* What the escape behind the backslash before `at` stands for; returns where it ends. */
static size_t decode_escape(struct slice literal, size_t at, char out[4], size_t *length) {
    static const char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
    char kind = byte_at(literal, at);
    *length = 1;
    if (is_digit(kind)) return decode_decimal(literal, at, out);
    if (kind == 'u') return decode_code_point(literal, at, out, length);
    if (kind == 'x') {
        out[0] =
            (char)(hex_digit(byte_at(literal, at + 1)) << 4 | hex_digit(byte_at(literal, at + 2)));
        return MIN(at + 3, literal.length);
    }
    if (kind == 'z') {
        *length = 0;
        return skip_white(literal, at + 1);
    }
    const char *known = kind ? strchr(from, kind) : NULL;
    out[0] = known ? to[known - from] : kind;
    return at + 1;
}

/* The part between the quotes; *raw: without escapes. */
static struct slice literal_body(const struct token *token, bool *raw) {
    *raw = token->kind == TOKEN_LONG_STRING;
    size_t opening = *raw ? long_opening(token->text, 0) : 1;
    if (token->text.length < 2 * opening) return slice_first(token->text, 0);
    struct slice body = slice_from(token->text.data + opening, token->text.length - 2 * opening);
    if (*raw && slice_starts(body, SLICE("\r\n"))) return slice_skip(body, 2);
    if (*raw && slice_starts(body, SLICE("\n"))) return slice_skip(body, 1);
    return body;
}

bool token_string_offset(const struct token *token, struct slice value, size_t *offset) {
    if (token->kind != TOKEN_STRING && token->kind != TOKEN_LONG_STRING) return false;
    bool raw;
    struct slice body = literal_body(token, &raw);
    size_t made = 0, wanted = MIN(*offset, value.length), found = 0;
    for (size_t at = 0; at < body.length;) {
        char piece[4] = { body.data[at] };
        size_t length = 1, end = at + 1;
        if (!raw && body.data[at] == '\\')
            end = decode_escape(body, at + 1, piece, &length);
        else if (raw && slice_starts(slice_skip(body, at), SLICE("\r\n")))
            length = 0; /* Lua reads one newline */
        if (length > value.length - made || memcmp(value.data + made, piece, length) != 0)
            return false;
        if (wanted >= made && wanted < made + length) found = at;
        made += length;
        at = end;
    }
    if (made != value.length) return false;
    if (wanted == value.length) found = body.length;
    *offset = (size_t)(body.data - token->text.data) + found;
    return true;
}
