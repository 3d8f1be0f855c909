/* What the characters are to the token rule, and where entities and emoji end. Private to
 * core/text. Pure functions over [at, end), any thread; a NULL answer means "none starts here". */
#ifndef TEXT_TOKEN_CLASS_H
#define TEXT_TOKEN_CLASS_H

#include "base/utf8.h"

/* Bytes. All up to CLASS_DIGIT are part of a word; those from CLASS_QUOTE on start nothing. */
enum byte_class {
    CLASS_LETTER, /* and '_' */
    CLASS_LINK,   /* h, H, w, W: a letter that may start a link */
    CLASS_DIGIT,
    CLASS_SIGN, /* # @ $ * */
    CLASS_HIGH, /* part of a longer UTF-8 sequence */
    CLASS_QUOTE,
    CLASS_POINT, /* . , */
    CLASS_OTHER,
};

extern const unsigned char token_class[256];

/* Code points. */
enum character {
    CHARACTER_OTHER,
    CHARACTER_WORD, /* letters of scripts that put spaces between words, and "_" */
    CHARACTER_DIGIT,
    CHARACTER_MARK,
    CHARACTER_SINGLE, /* one token each: Han, kana, Thai, Lao, Khmer, Myanmar */
};

enum character character_of(uint32_t code_point);
bool is_variation_selector(uint32_t code_point);
bool is_skin_tone(uint32_t code_point);

/* Whether a word goes on behind it, if a letter (or between digits, a digit) follows. */
static inline bool joins_letters(uint32_t code_point) {
    return code_point == '\'' || code_point == 0x2019;
}
static inline bool joins_digits(uint32_t code_point) {
    return code_point == '.' || code_point == ',';
}

/* Whether "http://", "https://" or "www." (any case) stands at `at`: its length, else 0. */
size_t link_prefix(const char *at, const char *end);
const char *link_end(const char *at, const char *end);
/* These three start behind the '#', '@', '$'. */
const char *tag_end(const char *at, const char *end);
const char *name_end(const char *at, const char *end);
const char *cash_end(const char *at, const char *end);
/* An emoji with variation selectors, skin tones, tags and what zero-width joiners join to it; a
 * flag is two letters. */
const char *emoji_end(const char *at, const char *end);

#endif
