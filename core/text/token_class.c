/* text/token_class.h: tables and the small scanners. */
#include "text/token_class.h"
#include <utf8proc.h>

#define L CLASS_LETTER
#define K CLASS_LINK
#define D CLASS_DIGIT
#define S CLASS_SIGN
#define H CLASS_HIGH
#define Q CLASS_QUOTE
#define P CLASS_POINT
#define O CLASS_OTHER
#define H16 H, H, H, H, H, H, H, H, H, H, H, H, H, H, H, H

/* clang-format off */
const unsigned char token_class[256] = {
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
    O, O, O, S, S, O, O, Q, O, O, S, O, P, O, P, O, /*  !"#$%&'()*+,-./ */
    D, D, D, D, D, D, D, D, D, D, O, O, O, O, O, O,
    S, L, L, L, L, L, L, L, K, L, L, L, L, L, L, L, /* @, then H at 8 */
    L, L, L, L, L, L, L, K, L, L, L, O, O, O, O, L, /* W at 7, _ at 15 */
    O, L, L, L, L, L, L, L, K, L, L, L, L, L, L, L,
    L, L, L, L, L, L, L, K, L, L, L, O, O, O, O, O,
    H16, H16, H16, H16, H16, H16, H16, H16,
};
/* clang-format on */

#define LOWER(x) (char)((x) >= 'A' && (x) <= 'Z' ? (x) + 32 : (x))
#define LOWER4(x) LOWER(x), LOWER((x) + 1), LOWER((x) + 2), LOWER((x) + 3)
#define LOWER16(x) LOWER4(x), LOWER4((x) + 4), LOWER4((x) + 8), LOWER4((x) + 12)
#define LOWER64(x) LOWER16(x), LOWER16((x) + 16), LOWER16((x) + 32), LOWER16((x) + 48)

/* ASCII lower case; other bytes are themselves. */
static const char token_lower[256] = { LOWER64(0), LOWER64(64), LOWER64(128), LOWER64(192) };

/* Where scripts without spaces between words have their letters (Unicode 15 blocks). */
static const struct {
    uint32_t first, last;
} single_ranges[] = {
    { 0x0E00, 0x0EFF },   /* Thai, Lao */
    { 0x1000, 0x109F },   /* Myanmar */
    { 0x1780, 0x17FF },   /* Khmer */
    { 0x3005, 0x3007 },   /* ideographic iteration, closing and zero */
    { 0x3021, 0x3029 },   /* Hangzhou numerals */
    { 0x3031, 0x303C },   /* kana repeat marks */
    { 0x3041, 0x30FF },   /* Hiragana, Katakana */
    { 0x31F0, 0x31FF },   /* Katakana extensions */
    { 0x3400, 0x4DBF },   /* Han extension A */
    { 0x4E00, 0x9FFF },   /* Han */
    { 0xA9E0, 0xA9FF },   /* Myanmar extended B */
    { 0xAA60, 0xAA7F },   /* Myanmar extended A */
    { 0xF900, 0xFAFF },   /* Han compatibility */
    { 0xFF66, 0xFF9F },   /* half-width Katakana */
    { 0x1AFF0, 0x1B16F }, /* kana supplements */
    { 0x20000, 0x3FFFD }, /* Han extensions B and on */
};

static bool is_single(uint32_t code_point) {
    for (size_t i = 0; i < sizeof single_ranges / sizeof *single_ranges; i++)
        if (code_point <= single_ranges[i].last) return code_point >= single_ranges[i].first;
    return false;
}

bool is_variation_selector(uint32_t code_point) {
    return (code_point >= 0xFE00 && code_point <= 0xFE0F) ||
           (code_point >= 0xE0100 && code_point <= 0xE01EF);
}

bool is_skin_tone(uint32_t code_point) { return code_point >= 0x1F3FB && code_point <= 0x1F3FF; }

static enum character ascii_character(uint32_t code_point) {
    unsigned char class = token_class[code_point];
    if (class > CLASS_DIGIT) return CHARACTER_OTHER;
    return class == CLASS_DIGIT ? CHARACTER_DIGIT : CHARACTER_WORD;
}

enum character character_of(uint32_t code_point) {
    static const unsigned char by_category[UTF8PROC_CATEGORY_CO + 1] = {
        [UTF8PROC_CATEGORY_LU] = CHARACTER_WORD,  [UTF8PROC_CATEGORY_LL] = CHARACTER_WORD,
        [UTF8PROC_CATEGORY_LT] = CHARACTER_WORD,  [UTF8PROC_CATEGORY_LM] = CHARACTER_WORD,
        [UTF8PROC_CATEGORY_LO] = CHARACTER_WORD,  [UTF8PROC_CATEGORY_MN] = CHARACTER_MARK,
        [UTF8PROC_CATEGORY_MC] = CHARACTER_MARK,  [UTF8PROC_CATEGORY_ME] = CHARACTER_MARK,
        [UTF8PROC_CATEGORY_ND] = CHARACTER_DIGIT,
    };
    if (code_point < 0x80) return ascii_character(code_point);
    if (is_variation_selector(code_point)) return CHARACTER_OTHER;
    utf8proc_category_t category = utf8proc_category((int32_t)code_point);
    enum character character = (enum character)by_category[category];
    /* U+3007, the Han zero, is no letter by category. */
    bool may_be_single = character == CHARACTER_WORD || character == CHARACTER_DIGIT ||
                         category == UTF8PROC_CATEGORY_NL;
    return may_be_single && is_single(code_point) ? CHARACTER_SINGLE : character;
}

static bool starts_caseless(const char *at, const char *end, struct slice lower) {
    if ((size_t)(end - at) <= lower.length) return false;
    for (size_t i = 0; i < lower.length; i++)
        if (token_lower[(unsigned char)at[i]] != lower.data[i]) return false;
    return true;
}

size_t link_prefix(const char *at, const char *end) {
    if (token_class[(unsigned char)*at] != CLASS_LINK || end - at < 5) return 0;
    char second = token_lower[(unsigned char)at[1]];
    if (second != 't' && second != 'w') return 0;
    if (starts_caseless(at, end, SLICE("https://"))) return 8;
    if (starts_caseless(at, end, SLICE("http://"))) return 7;
    return starts_caseless(at, end, SLICE("www.")) ? 4 : 0;
}

/* Whether a link can hold it: visible ASCII but <>" and a backquote; letters, marks and digits of
 * scripts that put spaces around links. */
static bool is_link_character(uint32_t code_point) {
    if (code_point < 0x80)
        return code_point > ' ' && code_point < 0x7f && code_point != '<' && code_point != '>' &&
               code_point != '"' && code_point != '`';
    enum character character = character_of(code_point);
    return character != CHARACTER_OTHER && character != CHARACTER_SINGLE;
}

/* The end of [start, stop) without punctuation that belongs to the sentence: a closing bracket does
 * when it was not opened in the link. */
static const char *link_trim(const char *start, const char *stop) {
    int open = 0; /* brackets more than closed, of all kinds */
    for (const char *at = start; at < stop; at++)
        open += (*at == '(' || *at == '[' || *at == '{') - (*at == ')' || *at == ']' || *at == '}');
    for (; stop > start; stop--) {
        char last = stop[-1];
        bool closes = last == ')' || last == ']' || last == '}';
        if (closes && open < 0)
            open++;
        else if (last == '\0' || !strchr(".,;:!?'*_~&", last))
            break;
    }
    return stop;
}

const char *link_end(const char *at, const char *end) {
    size_t prefix = link_prefix(at, end);
    if (prefix == 0) return NULL;
    const char *start = at + prefix;
    const char *stop = start;
    while (stop < end) {
        const char *next = stop;
        if (!is_link_character(utf8_decode(&next, end))) break;
        stop = next;
    }
    stop = link_trim(start, stop);
    return stop > start ? stop : NULL;
}

const char *tag_end(const char *at, const char *end) {
    bool has_other_than_digits = false;
    const char *stop = at;
    while (stop < end) {
        const char *next = stop;
        uint32_t code_point = utf8_decode(&next, end);
        enum character character = character_of(code_point);
        if (character == CHARACTER_OTHER) break;
        if (character != CHARACTER_DIGIT) has_other_than_digits = true;
        stop = next;
    }
    return has_other_than_digits ? stop : NULL;
}

static bool is_name_byte(char byte) {
    return token_class[(unsigned char)byte] <= CLASS_DIGIT || byte == '.' || byte == '-';
}

/* A run of [A-Za-z0-9_.-] without "." or "-" at its ends; `at` itself when there is none. */
static const char *name_part_end(const char *at, const char *end) {
    const char *stop = at;
    if (at < end && token_class[(unsigned char)*at] > CLASS_DIGIT) return at;
    while (stop < end && is_name_byte(*stop))
        stop++;
    while (stop > at && (stop[-1] == '.' || stop[-1] == '-'))
        stop--;
    return stop;
}

const char *name_end(const char *at, const char *end) {
    const char *stop = name_part_end(at, end);
    if (stop == at) return NULL;
    if (stop == end || *stop != '@') return stop;
    const char *host_end = name_part_end(stop + 1, end);
    return host_end > stop + 1 ? host_end : stop;
}

/* Whether a word goes on at `at`. */
static bool is_word_at(const char *at, const char *end) {
    if (at == end) return false;
    enum character character = character_of(utf8_decode(&at, end));
    return character != CHARACTER_OTHER && character != CHARACTER_SINGLE;
}

static bool is_letter_at(const char *at, const char *end) {
    return at < end && token_class[(unsigned char)*at] <= CLASS_LINK && *at != '_';
}

/* Behind a class of share, as in $BRK.B: a point and one or two letters; else `at`. */
static const char *share_class_end(const char *at, const char *end) {
    if (at == end || (*at != '.' && *at != '_') || !is_letter_at(at + 1, end)) return at;
    const char *stop = at + 2;
    if (is_letter_at(stop, end)) stop++;
    return is_word_at(stop, end) ? at : stop;
}

const char *cash_end(const char *at, const char *end) {
    const char *stop = at;
    if (!is_letter_at(at, end)) return NULL;
    while (stop < end && token_class[(unsigned char)*stop] <= CLASS_DIGIT && *stop != '_')
        stop++;
    stop = share_class_end(stop, end);
    return is_word_at(stop, end) ? NULL : stop;
}

static bool is_pictograph(uint32_t code_point) {
    return utf8proc_get_property((int32_t)code_point)->boundclass ==
           UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

static bool is_flag_letter(uint32_t code_point) {
    return code_point >= 0x1F1E6 && code_point <= 0x1F1FF;
}

/* Variation selectors, skin tones, the key cap and the tag characters of regional flags. */
static bool is_emoji_modifier(uint32_t code_point) {
    return (code_point >= 0xFE0E && code_point <= 0xFE0F) || is_skin_tone(code_point) ||
           code_point == 0x20E3 || (code_point >= 0xE0020 && code_point <= 0xE007F);
}

static const char *skip_modifiers(const char *at, const char *end) {
    while (at < end) {
        const char *next = at;
        if (!is_emoji_modifier(utf8_decode(&next, end))) break;
        at = next;
    }
    return at;
}

const char *emoji_end(const char *at, const char *end) {
    const char *stop = at;
    uint32_t first = utf8_decode(&stop, end);
    if (is_flag_letter(first)) {
        const char *second = stop;
        if (stop < end && is_flag_letter(utf8_decode(&second, end))) stop = second;
        return stop;
    }
    if (!is_pictograph(first) && !is_skin_tone(first)) return NULL;
    stop = skip_modifiers(stop, end);
    while (stop < end) {
        const char *next = stop;
        if (utf8_decode(&next, end) != 0x200D || next == end) break;
        if (!is_pictograph(utf8_decode(&next, end))) break;
        stop = skip_modifiers(next, end);
    }
    return stop;
}
