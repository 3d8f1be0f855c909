/* What the files of the coverage share: intervals in memory, and what is on its way to disk. */
#ifndef FLOW_COVERAGE_INTERNAL_H
#define FLOW_COVERAGE_INTERNAL_H

#include "base/arena.h"
#include "flow/coverage.h"

/* Gaps that may still be told closed. */
#define COVER_GAPS 8

/* An interval as it will be in the ledger. */
struct span {
    uint64_t number; /* 0: none */
    enum ledger_kind kind;
    int64_t from_ms, to_ms;
    uint64_t count;
    bool live;
    uint64_t absence; /* see ledger_interval */
    char reason[COVER_REASON_BYTES];
};

struct cover {
    struct coverage *coverage;
    char *name;
    bool is_sink;
    bool live;   /* of a source: it said so */
    bool open;   /* `now` goes on */
    bool joined; /* its first interval looks for what the run before left */
    bool ended_for_good;
    bool lost;                    /* of a sink: `now` is to be written */
    struct span now;              /* or the last one; number 0: none */
    struct span last;             /* the last gap or pause that ended */
    struct span gaps[COVER_GAPS]; /* the last gaps that ended, with their own reasons, in a ring */
    size_t gap_at;                /* of the next one */
    struct {
        int64_t from_ms, to_ms; /* to_ms 0: none was */
        char how[COVER_REASON_BYTES];
    } closed; /* the last gap that was told closed: what the run before left is known later */
    int64_t paused_ms; /* since when it waits; 0: it does not */
    char pause[COVER_REASON_BYTES];
    struct cover *next;
};

struct waiting_span {
    const struct cover *cover;
    struct span span;
};

struct coverage {
    struct loop *loop;
    char *path;
    uint64_t run, numbers;
    struct cover *covers;
    struct waiting_span *waiting; /* ended, not in the ledger yet */
    size_t waiting_count;
    int64_t wall_ms; /* both clocks, when they were looked at last */
    uint64_t boot_ns;
    uint64_t written_ns; /* when the ledger was written last */
    bool changed;        /* since then */
    struct timer tick;
    uint64_t ticks;

    /* on its way to disk */
    struct crew *crew;
    struct task task;
    struct ledger ledger; /* the thread's */
    struct arena arena;
    struct ledger_interval *intervals;
    size_t interval_count;
    size_t handed; /* of those that wait, which are under way */
    unsigned puts;
    bool busy, failing, good;
    struct error err;
};

/* flow/coverage_span.c */
void cover_take_text(char out[COVER_REASON_BYTES], const char *text);
struct span span_new(struct coverage *coverage, enum ledger_kind kind, int64_t from_ms,
                     const char *reason);
/* Ended, and to be written; the oldest is given up when too many wait. */
void span_keep(struct coverage *coverage, const struct cover *cover, const struct span *span);
/* Later on it may be told how much of it was found after all. */
void span_note_gap(struct cover *cover, const struct span *gap);
/* What goes on ends; nothing when nothing does. */
void span_end(struct cover *cover, int64_t at_ms);
/* From `at_ms` on it is otherwise. What would be empty is only renamed. */
void span_turn(struct cover *cover, enum ledger_kind kind, int64_t at_ms, const char *reason);

/* flow/coverage_write.c */
void coverage_writer_init(struct coverage *coverage, unsigned threads);
/* Has everything that changed written, unless that is under way. */
void coverage_write(struct coverage *coverage);
/* The same, at once, for the last time. */
void coverage_writer_end(struct coverage *coverage);

#endif
