/* aws/words.h */
#include "aws/words.h"

struct splitting {
    struct slice left;
    char *to; /* where the word is written */
};

static bool is_blank(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

static char take(struct splitting *splitting) {
    char byte = splitting->left.data[0];
    splitting->left = slice_skip(splitting->left, 1);
    return byte;
}

/* Up to the closing quote; false when there is none. Between double quotes a backslash stands for
 * itself but before one of $ ` " \ (and a newline, which no setting has). */
static bool take_quoted(struct splitting *splitting, char quote) {
    while (splitting->left.length) {
        char byte = take(splitting);
        if (byte == quote) return true;
        bool escape = quote == '"' && byte == '\\' && splitting->left.length &&
                      strchr("$`\"\\", splitting->left.data[0]) && splitting->left.data[0];
        *splitting->to++ = escape ? take(splitting) : byte;
    }
    return false;
}

static bool take_word(struct splitting *splitting) {
    while (splitting->left.length && !is_blank(splitting->left.data[0])) {
        char byte = take(splitting);
        if (byte == '\'' || byte == '"') {
            if (!take_quoted(splitting, byte)) return false;
        } else if (byte != '\\')
            *splitting->to++ = byte;
        else if (splitting->left.length)
            *splitting->to++ = take(splitting);
        else
            return false;
    }
    return true;
}

static void skip_blanks(struct splitting *splitting) {
    while (splitting->left.length && is_blank(splitting->left.data[0]))
        take(splitting);
}

const char **words_split(struct slice line, struct arena *arena, struct error *err) {
    const char **words = arena_zeroed(arena, WORDS_MOST + 1, sizeof *words);
    struct splitting splitting = { line, arena_alloc(arena, 2 * line.length + 1) };
    size_t count = 0;
    for (skip_blanks(&splitting); splitting.left.length && count < WORDS_MOST;
         skip_blanks(&splitting)) {
        words[count++] = splitting.to;
        if (!take_word(&splitting)) {
            error_set(err, ERROR_CONFIG, "a quote or backslash in the command has no end");
            return NULL;
        }
        *splitting.to++ = '\0';
    }
    if (count > 0 && splitting.left.length == 0) return words;
    error_set(err, ERROR_CONFIG, count ? "the command has too many words" : "the command is empty");
    return NULL;
}
