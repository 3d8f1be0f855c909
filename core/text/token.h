/* Text into tokens: words, #tags, @names, $cash, links, emoji.
 *
 * The rule, which queries and posts share. A tag takes letters, digits, marks and "_" and holds a
 * non-digit; a name takes [A-Za-z0-9_.-], not "." or "-" at its ends, and maybe @host; cash starts
 * with a letter. None of them starts inside a word. A link starts with http://, https:// or www.
 * A word is a longest run of letters, marks, digits and "_", with single apostrophes inside, and
 * "." or "," between digits. Han, kana, Thai, Lao, Khmer and Myanmar are one token a character
 * (with its marks). An emoji is one token with its modifiers and joiners. All else separates.
 *
 * Pure functions, any thread. Tokens live in the caller's arena and point into it and into the
 * text, which has to live as long. */
#ifndef TEXT_TOKEN_H
#define TEXT_TOKEN_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/slice.h"
#include <stdint.h>

enum token_kind {
    TOKEN_WORD,
    TOKEN_TAG,
    TOKEN_NAME,
    TOKEN_CASH,
    TOKEN_LINK,
    TOKEN_EMOJI,
};

struct token {
    struct slice folded;    /* text/fold.h; without '#', '@', '$'; emoji without U+FE0F */
    uint64_t hash;          /* hash_of_kind(hash_bytes(folded), kind) */
    uint32_t start, length; /* bytes in the text, with '#', '@', '$' */
    uint32_t position;      /* the first token is 0 */
    uint32_t kind;          /* enum token_kind */
};

struct token_list {
    struct token *items;
    size_t count;
};

/* The same text of another kind gets another hash; applied twice it gives back the plain one. */
static inline uint64_t hash_of_kind(uint64_t hash, uint32_t kind) {
    return hash ^ (uint64_t)kind * UINT64_C(0x9e3779b97f4a7c15);
}

/* All tokens of `text` (less than 4 GiB), which may be any bytes. */
struct token_list token_split(struct slice text, struct arena *arena);
/* Only words and emoji, as if there were no entities: for the parts of a link. */
struct token_list token_split_words(struct slice text, struct arena *arena);
/* An emoji without its skin tones; the folded text itself when it has none. */
struct slice token_without_tone(struct slice emoji, struct arena *arena);

#endif
