/* What a letter, a blank and a lower-case text are, as Python's str methods have it.
 *
 * Both engines are defined by programs in Python, so their words are cut and lowered by its rules
 * (CPython 3.11: str.split, str.isupper, str.isalpha, str.lower; the Unicode Character Database
 * through utf8proc). Pure functions, any thread. */
#ifndef SENTIMENT_UNICODE_H
#define SENTIMENT_UNICODE_H

#include "base/slice.h"
#include <stdbool.h>
#include <stdint.h>

bool unicode_is_space(uint32_t code_point);
/* The derived properties Uppercase and Lowercase (or title case), not just Lu and Ll. */
bool unicode_is_upper(uint32_t code_point);
bool unicode_is_lower(uint32_t code_point);
bool unicode_is_letter(uint32_t code_point);

/* No text grows by more than this factor when it is lowered (a broken byte becomes U+FFFD). */
#define UNICODE_LOWER_GROWTH 3

/* Writes the lower case of `text` to `out`, which has room for UNICODE_LOWER_GROWTH times its
 * length, and returns the bytes written. A sigma that ends a word is lowered to U+03C2. */
size_t unicode_lower(struct slice text, char *out);

/* What a byte of UTF-8 is; several may hold. */
enum {
    BYTE_SPACE = 1,
    BYTE_PUNCTUATION = 2, /* the 32 of ASCII */
    BYTE_UPPER = 4,
    BYTE_LOWER = 8,
    BYTE_QUOTE = 16,  /* ' and " */
    BYTE_JOINER = 32, /* % / \ < > and the full stop: punctuation that TextBlob leaves in words */
    BYTE_HIGH = 64,   /* part of a code point beyond ASCII */
};
extern const uint8_t byte_kinds[256];

static inline uint8_t byte_kind(char byte) { return byte_kinds[(unsigned char)byte]; }

/* The eight bytes of `word`, ASCII capitals lowered, the rest untouched. */
static inline uint64_t ascii_lower_word(uint64_t word) {
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones * 0x80;
    uint64_t seven_bits = word & ~high;
    uint64_t from_a = seven_bits + (0x80 - 'A') * ones, after_z = seven_bits + (0x7F - 'Z') * ones;
    return word | ((from_a ^ after_z) & ~word & high) >> 2;
}

#endif
