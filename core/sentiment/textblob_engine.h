/* The inside of the TextBlob engine: its compiled lexicon, its tokens, its assessments.
 *
 * TextBlob (Steven Loria) took this analysis from Pattern (T. De Smedt and W. Daelemans, "Pattern
 * for Python", JMLR 13, 2012): the mean polarity of the rated words, where an adverb scales the
 * word after it and a negation halves and turns it. Figures and oddities are those of TextBlob
 * 0.20.1. textblob_lexicon.c compiles, textblob_tokens.c cuts the text, textblob_emoticons.c mends
 * the emoticons that were cut, textblob.c assesses,
 * textblob_explain.c tells how. Everything is const after creation. */
#ifndef SENTIMENT_TEXTBLOB_ENGINE_H
#define SENTIMENT_TEXTBLOB_ENGINE_H

#include "base/arena.h"
#include "base/compiler.h"
#include "sentiment/scorer.h"
#include "sentiment/word_table.h"
#include <stdint.h>

/* What a token is to the scan. */
enum {
    TERM_RATED = 1 << 0,
    TERM_ADVERB = 1 << 1,
    TERM_NEGATOR = 1 << 2,
    TERM_EMOTICON = 1 << 3,
    TERM_EXCLAMATION = 1 << 4, /* ! */
    TERM_IRONY = 1 << 5,       /* (!) */
};

struct textblob_term {
    double polarity, subjectivity, intensity;
    double emoticon; /* its polarity, with TERM_EMOTICON */
    uint32_t flags;
};

/* An emoticon as it is written, for mending. */
struct textblob_emoticon {
    struct slice text;
    uint32_t next; /* begins with the same byte, not longer; 0 = none */
};

struct textblob {
    struct word_table table;
    struct textblob_term *terms;         /* by place; [0] is the word that nobody knows */
    struct textblob_emoticon *emoticons; /* [0] unused */
    uint32_t emoticon_count;
    uint32_t emoticons_by_byte[256]; /* the first byte -> the longest that begins with it */
    size_t emoticon_bytes;           /* of the longest */
    /* Bit b of row a: some emoticon has byte a right before byte b. */
    uint8_t neighbours[256][32];
    struct slice *abbreviations; /* sorted by bytes, case and all */
    size_t abbreviation_count;
    struct arena texts;
};

struct textblob_token {
    const char *data;
    uint32_t length;
    bool mended;        /* lies in the arena, not in the text */
    bool ends_sentence; /* no emoticon goes on behind it */
};

struct textblob_tokens {
    struct textblob_token *items;
    size_t count;
};

/* One rated word, with the adverbs before it. */
struct textblob_assessment {
    double polarity, subjectivity, intensity;
    struct slice negated_by; /* empty = not negated */
    struct slice word, note; /* only when somebody wants an explanation */
};

struct textblob_totals {
    double sum;      /* of the polarities, negations seen to */
    double polarity; /* their mean, 0 when there are none */
    double subjectivity;
};

void *textblob_create(const struct lexicon *lexicon, struct error *err) MUST_CHECK;
void textblob_destroy(void *engine);

/* Whether a word that ends in a full stop, such as "Mr.", keeps it. */
bool textblob_keeps_stop(const struct textblob *engine, struct slice word);

/* `tokens->items` has room for as many as the text has bytes. */
void textblob_tokens_read(const struct textblob *engine, struct slice text,
                          struct textblob_tokens *tokens);
/* Joins tokens that make up an emoticon: ":" and ")", or "x" and "D". */
void textblob_emoticons_mend(const struct textblob *engine, struct textblob_tokens *tokens,
                             struct arena *arena);

/* What an assessment counts for in the mean. */
static inline double textblob_value(const struct textblob_assessment *assessment) {
    return assessment->negated_by.length ? assessment->polarity * -0.5 : assessment->polarity;
}

/* Adds a sentence, made by printf's rules, to the note of `assessment`. */
void textblob_note(struct textblob_assessment *assessment, struct arena *arena, const char *format,
                   ...) FORMAT(3, 4);
/* Evidence and summary of `score`, whose numbers are there already. */
void textblob_explain(const struct textblob_assessment *assessments, size_t count,
                      const struct textblob_totals *totals, struct arena *arena,
                      struct score *score);

#endif
