/* What the coverage ledger says about a span of time: how much of it each source was heard, its
 * gaps, and what sinks lost. Blocking, reads only; beside a running linnet, too. */
#ifndef FLOW_COVERAGE_REPORT_H
#define FLOW_COVERAGE_REPORT_H

#include "base/arena.h"
#include "store/ledger.h"

/* A source, or what a sink lost. */
struct coverage_part {
    struct slice name;
    bool is_sink;
    bool live;      /* of a source: see store/ledger.h */
    bool goes_on;   /* the last interval does */
    bool is_former; /* the last run did not have it */
    /* Within the report's span, in the order in which they began, open ones until now. */
    struct ledger_interval *intervals;
    size_t count, room;
    struct ledger_interval last; /* in the ledger, whether or not it is within */
    /* Of a source; where intervals overlap, since the clock was set back, a gap counts before a
     * pause before what was covered. */
    int64_t covered_ms, gap_ms, pause_ms;
    uint64_t lost; /* of a sink */
};

struct coverage_report {
    int64_t from_ms, to_ms;
    bool running;
    struct coverage_part *parts; /* in the order in which they came up */
    size_t count, room;
};

/* From `from_ms` to `now_ms`; `running`: a linnet runs with the folder, so that open intervals go
 * on, else live sources have a gap since the last one. All is in the arena; no parts when there is
 * no ledger. False with *err. */
bool coverage_report_read(const char *folder, int64_t from_ms, int64_t now_ms, bool running,
                          struct arena *arena, struct coverage_report *report,
                          struct error *err) MUST_CHECK;
/* Covered of all that is known of a source, 0 … 1; -1: nothing is known. */
double coverage_share(const struct coverage_part *part);
/* The worst that is known of a source between the two: LEDGER_COVERED, LEDGER_PAUSE or LEDGER_GAP;
 * false: nothing is. */
bool coverage_worst(const struct coverage_part *part, int64_t from_ms, int64_t to_ms,
                    enum ledger_kind *kind);

#endif
