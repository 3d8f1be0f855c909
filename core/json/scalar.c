/* json/scalar.h */
#include "json/scalar.h"
#include "json/unescape.h"

static bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

static size_t count_digits(struct slice text, size_t at) {
    size_t start = at;
    while (at < text.length && is_digit(text.data[at]))
        at++;
    return at - start;
}

/* RFC 8259, section 6. */
static bool is_number(struct slice text) {
    size_t at = text.length && text.data[0] == '-';
    size_t digits = count_digits(text, at);
    if (digits == 0 || (digits > 1 && text.data[at] == '0')) return false;
    at += digits;
    if (at < text.length && text.data[at] == '.') {
        digits = count_digits(text, at + 1);
        if (digits == 0) return false;
        at += digits + 1;
    }
    if (at < text.length && (text.data[at] | 0x20) == 'e') {
        at++;
        if (at < text.length && (text.data[at] == '+' || text.data[at] == '-')) at++;
        digits = count_digits(text, at);
        if (digits == 0) return false;
        at += digits;
    }
    return at == text.length;
}

static bool is_quoted(struct slice token) {
    return token.length >= 2 && token.data[0] == '"' && token.data[token.length - 1] == '"';
}

/* Most strings are ids and the like: a call of memchr costs more than looking at so few bytes. */
static bool holds_backslash(struct slice text) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    if (text.length < 8 || text.length > 24) return memchr(text.data, '\\', text.length) != NULL;
    uint64_t found = 0, word;
    for (size_t at = 0; at < text.length; at += 8) {
        memcpy(&word, text.data + MIN(at, text.length - 8), 8);
        word ^= ones * '\\';
        found |= (word - ones) & ~word & ones * 0x80;
    }
    return found != 0;
}

static const char *read_string(struct slice token, struct arena *arena, struct slice *text) {
    *text = slice_from(token.data + 1, token.length - 2);
    if (LIKELY(!holds_backslash(*text))) return NULL;
    return json_unescape(*text, arena, text) ? NULL : "a string has a wrong escape";
}

const char *json_scalar(struct slice token, struct arena *arena, enum json_type *type,
                        struct slice *text) {
    *type = JSON_STRING;
    if (LIKELY(is_quoted(token))) return read_string(token, arena, text);
    *text = token = slice_trim(token);
    if (is_quoted(token)) return read_string(token, arena, text);
    if (token.length && token.data[0] == '"') return "a string has no end";
    if (slice_is(token, "null"))
        *type = JSON_NULL;
    else if (slice_is(token, "true"))
        *type = JSON_TRUE;
    else if (slice_is(token, "false"))
        *type = JSON_FALSE;
    else if (is_number(token))
        *type = JSON_NUMBER;
    else
        return "a value is no JSON";
    return NULL;
}
