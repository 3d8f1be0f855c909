/* UTF-8 to code points and back (RFC 3629: no surrogates, no overlong forms, up to U+10FFFF).
 *
 * Pure functions over bytes that somebody else owns; any thread. Nothing here trusts its input: a
 * broken byte reads as U+FFFD and is stepped over alone, so a reader always moves on. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/slice.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_REPLACEMENT UINT32_C(0xFFFD)

/* How many bytes a sequence that starts with `lead` has; 0 when nothing starts with it. */
static inline size_t utf8_sequence_length(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead < 0xC2) return 0; /* a continuation, or the start of an overlong form */
    if (lead < 0xE0) return 2;
    if (lead < 0xF0) return 3;
    return lead < 0xF5 ? 4 : 0;
}

/* The code point of the `length` bytes at `at`, 0x110000 when they are no well-formed sequence. */
static inline uint32_t utf8_assemble(const char *at, size_t length) {
    static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    uint32_t code_point = (unsigned char)at[0] & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        unsigned char next = (unsigned char)at[i];
        if ((next & 0xC0) != 0x80) return 0x110000;
        code_point = code_point << 6 | (next & 0x3F);
    }
    bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    return code_point < smallest[length] || surrogate ? 0x110000 : code_point;
}

/* Reads one code point and moves `*at` behind it; needs `*at < end`. A broken byte gives U+FFFD
 * and is one byte long. */
static inline uint32_t utf8_decode(const char **at, const char *end) {
    unsigned char lead = (unsigned char)**at;
    if (lead < 0x80) {
        (*at)++;
        return lead;
    }
    size_t length = utf8_sequence_length(lead);
    uint32_t code_point = 0x110000;
    if (length > 0 && (size_t)(end - *at) >= length) code_point = utf8_assemble(*at, length);
    if (code_point > 0x10FFFF) {
        (*at)++;
        return UTF8_REPLACEMENT;
    }
    *at += length;
    return code_point;
}

/* Writes 1 to 4 bytes and returns how many; what is no code point is written as U+FFFD. */
static inline size_t utf8_encode(uint32_t code_point, char out[4]) {
    if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF))
        code_point = UTF8_REPLACEMENT;
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    size_t length = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--, code_point >>= 6)
        out[i] = (char)(0x80 | (code_point & 0x3F));
    out[0] = (char)((0xF00u >> length) | code_point);
    return length;
}

/* Whether all of it is well-formed. */
static inline bool utf8_valid(struct slice text) {
    if (text.length == 0) return true;
    const char *at = text.data, *end = text.data + text.length;
    while (at < end) {
        size_t length = utf8_sequence_length((unsigned char)*at);
        if (length == 0 || (size_t)(end - at) < length) return false;
        if (length > 1 && utf8_assemble(at, length) > 0x10FFFF) return false;
        at += length;
    }
    return true;
}

/* Code points, a broken byte counting as one. */
static inline size_t utf8_count(struct slice text) {
    size_t count = 0;
    for (const char *at = text.data, *end = text.data + text.length; at < end; count++)
        (void)utf8_decode(&at, end);
    return count;
}

#endif
