/* What went wrong and where, of fixed size, owned by the caller; the last argument of what can
 * fail. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/compiler.h"
#include "base/slice.h"
#include <stdarg.h>

/* The kind decides the exit code (commands-and-config: 1, 2, 78). */
enum error_kind {
    ERROR_NONE,
    ERROR_FAILED, /* what was asked for failed: 1 */
    ERROR_USAGE,  /* wrong words on the command line: 2 */
    ERROR_CONFIG, /* wrong configuration, query, plugin or lexicon: 78 */
};

struct error {
    enum error_kind kind;
    int line, column; /* from 1; 0 = unknown. Columns count code points. */
    char file[512];   /* "" = no file */
    char text[768];   /* one sentence, no full stop, no newline */
    char quoted[256]; /* the line that is wrong, or the part of it around the column; "" = none */
    int caret;        /* column inside `quoted`, from 1; 0 = none */
    char suggestion[160]; /* "did you mean ..."; "" = none */
};

void error_clear(struct error *err);
/* Sets kind and text; the place stays unknown. Always returns false, so `return error_set(...)`
 * reads well. */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...) FORMAT(3, 4);
/* "did you mean ..." and the like; replaces an earlier one. */
void error_suggest(struct error *err, const char *format, ...) FORMAT(2, 3);
/* Puts a place: `source` is the whole text of the file (or query), `offset` a byte in it. */
void error_locate(struct error *err, const char *file, struct slice source, size_t offset);
/* "file:line:column: text", the quoted line, the caret, the suggestion; ends in a newline. Control
 * characters are shown as '?'. Returns the length, clipped to `size` like snprintf. */
size_t error_print(const struct error *err, char *out, size_t size);
/* 0, 1, 2 or 78. */
int error_exit_code(const struct error *err);

/* The candidate nearest to `word` (Damerau-Levenshtein ≤ 2 and under half its length), or NULL.
 * `candidate(context, i)` gives the i-th name, NULL after the last. */
const char *nearest_name(struct slice word, const char *(*candidate)(const void *context, size_t i),
                         const void *context);

#endif
