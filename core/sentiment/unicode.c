/* sentiment/unicode.h, from utf8proc's categories plus the few ranges that it does not know. */
#include "sentiment/unicode.h"
#include "base/compiler.h"
#include "base/utf8.h"
#include <utf8proc.h>

#define IN(c, first, last) ((c) >= (first) && (c) <= (last))
#define IS_PUNCTUATION(c) (IN(c, '!', '/') || IN(c, ':', '@') || IN(c, '[', '`') || IN(c, '{', '~'))
#define IS_JOINER(c)                                                                               \
    ((c) == '%' || (c) == '/' || (c) == '\\' || (c) == '<' || (c) == '>' || (c) == '.')
#define KIND(c)                                                                                    \
    ((IN(c, 0x09, 0x0D) || IN(c, 0x1C, 0x20) ? BYTE_SPACE : 0) |                                   \
     (IS_PUNCTUATION(c) ? BYTE_PUNCTUATION : 0) | (IN(c, 'A', 'Z') ? BYTE_UPPER : 0) |             \
     (IN(c, 'a', 'z') ? BYTE_LOWER : 0) | ((c) == '\'' || (c) == '"' ? BYTE_QUOTE : 0) |           \
     (IS_JOINER(c) ? BYTE_JOINER : 0) | ((c) >= 0x80 ? BYTE_HIGH : 0))
#define KINDS_4(c) KIND(c), KIND((c) + 1), KIND((c) + 2), KIND((c) + 3)
#define KINDS_16(c) KINDS_4(c), KINDS_4((c) + 4), KINDS_4((c) + 8), KINDS_4((c) + 12)
#define KINDS_64(c) KINDS_16(c), KINDS_16((c) + 16), KINDS_16((c) + 32), KINDS_16((c) + 48)

const uint8_t byte_kinds[256] = { KINDS_64(0), KINDS_64(64), KINDS_64(128), KINDS_64(192) };

struct range {
    uint32_t first, last;
};

/* Other_Lowercase of PropList.txt: modifier letters, circled letters, small Roman numerals. */
static const struct range other_lowercase[] = {
    { 0xAA, 0xAA },       { 0xBA, 0xBA },       { 0x2B0, 0x2B8 },     { 0x2C0, 0x2C1 },
    { 0x2E0, 0x2E4 },     { 0x345, 0x345 },     { 0x37A, 0x37A },     { 0x1D2C, 0x1D6A },
    { 0x1D78, 0x1D78 },   { 0x1D9B, 0x1DBF },   { 0x2071, 0x2071 },   { 0x207F, 0x207F },
    { 0x2090, 0x209C },   { 0x2170, 0x217F },   { 0x24D0, 0x24E9 },   { 0x2C7C, 0x2C7D },
    { 0xA69C, 0xA69D },   { 0xA770, 0xA770 },   { 0xA7F8, 0xA7F9 },   { 0xAB5C, 0xAB5F },
    { 0x10780, 0x10780 }, { 0x10783, 0x10785 }, { 0x10787, 0x107B0 }, { 0x107B2, 0x107BA },
};

/* Other_Uppercase: Roman numerals, circled and squared letters. */
static const struct range other_uppercase[] = {
    { 0x2160, 0x216F },   { 0x24B6, 0x24CF },   { 0x1F130, 0x1F149 },
    { 0x1F150, 0x1F169 }, { 0x1F170, 0x1F189 },
};

/* Word_Break = MidLetter, MidNumLet or Single_Quote: they do not end a word for the final sigma. */
static const struct range mid_word[] = {
    { 0x27, 0x27 },     { 0x2E, 0x2E },     { 0x3A, 0x3A },     { 0xB7, 0xB7 },
    { 0x387, 0x387 },   { 0x55F, 0x55F },   { 0x5F4, 0x5F4 },   { 0x2018, 0x2019 },
    { 0x2024, 0x2024 }, { 0x2027, 0x2027 }, { 0xFE13, 0xFE13 }, { 0xFE52, 0xFE52 },
    { 0xFE55, 0xFE55 }, { 0xFF07, 0xFF07 }, { 0xFF0E, 0xFF0E }, { 0xFF1A, 0xFF1A },
};

static bool ranges_hold(const struct range *ranges, size_t count, uint32_t code_point) {
    for (size_t i = 0; i < count && ranges[i].first <= code_point; i++)
        if (code_point <= ranges[i].last) return true;
    return false;
}

static utf8proc_category_t category_of(uint32_t code_point) {
    return utf8proc_category((utf8proc_int32_t)code_point);
}

bool unicode_is_space(uint32_t code_point) {
    static const struct range spaces[] = {
        { 0x09, 0x0D },     { 0x1C, 0x20 },     { 0x85, 0x85 },     { 0xA0, 0xA0 },
        { 0x1680, 0x1680 }, { 0x2000, 0x200A }, { 0x2028, 0x2029 }, { 0x202F, 0x202F },
        { 0x205F, 0x205F }, { 0x3000, 0x3000 },
    };
    return ranges_hold(spaces, LENGTH(spaces), code_point);
}

bool unicode_is_upper(uint32_t code_point) {
    return category_of(code_point) == UTF8PROC_CATEGORY_LU ||
           ranges_hold(other_uppercase, LENGTH(other_uppercase), code_point);
}

bool unicode_is_lower(uint32_t code_point) {
    utf8proc_category_t category = category_of(code_point);
    return category == UTF8PROC_CATEGORY_LL || category == UTF8PROC_CATEGORY_LT ||
           ranges_hold(other_lowercase, LENGTH(other_lowercase), code_point);
}

bool unicode_is_letter(uint32_t code_point) {
    utf8proc_category_t category = category_of(code_point);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

/* The Unicode property Case_Ignorable. */
static bool is_case_ignorable(uint32_t code_point) {
    switch (category_of(code_point)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK: return true;
    default: return ranges_hold(mid_word, LENGTH(mid_word), code_point);
    }
}

/* Whether a cased letter comes next, over what is ignorable (the rule Final_Sigma). */
static bool cased_follows(const char *at, const char *end) {
    uint32_t code_point = ' ';
    while (at < end) {
        code_point = utf8_decode(&at, end);
        if (!is_case_ignorable(code_point)) break;
        code_point = ' ';
    }
    return unicode_is_upper(code_point) || unicode_is_lower(code_point);
}

size_t unicode_lower(struct slice text, char *out) {
    const uint32_t dotted_i = 0x130, sigma = 0x3A3, final_sigma = 0x3C2, dot_above = 0x307;
    const char *at = text.data, *end = text.data + text.length;
    size_t length = 0;
    bool in_word = false; /* the last code point that is not ignorable was cased */
    while (at < end) {
        uint32_t code_point = utf8_decode(&at, end);
        uint32_t lowered = (uint32_t)utf8proc_tolower((utf8proc_int32_t)code_point);
        if (code_point == dotted_i) lowered = 'i';
        if (code_point == sigma && in_word && !cased_follows(at, end)) lowered = final_sigma;
        length += utf8_encode(lowered, out + length);
        if (code_point == dotted_i) length += utf8_encode(dot_above, out + length);
        if (!is_case_ignorable(code_point))
            in_word = unicode_is_upper(code_point) || unicode_is_lower(code_point);
    }
    return length;
}
