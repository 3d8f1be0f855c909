/* sentiment/vader_engine.h: what the words around it make of a word's valence.
 *
 * The rules follow the reference in the order of its arithmetic, its slips included (each is named
 * where it stands): a rounded result has to agree in its last digit. */
#include "sentiment/vader_engine.h"

#define NEGATION (-0.74)
#define CAPITALS 0.733
#define EMPHASIS 1.25

static bool is(const struct vader_scan *scan, size_t at, uint32_t flags) {
    return (scan->tokens[at].flags & flags) != 0;
}

static double times(const struct vader_scan *scan, size_t at, size_t by, double factor,
                    enum vader_step_kind kind, double value) {
    vader_step_note(scan, (struct vader_step){ .kind = kind,
                                               .token = (uint32_t)at,
                                               .by = (uint32_t)by,
                                               .count = 1,
                                               .amount = factor });
    return value * factor;
}

/* "no" before a rated word counts only through that word, which it turns round. */
static double apply_no(const struct vader_scan *scan, size_t at, double valence) {
    double value = valence;
    if (is(scan, at, WORD_NO) && at + 1 < scan->count && is(scan, at + 1, WORD_RATED))
        value = times(scan, at, at + 1, 0, STEP_CANCELLED, value);
    if (at >= 1 && is(scan, at - 1, WORD_NO))
        return times(scan, at, at - 1, NEGATION, STEP_NEGATED, valence);
    if (at >= 2 && is(scan, at - 2, WORD_NO))
        return times(scan, at, at - 2, NEGATION, STEP_NEGATED, valence);
    if (at >= 3 && is(scan, at - 3, WORD_NO) && is(scan, at - 1, WORD_OR_NOR))
        return times(scan, at, at - 3, NEGATION, STEP_NEGATED, valence);
    return value;
}

/* A value of 0 goes down, too. */
static double apply_capitals(const struct vader_scan *scan, size_t at, double value) {
    if (!scan->capitals_differ || !is(scan, at, TOKEN_UPPER)) return value;
    double change = value > 0 ? CAPITALS : -CAPITALS;
    vader_step_note(scan, (struct vader_step){ STEP_CAPITALS, (uint32_t)at, 0, 0, change, NULL });
    return value + change;
}

/* `by` stands `back` words (1 to 3) before the word; the farther, the weaker. */
static double apply_booster(const struct vader_scan *scan, size_t at, size_t back, double value) {
    static const double fading[] = { 1, 1, 0.95, 0.9 };
    size_t by = at - back;
    if (!is(scan, by, WORD_BOOSTER)) return value;
    double change = scan->engine->words[scan->tokens[by].word].boost;
    if (value < 0) change = -change;
    if (scan->capitals_differ && is(scan, by, TOKEN_UPPER))
        change += value > 0 ? CAPITALS : -CAPITALS;
    change *= fading[back];
    vader_step_note(
        scan, (struct vader_step){ STEP_BOOSTED, (uint32_t)at, (uint32_t)by, 1, change, NULL });
    return value + change;
}

/* "never so good" is praise and "without doubt" no negation. Three words back, a mere "so" or
 * "this" right before the word is enough for the reference. */
static double apply_negation(const struct vader_scan *scan, size_t at, size_t back, double value) {
    size_t by = at - back;
    if (back >= 2) {
        bool next_so = is(scan, by + 1, WORD_SO_THIS);
        bool last_so = back == 3 && is(scan, at - 1, WORD_SO_THIS);
        if ((is(scan, by, WORD_NEVER) && next_so) || last_so)
            return times(scan, at, last_so ? at - 1 : by, EMPHASIS, STEP_EMPHASISED, value);
        bool doubt = is(scan, by + 1, WORD_DOUBT) || is(scan, at - 1, WORD_DOUBT);
        if (is(scan, by, WORD_WITHOUT) && doubt) return value;
    }
    if (!is(scan, by, WORD_NEGATOR)) return value;
    return times(scan, at, by, NEGATION, STEP_NEGATED, value);
}

/* The phrase of exactly these tokens, NULL when there is none. */
static const struct vader_phrase *phrase_find(const struct vader_scan *scan, bool booster,
                                              size_t from, size_t count) {
    const struct vader *engine = scan->engine;
    const struct vader_token *tokens = scan->tokens + from;
    if (from + count > scan->count) return NULL;
    for (uint32_t p = engine->words[tokens[0].word].phrases; p; p = engine->phrases[p].next) {
        const struct vader_phrase *phrase = &engine->phrases[p];
        bool same = phrase->booster == booster && phrase->count == count &&
                    phrase->words[1] == tokens[1].word;
        if (same && (count < 3 || phrase->words[2] == tokens[2].word)) return phrase;
    }
    return NULL;
}

static bool idiom_apply(const struct vader_scan *scan, size_t at, size_t from, size_t count,
                        double *value) {
    const struct vader_phrase *idiom = phrase_find(scan, false, from, count);
    if (idiom == NULL) return false;
    *value = idiom->value;
    vader_step_note(scan, (struct vader_step){ STEP_IDIOM, (uint32_t)at, (uint32_t)from,
                                               (uint32_t)count, *value, NULL });
    return true;
}

/* Only a word with three before it. Of the idioms that end at the word or stand before it the first
 * in this order counts, then those that begin with it. A booster of several words adds its number
 * as it is, whatever the sign of the value. */
static double apply_phrases(const struct vader_scan *scan, size_t at, double value) {
    static const struct {
        size_t back, count;
    } idioms[] = { { 1, 2 }, { 2, 3 }, { 2, 2 }, { 3, 3 }, { 3, 2 } },
      boosters[] = { { 3, 3 }, { 3, 2 }, { 2, 2 } };
    for (size_t i = 0; i < LENGTH(idioms); i++)
        if (idiom_apply(scan, at, at - idioms[i].back, idioms[i].count, &value)) break;
    (void)idiom_apply(scan, at, at, 2, &value);
    (void)idiom_apply(scan, at, at, 3, &value);
    for (size_t i = 0; i < LENGTH(boosters); i++) {
        size_t from = at - boosters[i].back, count = boosters[i].count;
        const struct vader_phrase *phrase = phrase_find(scan, true, from, count);
        if (phrase == NULL) continue;
        value += phrase->value;
        vader_step_note(scan, (struct vader_step){ STEP_BOOSTED, (uint32_t)at, (uint32_t)from,
                                                   (uint32_t)count, phrase->value, NULL });
    }
    return value;
}

/* "least good", but neither "at least" nor "very least". */
static double apply_least(const struct vader_scan *scan, size_t at, double value) {
    if (at == 0 || !is(scan, at - 1, WORD_LEAST) || is(scan, at - 1, WORD_RATED)) return value;
    if (at > 1 && is(scan, at - 2, WORD_AT_VERY)) return value;
    return times(scan, at, at - 1, NEGATION, STEP_NEGATED, value);
}

double vader_word_value(const struct vader_scan *scan, size_t at) {
    if (is(scan, at, WORD_BOOSTER)) return 0;
    if (is(scan, at, WORD_KIND) && at + 1 < scan->count && is(scan, at + 1, WORD_OF)) return 0;
    double valence = scan->engine->words[scan->tokens[at].word].valence;
    vader_step_note(scan, (struct vader_step){ STEP_BASE, (uint32_t)at, 0, 0, valence, NULL });
    double value = apply_capitals(scan, at, apply_no(scan, at, valence));
    for (size_t back = 1; back <= 3 && back <= at; back++) {
        if (is(scan, at - back, WORD_RATED)) continue;
        value = apply_booster(scan, at, back, value);
        value = apply_negation(scan, at, back, value);
        if (back == 3) value = apply_phrases(scan, at, value);
    }
    return apply_least(scan, at, value);
}
