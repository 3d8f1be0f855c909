/* Cuts Lua source into tokens, to find again in a file what a table came from.
 *
 * For error places only: the Lua parser has accepted or refused the text before. Pure functions;
 * any bytes are safe. */
#ifndef SCRIPT_TOKENS_H
#define SCRIPT_TOKENS_H

#include "base/arena.h"
#include "base/slice.h"

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,        /* keywords too */
    TOKEN_STRING,      /* 'x' and "x" */
    TOKEN_LONG_STRING, /* [[x]] and [=[x]=] */
    TOKEN_NUMBER,
    TOKEN_SYMBOL,
};

struct token {
    enum token_kind kind;
    struct slice text; /* points into the source, quotes and brackets included */
    int line;          /* where it starts, from 1 */
};

struct tokens {
    struct slice source;
    struct token *items; /* ends with TOKEN_END */
    size_t count;        /* without the end */
};

/* All tokens of `source` (of a huge one the first million), comments left out; in `arena`. */
struct tokens tokens_of(struct slice source, struct arena *arena);
/* Byte offset of a token in its source. */
size_t token_offset(const struct tokens *tokens, size_t at);
bool token_is(const struct tokens *tokens, size_t at, const char *text);

/* Whether the string token stands for `value`, escapes and all; then *offset (a byte of the value)
 * becomes the byte of the token that made it. */
bool token_string_offset(const struct token *token, struct slice value, size_t *offset);

#endif
