/* sentiment/vader_engine.h: the recorded steps, told in sentences. */
#include "sentiment/vader_engine.h"

/* A note that is longer is not added to. */
#define MAX_NOTE_BYTES 512

void vader_step_add(struct vader_steps *steps, struct vader_step step) {
    struct vader_step *copy = arena_alloc(steps->arena, sizeof *copy);
    *copy = step;
    copy->next = NULL;
    if (steps->last)
        steps->last->next = copy;
    else
        steps->first = copy;
    steps->last = copy;
    steps->count++;
}

/* `count` tokens from `from` on, as they stand in the text (with what stands between them). */
static struct slice tokens_text(const struct vader_scan *scan, uint32_t from, uint32_t count) {
    const struct vader_token *first = &scan->tokens[from], *last = first + count - 1;
    return slice_from(scan->text.data + first->offset, last->offset + last->length - first->offset);
}

static struct slice step_sentence(const struct vader_scan *scan, const struct vader_step *step) {
    struct arena *arena = scan->steps->arena;
    struct slice by = { "", 0 };
    if (step->count) by = tokens_text(scan, step->by, step->count);
    switch (step->kind) {
    case STEP_BASE: return arena_format(arena, "%g in the lexicon", step->amount);
    case STEP_CANCELLED: return arena_format(arena, "counts only through \"%.*s\"", SLICE_ARGS(by));
    case STEP_NEGATED:
        return arena_format(arena, "x %g negated by \"%.*s\"", step->amount, SLICE_ARGS(by));
    case STEP_CAPITALS: return arena_format(arena, "%+g in capitals", step->amount);
    case STEP_BOOSTED:
        return arena_format(arena, "%+g boosted by \"%.*s\"", step->amount, SLICE_ARGS(by));
    case STEP_EMPHASISED:
        return arena_format(arena, "x %g stressed by \"%.*s\"", step->amount, SLICE_ARGS(by));
    case STEP_IDIOM:
        return arena_format(arena, "becomes %g in the idiom \"%.*s\"", step->amount,
                            SLICE_ARGS(by));
    case STEP_BUT: break;
    }
    return arena_format(arena, "x %g %s \"%.*s\"", step->amount,
                        step->by > step->token ? "before" : "after", SLICE_ARGS(by));
}

static struct slice note_join(struct arena *arena, struct slice note, struct slice sentence) {
    if (note.length == 0) return sentence;
    if (note.length > MAX_NOTE_BYTES) return note;
    return arena_format(arena, "%.*s, %.*s", SLICE_ARGS(note), SLICE_ARGS(sentence));
}

/* One piece of evidence for each rated word, in the order of the text: steps of one word follow
 * each other, but for those of "but", which come last. */
static void evidence_collect(const struct vader_scan *scan, struct score *score,
                             uint32_t *evidence_of) {
    struct arena *arena = scan->steps->arena;
    for (const struct vader_step *step = scan->steps->first; step; step = step->next) {
        if (step->kind == STEP_BASE) {
            evidence_of[step->token] = (uint32_t)score->evidence_count;
            score->evidence[score->evidence_count++] =
                (struct evidence){ .word = tokens_text(scan, step->token, 1) };
        }
        struct evidence *evidence = &score->evidence[evidence_of[step->token]];
        evidence->note = note_join(arena, evidence->note, step_sentence(scan, step));
    }
}

static struct slice emphasis_add(struct arena *arena, struct slice start,
                                 const struct vader_totals *totals, double amount,
                                 const char *mark) {
    if (amount == 0) return start;
    return arena_format(arena, "%.*s %c %.6g for \"%s\"", SLICE_ARGS(start),
                        totals->sum > 0 ? '+' : '-', amount, mark);
}

static struct slice summary_of(const struct vader_scan *scan, const struct vader_totals *totals,
                               double value) {
    struct arena *arena = scan->steps->arena;
    if (totals->sum == 0) return arena_format(arena, "sum 0, so the value is 0");
    double emphasis = totals->exclamations + totals->questions;
    double raised = totals->sum > 0 ? totals->sum + emphasis : totals->sum - emphasis;
    struct slice start = arena_format(arena, "sum %.6g", totals->sum);
    start = emphasis_add(arena, start, totals, totals->exclamations, "!");
    start = emphasis_add(arena, start, totals, totals->questions, "?");
    if (emphasis != 0) start = arena_format(arena, "%.*s = %.6g", SLICE_ARGS(start), raised);
    return arena_format(arena, "%.*s; %.6g/sqrt(%.6g^2+15) = %.4f", SLICE_ARGS(start), raised,
                        raised, value);
}

void vader_explain(const struct vader_scan *scan, const struct vader_totals *totals,
                   const struct vader_value *values, size_t count, struct score *score) {
    struct arena *arena = scan->steps->arena;
    uint32_t *evidence_of = arena_zeroed(arena, scan->count + 1, sizeof *evidence_of);
    score->evidence = arena_zeroed(arena, scan->steps->count + 1, sizeof *score->evidence);
    evidence_collect(scan, score, evidence_of);
    for (size_t i = 0; i < count; i++)
        score->evidence[evidence_of[values[i].token]].value = values[i].value;
    score->summary = summary_of(scan, totals, score->value);
}
