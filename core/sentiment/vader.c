/* sentiment/vader_engine.h: adds up the words' values and makes the score of them. */
#include "sentiment/rounding.h"
#include "sentiment/vader_engine.h"
#include <math.h>

#define EXCLAMATION 0.292
#define QUESTION 0.18
#define MANY_QUESTIONS 0.96
#define NORMALISER 15.0
#define NEUTRAL_BOUND 0.05

static size_t count_up_to(struct slice text, char byte, size_t most) {
    const char *at = text.data, *end = text.data + text.length;
    size_t count = 0;
    while (count < most && at < end && (at = memchr(at, byte, (size_t)(end - at))) != NULL) {
        count++;
        at++;
    }
    return count;
}

static double question_emphasis(struct slice text) {
    size_t questions = count_up_to(text, '?', 4);
    if (questions > 3) return MANY_QUESTIONS;
    return questions > 1 ? (double)questions * QUESTION : 0;
}

/* The tokens that count for something, in the order of the text. */
static struct vader_value *values_of(const struct vader_scan *scan, struct arena *arena,
                                     size_t *count) {
    struct vader_value *values = arena_alloc(arena, scan->rated_count * sizeof *values);
    bool but = false;
    *count = 0;
    for (size_t i = 0; i < scan->count; i++) {
        uint32_t flags = scan->tokens[i].flags;
        if (flags & WORD_BUT) but = true;
        if (LIKELY(!(flags & WORD_RATED))) continue;
        double value = vader_word_value(scan, i);
        if (value != 0) values[(*count)++] = (struct vader_value){ (uint32_t)i, value };
    }
    if (but) vader_but_apply(scan, values, *count, arena);
    return values;
}

static struct vader_totals totals_of(const struct vader_scan *scan,
                                     const struct vader_value *values, size_t count) {
    struct vader_totals totals = {
        .exclamations = (double)count_up_to(scan->text, '!', 4) * EXCLAMATION,
        .questions = question_emphasis(scan->text),
    };
    double emphasis = totals.exclamations + totals.questions;
    double positive = 0, negative = 0;
    size_t zeros = scan->count - count;
    for (size_t i = 0; i < count; i++) {
        double value = values[i].value;
        totals.sum += value;
        if (value > 0)
            positive += value + 1;
        else if (value < 0)
            negative += value - 1;
        else
            zeros++;
    }
    double raised = totals.sum;
    if (totals.sum != 0) raised += totals.sum > 0 ? emphasis : -emphasis;
    totals.compound = raised / sqrt(raised * raised + NORMALISER);
    if (positive > fabs(negative))
        positive += emphasis;
    else if (positive < fabs(negative))
        negative -= emphasis;
    double whole = positive + fabs(negative) + (double)zeros;
    if (scan->count == 0) return totals;
    totals.positive = fabs(positive / whole);
    totals.negative = fabs(negative / whole);
    totals.neutral = fabs((double)zeros / whole);
    return totals;
}

static struct score vader_score(const void *engine, struct slice text, struct arena *arena,
                                bool explain) {
    struct vader_steps steps = { .arena = arena };
    struct vader_scan scan = { .engine = engine, .steps = explain ? &steps : NULL };
    vader_tokens_read(&scan, text, arena);
    size_t count;
    struct vader_value *values = values_of(&scan, arena, &count);
    struct vader_totals totals = totals_of(&scan, values, count);
    struct score score = {
        .known = true,
        .value = decimal_round(totals.compound, 4),
        .parts = { { "neg", decimal_round(totals.negative, 3) },
                   { "neu", decimal_round(totals.neutral, 3) },
                   { "pos", decimal_round(totals.positive, 3) } },
        .part_count = 3,
    };
    if (explain) vader_explain(&scan, &totals, values, count, &score);
    return score;
}

static const struct label_rule vader_labels[] = {
    { { "negative", 8 }, LABEL_UPTO, -NEUTRAL_BOUND },
    { { "neutral", 7 }, LABEL_BELOW, NEUTRAL_BOUND },
    { { "positive", 8 }, LABEL_ELSE, 0 },
};

const struct scorer_ops vader_ops = {
    .name = "vader",
    .labels = vader_labels,
    .label_count = LENGTH(vader_labels),
    .create = vader_create,
    .destroy = vader_destroy,
    .score = vader_score,
};
