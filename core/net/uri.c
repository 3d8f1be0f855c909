/* net/uri.h */
#include "net/uri.h"

/* Bits by byte: what stays as it is. */
static const uint32_t unreserved[8] = { 0, 0x03FF6000, 0x87FFFFFE, 0x47FFFFFE };

size_t uri_write(struct slice text, bool keep_slash, char *out) {
    static const char digits[] = "0123456789ABCDEF";
    char *to = out;
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if ((unreserved[byte >> 5] >> (byte & 31) & 1) || (keep_slash && byte == '/')) {
            *to++ = (char)byte;
            continue;
        }
        *to++ = '%';
        *to++ = digits[byte >> 4];
        *to++ = digits[byte & 15];
    }
    return (size_t)(to - out);
}

struct slice uri_encode(struct slice text, bool keep_slash, struct arena *arena) {
    char *out = arena_alloc(arena, 3 * text.length);
    size_t length = uri_write(text, keep_slash, out);
    arena_shrink(arena, out, length);
    return slice_from(out, length);
}

static int digit_of(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    return -1;
}

struct slice uri_decode(struct slice text, struct arena *arena) {
    char *out = arena_alloc(arena, text.length);
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        bool escape = text.data[i] == '%' && i + 2 < text.length &&
                      digit_of(text.data[i + 1]) >= 0 && digit_of(text.data[i + 2]) >= 0;
        out[length++] = escape
                            ? (char)(digit_of(text.data[i + 1]) << 4 | digit_of(text.data[i + 2]))
                            : text.data[i];
        if (escape) i += 2;
    }
    return slice_from(out, length);
}
