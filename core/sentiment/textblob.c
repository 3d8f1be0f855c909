/* sentiment/textblob_engine.h: from token to token, what is rated and what changes it. */
#include "base/utf8.h"
#include "sentiment/textblob_engine.h"

#define EXCLAMATION 1.25

/* Where the scan stands: the assessments so far and the words that wait for the next one. */
struct scan {
    const struct textblob *engine;
    struct arena *arena;
    const char *text, *lowered;
    struct textblob_assessment *items;
    size_t count;
    struct slice adverb, negator; /* in lower case; empty = none waits */
    bool explain;
};

static double clamp(double value) { return value > 1 ? 1 : value < -1 ? -1 : value; }

static struct textblob_assessment *last_of(const struct scan *scan) {
    return &scan->items[scan->count - 1];
}

static struct textblob_assessment *append(struct scan *scan, struct slice word, double polarity,
                                          double subjectivity, double intensity) {
    scan->items[scan->count++] = (struct textblob_assessment){
        .polarity = polarity, .subjectivity = subjectivity, .intensity = intensity, .word = word
    };
    return last_of(scan);
}

static void negation_note(struct scan *scan) {
    textblob_note(last_of(scan), scan->arena, "x -0.5 negated by \"%.*s\"",
                  SLICE_ARGS(last_of(scan)->negated_by));
}

/* A second negation changes nothing. */
static void last_negate(struct scan *scan) {
    if (last_of(scan)->negated_by.length) return;
    last_of(scan)->negated_by = scan->negator;
    if (scan->explain) negation_note(scan);
}

/* A rated word after an adverb takes the adverb's place. */
static void replace_last(struct scan *scan, struct slice word, const struct textblob_term *term) {
    struct textblob_assessment *last = last_of(scan);
    double factor = last->intensity;
    last->polarity = clamp(term->polarity * factor);
    last->subjectivity = clamp(term->subjectivity * factor);
    last->intensity = term->intensity;
    if (!scan->explain) return;
    struct slice adverb = last->word;
    last->word = word;
    last->note = (struct slice){ 0 };
    textblob_note(last, scan->arena, "%g in the lexicon", term->polarity);
    textblob_note(last, scan->arena, "x %g by \"%.*s\"", factor, SLICE_ARGS(adverb));
    if (last->negated_by.length) negation_note(scan);
}

static void rated_read(struct scan *scan, struct slice word, const struct textblob_term *term) {
    if (scan->adverb.length) {
        replace_last(scan, word, term);
    } else {
        (void)append(scan, word, term->polarity, term->subjectivity, term->intensity);
        if (scan->explain)
            textblob_note(last_of(scan), scan->arena, "%g in the lexicon", term->polarity);
    }
    if (scan->negator.length) {
        last_of(scan)->intensity = 1.0 / last_of(scan)->intensity;
        last_negate(scan);
    }
    scan->negator = scan->adverb = (struct slice){ 0 };
    if (term->flags & TERM_ADVERB) scan->adverb = word;
}

static bool is_longer_than(struct slice word, size_t code_points) {
    return word.length > code_points && utf8_count(word) > code_points;
}

static struct slice without_apostrophes(struct slice word) {
    while (word.length && word.data[0] == '\'')
        word = slice_skip(word, 1);
    while (word.length && word.data[word.length - 1] == '\'')
        word.length--;
    return word;
}

/* A word that is not rated may end the waiting of a negator or an adverb. */
static void waiting_read(struct scan *scan, struct slice word, uint32_t flags) {
    if (flags & TERM_NEGATOR)
        scan->negator = word;
    else if (scan->negator.length && is_longer_than(without_apostrophes(word), 1))
        scan->negator = (struct slice){ 0 };
    if (scan->adverb.length == 0) return;
    if (scan->negator.length && slice_ends(scan->adverb, SLICE("ly"))) {
        last_negate(scan);
        scan->negator = (struct slice){ 0 };
    } else if (is_longer_than(word, 2)) {
        scan->adverb = (struct slice){ 0 };
    }
}

static void unrated_read(struct scan *scan, struct slice word, const struct textblob_term *term) {
    waiting_read(scan, word, term->flags);
    if (term->flags & TERM_EXCLAMATION && scan->count) {
        struct textblob_assessment *last = last_of(scan);
        last->polarity = clamp(last->polarity * EXCLAMATION);
        if (scan->explain) textblob_note(last, scan->arena, "x %g for \"!\"", EXCLAMATION);
    }
    if (term->flags & TERM_IRONY) {
        (void)append(scan, word, 0, 1, 1);
        if (scan->explain) textblob_note(last_of(scan), scan->arena, "a mark of irony");
    }
    if (term->flags & TERM_EMOTICON) {
        (void)append(scan, word, term->emoticon, 1, 1);
        if (scan->explain)
            textblob_note(last_of(scan), scan->arena, "%g as an emoticon", term->emoticon);
    }
}

static bool is_ascii(const struct textblob_token *token) {
    for (uint32_t i = 0; i < token->length; i++)
        if ((unsigned char)token->data[i] >= 0x80) return false;
    return true;
}

static void tokens_assess(struct scan *scan, const struct textblob_tokens *tokens, bool high) {
    for (size_t i = 0; i < tokens->count; i++) {
        const struct textblob_token *token = &tokens->items[i];
        struct word_key key;
        if (token->mended || (high && !is_ascii(token)))
            key = word_key_lower(slice_from(token->data, token->length), scan->arena);
        else
            key = word_key_of(scan->lowered + (token->data - scan->text), token->length);
        const struct textblob_term *term =
            &scan->engine->terms[word_table_find(&scan->engine->table, &key)];
        if (term->flags & TERM_RATED)
            rated_read(scan, key.bytes, term);
        else
            unrated_read(scan, key.bytes, term);
    }
}

static struct textblob_totals totals_of(const struct scan *scan) {
    struct textblob_totals totals = { 0 };
    double subjectivity = 0;
    for (size_t i = 0; i < scan->count; i++) {
        totals.sum += textblob_value(&scan->items[i]);
        subjectivity += scan->items[i].subjectivity;
    }
    if (scan->count == 0) return totals;
    totals.polarity = totals.sum / (double)scan->count + 0.0; /* no -0 */
    totals.subjectivity = subjectivity / (double)scan->count;
    return totals;
}

static struct score textblob_score(const void *engine, struct slice text, struct arena *arena,
                                   bool explain) {
    struct slice scored = slice_first(text.length ? text : SLICE(""), SCORER_TEXT_MAX);
    struct textblob_tokens tokens = {
        .items = arena_alloc(arena, (scored.length + 1) * sizeof *tokens.items),
    };
    textblob_tokens_read(engine, scored, &tokens);
    arena_shrink(arena, tokens.items, tokens.count * sizeof *tokens.items);
    textblob_emoticons_mend(engine, &tokens, arena);
    struct scan scan = {
        .engine = engine, .arena = arena, .text = scored.data, .explain = explain
    };
    bool high;
    scan.lowered = text_lower_ascii(scored, arena, &high);
    scan.items = arena_alloc(arena, (tokens.count + 1) * sizeof *scan.items);
    tokens_assess(&scan, &tokens, high);
    struct textblob_totals totals = totals_of(&scan);
    struct score score = {
        .known = true,
        .value = totals.polarity,
        .parts = { { "subjectivity", totals.subjectivity } },
        .part_count = 1,
    };
    if (explain) textblob_explain(scan.items, scan.count, &totals, arena, &score);
    return score;
}

static const struct label_rule textblob_labels[] = {
    { { "negative", 8 }, LABEL_BELOW, 0 },
    { { "neutral", 7 }, LABEL_UPTO, 0.2 },
    { { "positive", 8 }, LABEL_ELSE, 0 },
};

const struct scorer_ops textblob_ops = {
    .name = "textblob",
    .labels = textblob_labels,
    .label_count = LENGTH(textblob_labels),
    .create = textblob_create,
    .destroy = textblob_destroy,
    .score = textblob_score,
};
