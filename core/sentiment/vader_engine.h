/* The inside of the VADER engine: its compiled lexicon, its tokens, and the steps between its
 * files.
 *
 * VADER (C.J. Hutto and E. Gilbert, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis
 * of Social Media Text", ICWSM 2014) adds up the valences of a text's words, each changed by up to
 * three words before it. Figures and oddities are those of the package vaderSentiment 3.3.2, to the
 * last bit. vader_lexicon.c compiles, vader_tokens.c cuts the text, vader_rules.c gives each word
 * its value, vader_but.c weighs the parts around "but", vader.c adds up, vader_explain.c tells how.
 * Everything is const after creation. */
#ifndef SENTIMENT_VADER_ENGINE_H
#define SENTIMENT_VADER_ENGINE_H

#include "base/arena.h"
#include "base/compiler.h"
#include "sentiment/scorer.h"
#include "sentiment/word_table.h"
#include <stdint.h>

/* What a token is to the rules. */
enum {
    WORD_RATED = 1, /* has a valence; tokens_cut counts this bit */
    WORD_BOOSTER = 1 << 1,
    WORD_NEGATOR = 1 << 2, /* listed, or holds "n't" */
    WORD_NO = 1 << 3,
    WORD_BUT = 1 << 4,
    WORD_LEAST = 1 << 5,
    WORD_KIND = 1 << 6,
    WORD_OF = 1 << 7,
    WORD_NEVER = 1 << 8,
    WORD_SO_THIS = 1 << 9,
    WORD_WITHOUT = 1 << 10,
    WORD_DOUBT = 1 << 11,
    WORD_AT_VERY = 1 << 12,
    WORD_OR_NOR = 1 << 13,
    TOKEN_UPPER = 1 << 14, /* in capitals, in the text at hand */
};

struct vader_word {
    double valence;
    double boost;
    uint32_t flags;
    uint32_t phrases; /* the first phrase that begins with this word, 0 = none */
};

#define PHRASE_MAX_WORDS 3

/* "bus stop", or the booster "kind of". */
struct vader_phrase {
    double value;
    bool booster;
    uint32_t words[PHRASE_MAX_WORDS]; /* places in `table` */
    uint32_t count;                   /* 2 or 3: shorter and longer ones are never tried */
    uint32_t next;                    /* of those that begin with the same word, 0 = none */
};

#define EMOJI_PAGES 0x1100 /* of 256 code points */

struct vader {
    struct word_table table;
    struct vader_word *words;     /* by place; [0] is the word that nobody knows */
    struct vader_phrase *phrases; /* [0] unused */
    uint32_t phrase_count;
    size_t emoji_growth;               /* an emoji's words have at most this many times its bytes */
    uint16_t emoji_pages[EMOJI_PAGES]; /* place of the page in `emoji`, from 1; 0 = holds none */
    uint32_t (*emoji)[256];            /* by page and low byte: place of the words, 0 = no emoji */
    uint32_t emoji_page_count, emoji_count;
    struct slice *emoji_words; /* [0] unused */
    struct arena texts;
};

struct vader_token {
    uint32_t flags;
    uint32_t word;           /* place in `table`, 0 = unknown */
    uint32_t offset, length; /* in the prepared text */
};

enum vader_step_kind {
    STEP_BASE,       /* amount = valence */
    STEP_CANCELLED,  /* "no" before a rated word */
    STEP_NEGATED,    /* times amount, because of token `by` */
    STEP_CAPITALS,   /* plus amount */
    STEP_BOOSTED,    /* plus amount, by the phrase of `count` tokens from `by` on */
    STEP_EMPHASISED, /* times amount: "never so", "this", ... */
    STEP_IDIOM,      /* becomes amount: the phrase of `count` tokens from `by` on */
    STEP_BUT,        /* times amount: before or after "but" */
};

struct vader_step {
    enum vader_step_kind kind;
    uint32_t token; /* whose value is changed */
    uint32_t by, count;
    double amount;
    struct vader_step *next;
};

/* What was done, in order; only kept when somebody wants an explanation. */
struct vader_steps {
    struct arena *arena;
    struct vader_step *first, *last;
    size_t count;
};

struct vader_scan {
    const struct vader *engine;
    struct slice text; /* emoji are words, bytes are valid UTF-8 */
    struct vader_token *tokens;
    size_t count;
    size_t rated_count;        /* of WORD_RATED */
    bool capitals_differ;      /* some tokens are in capitals, some are not */
    struct vader_steps *steps; /* NULL = nobody asked */
};

/* A word that counts: its place among the tokens, what it is worth now. */
struct vader_value {
    uint32_t token;
    double value;
};

/* How the values became the score. */
struct vader_totals {
    double sum;                     /* of the values */
    double exclamations, questions; /* what ! and ? add to its size */
    double compound;                /* not yet rounded */
    double negative, neutral, positive;
};

void *vader_create(const struct lexicon *lexicon, struct error *err) MUST_CHECK;
void vader_destroy(void *engine);

/* The description of an emoji, NULL when `code_point` is none. */
static inline const struct slice *vader_emoji_find(const struct vader *engine,
                                                   uint32_t code_point) {
    uint32_t page = engine->emoji_pages[code_point >> 8];
    uint32_t place = page ? engine->emoji[page - 1][code_point & 0xFF] : 0;
    return place ? &engine->emoji_words[place] : NULL;
}

/* Fills everything of `scan` but `engine` and `steps`. */
void vader_tokens_read(struct vader_scan *scan, struct slice text, struct arena *arena);

/* What token `at`, which has WORD_RATED, is worth where it stands; "but" not yet seen to. */
double vader_word_value(const struct vader_scan *scan, size_t at);
/* Halves what stands before the first "but" and raises what follows, if there is one. `values` are
 * the values that are not 0, in the order of the text. */
void vader_but_apply(const struct vader_scan *scan, struct vader_value *values, size_t count,
                     struct arena *arena);

void vader_step_add(struct vader_steps *steps, struct vader_step step);

static inline void vader_step_note(const struct vader_scan *scan, struct vader_step step) {
    if (UNLIKELY(scan->steps != NULL)) vader_step_add(scan->steps, step);
}

/* Evidence and summary of `score`, whose numbers are there already. */
void vader_explain(const struct vader_scan *scan, const struct vader_totals *totals,
                   const struct vader_value *values, size_t count, struct score *score);

#endif
