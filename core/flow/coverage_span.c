/* One interval of the coverage follows another. */
#include "base/alloc.h"
#include "flow/coverage_internal.h"
#include <stdio.h>

/* Ended intervals that wait for the ledger. */
#define MAX_WAITING 1000
#define CUT " ..."

/* What is too long ends with a whole word. */
void cover_take_text(char out[COVER_REASON_BYTES], const char *text) {
    size_t length = strlen(text);
    if (length >= COVER_REASON_BYTES) {
        length = COVER_REASON_BYTES - sizeof CUT;
        while (length > 0 && text[length] != ' ')
            length--;
    }
    snprintf(out, COVER_REASON_BYTES, "%.*s%s", (int)length, text, text[length] ? CUT : "");
}

struct span span_new(struct coverage *coverage, enum ledger_kind kind, int64_t from_ms,
                     const char *reason) {
    struct span span = {
        .number = ++coverage->numbers, .kind = kind, .from_ms = from_ms, .to_ms = from_ms
    };
    cover_take_text(span.reason, reason);
    return span;
}

void span_keep(struct coverage *coverage, const struct cover *cover, const struct span *span) {
    if (coverage->waiting_count == MAX_WAITING) {
        memmove(coverage->waiting, coverage->waiting + 1,
                (MAX_WAITING - 1) * sizeof *coverage->waiting);
        coverage->waiting_count--;
        coverage->handed -= coverage->handed > 0;
    }
    if (coverage->waiting == NULL)
        coverage->waiting = memory_zeroed(MAX_WAITING, sizeof *coverage->waiting);
    coverage->waiting[coverage->waiting_count++] = (struct waiting_span){ cover, *span };
    coverage->changed = true;
}

void span_note_gap(struct cover *cover, const struct span *gap) {
    cover->gaps[cover->gap_at] = *gap;
    cover->gap_at = (cover->gap_at + 1) % COVER_GAPS;
}

void span_end(struct cover *cover, int64_t at_ms) {
    struct span *now = &cover->now;
    if (!cover->open) return;
    now->to_ms = MAX(now->from_ms, at_ms);
    now->live = cover->live;
    cover->open = false;
    if (now->kind == LEDGER_GAP || now->kind == LEDGER_PAUSE) cover->last = *now;
    if (now->kind == LEDGER_GAP) span_note_gap(cover, now);
    span_keep(cover->coverage, cover, now);
}

void span_turn(struct cover *cover, enum ledger_kind kind, int64_t at_ms, const char *reason) {
    struct coverage *coverage = cover->coverage;
    struct span *now = &cover->now;
    coverage->changed = true;
    if (cover->open && at_ms <= now->from_ms) {
        now->kind = kind;
        cover_take_text(now->reason, reason);
        return;
    }
    span_end(cover, at_ms);
    *now = span_new(coverage, kind, at_ms, reason);
    cover->open = true;
}
