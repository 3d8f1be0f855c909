/* What a scoring engine is: text in, a value with its reasons out.
 *
 * An engine is created once a snapshot from a lexicon and then only read: score is called by any
 * worker at once. It does no I/O and keeps nothing from call to call; all memory of a call is the
 * arena's. */
#ifndef SENTIMENT_SCORER_H
#define SENTIMENT_SCORER_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include <stdbool.h>
#include <stddef.h>

struct lexicon;

/* One step on the way to the value, for --explain: "good" +1.9; "very (boosts good)" +0.293; ... */
struct evidence {
    struct slice word; /* as it stands in the text, or as the engine sees it */
    double value;      /* what it contributes after all rules, in the engine's own unit */
    struct slice
        note; /* what was done to it, e.g. "1.9 base, x -0.74 negated by \"not\""; may be empty */
};

struct score_part {
    const char *name; /* "neg", "neu", "pos" or "subjectivity" */
    double value;
};

#define MAX_SCORE_PARTS 3
/* Longer texts are scored on their beginning. */
#define SCORER_TEXT_MAX ((size_t)1 << 20)

struct score {
    bool known;   /* false: no opinion, the label becomes "unknown" */
    double value; /* -1 … 1 */
    struct score_part parts[MAX_SCORE_PARTS];
    size_t part_count;
    struct evidence *evidence; /* only when asked for */
    size_t evidence_count;
    struct slice summary; /* only when asked for: how the sum became the value */
};

/* One row of a label table, tried in order: `upto` includes its bound, `below` does not. */
struct label_rule {
    struct slice name;
    enum { LABEL_BELOW, LABEL_UPTO, LABEL_ELSE } kind;
    double bound;
};

struct scorer_ops {
    const char *name;                /* "vader" */
    const struct label_rule *labels; /* the labels it brings, ends with LABEL_ELSE */
    size_t label_count;
    /* Compiles the lexicon; NULL with *err when it cannot serve this engine. Does not keep
     * `lexicon`. */
    void *(*create)(const struct lexicon *lexicon, struct error *err);
    void (*destroy)(void *engine);
    /* `text` is UTF-8 as posted; broken bytes are taken as U+FFFD. */
    struct score (*score)(const void *engine, struct slice text, struct arena *arena, bool explain);
};

extern const struct scorer_ops vader_ops, textblob_ops;

/* NULL when there is no engine of this name. */
const struct scorer_ops *scorer_ops_find(struct slice name);
/* Name of the index-th engine, NULL after the last. */
const char *scorer_ops_name(size_t index);

#endif
