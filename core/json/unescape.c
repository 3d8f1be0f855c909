/* json/unescape.h */
#include "json/unescape.h"
#include "base/utf8.h"

#define REPLACEMENT 0xFFFDu

static int hex_digit(char byte) {
    if (byte >= '0' && byte <= '9') return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The four digits after "\u"; false when they are not there. */
static bool read_unit(const char *at, const char *end, uint32_t *unit) {
    if (end - at < 4) return false;
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0) return false;
        *unit = *unit << 4 | (uint32_t)digit;
    }
    return true;
}

/* Reads what follows "\u", a second half included; *at ends behind it. */
static bool read_code_point(const char **at, const char *end, uint32_t *code_point) {
    uint32_t low;
    if (!read_unit(*at, end, code_point)) return false;
    *at += 4;
    if (*code_point < 0xD800 || *code_point > 0xDFFF) return true;
    bool paired = *code_point < 0xDC00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u' &&
                  read_unit(*at + 2, end, &low) && low >= 0xDC00 && low <= 0xDFFF;
    *code_point = paired ? 0x10000 + ((*code_point - 0xD800) << 10) + (low - 0xDC00) : REPLACEMENT;
    if (paired) *at += 6;
    return true;
}

static char simple_escape(char byte) {
    switch (byte) {
    case '"': return '"';
    case '\\': return '\\';
    case '/': return '/';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return 0;
    }
}

bool json_unescape(struct slice inner, struct arena *arena, struct slice *text) {
    const char *at = inner.data, *end = inner.data + inner.length;
    char *out = arena_alloc(arena, inner.length + 4), *to = out;
    while (at < end) {
        const char *stop = memchr(at, '\\', (size_t)(end - at));
        size_t plain = (size_t)((stop ? stop : end) - at);
        memcpy(to, at, plain);
        to += plain;
        at += plain;
        if (stop == NULL) break;
        if (end - at < 2) return false;
        uint32_t code_point;
        char simple = simple_escape(at[1]);
        at += 2;
        if (simple)
            *to++ = simple;
        else if (at[-1] == 'u' && read_code_point(&at, end, &code_point))
            to += utf8_encode(code_point, to);
        else
            return false;
    }
    *text = slice_from(out, (size_t)(to - out));
    arena_shrink(arena, out, text->length);
    return true;
}
