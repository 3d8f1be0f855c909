/* sentiment/textblob_engine.h: the assessments, told in sentences. */
#include "sentiment/textblob_engine.h"
#include <stdio.h>

/* A note that is longer is not added to: a thousand "!" make no better reading than thirty. */
#define MAX_NOTE_BYTES 512

void textblob_note(struct textblob_assessment *assessment, struct arena *arena, const char *format,
                   ...) {
    char sentence[1280]; /* a word of a lexicon, at most 1024 bytes, and some words around it */
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    struct slice before = assessment->note;
    if (before.length > MAX_NOTE_BYTES) return;
    assessment->note =
        arena_format(arena, "%.*s%s%s", SLICE_ARGS(before), before.length ? ", " : "", sentence);
}

void textblob_explain(const struct textblob_assessment *assessments, size_t count,
                      const struct textblob_totals *totals, struct arena *arena,
                      struct score *score) {
    score->evidence = arena_zeroed(arena, count + 1, sizeof *score->evidence);
    score->evidence_count = count;
    for (size_t i = 0; i < count; i++)
        score->evidence[i] = (struct evidence){ .word = assessments[i].word,
                                                .value = textblob_value(&assessments[i]),
                                                .note = assessments[i].note };
    if (count == 0)
        score->summary = arena_format(arena, "no rated word, so the polarity is 0");
    else
        score->summary = arena_format(arena, "sum %.6g over %zu rated %s = %.4f", totals->sum,
                                      count, count == 1 ? "word" : "words", totals->polarity);
}
