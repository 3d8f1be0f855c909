/* What `linnet top` knows of a running linnet: one answer to {"verb":"status"}, read. */
#ifndef CLI_TOP_STATUS_H
#define CLI_TOP_STATUS_H

#include "base/arena.h"
#include "flow/sums.h"

enum top_section { TOP_SOURCES, TOP_SINKS, TOP_QUERIES, TOP_SECTIONS };

/* A source, a sink or a query; slices live in the status' arena. */
struct top_row {
    struct slice name;
    uint64_t total;     /* received, delivered, matched */
    double rate;        /* of these, a second; -1: not known yet */
    uint64_t kept;      /* of a source */
    uint64_t pending;   /* of a sink */
    uint64_t dead;      /* of a sink */
    uint64_t lost;      /* of a sink: dropped */
    uint64_t malformed; /* of a source */
    int64_t last_ms;    /* when the last came; these are 0 when they are not known */
    int64_t created_ms; /* of a source: when the last post was written */
    int64_t moved_ms;   /* of a source: when its cursor moved */
    int64_t oldest_ms;  /* of a sink: since when the oldest waits */
    struct slice state; /* of a source: covered, gap, pause, ended; "" */
    struct slice shown; /* of a source: the same in a sentence */
    uint64_t by_mood[MOODS];
};

struct top_status {
    struct arena arena;
    bool running;
    int64_t at_ms;
    struct slice version, config, error; /* error: of the last reload, as it is shown; "" */
    double uptime_s;
    uint64_t generation, spool_bytes, left_out, received, kept;
    double received_rate, kept_rate; /* -1: not known yet */
    bool waiting;
    struct top_row *rows[TOP_SECTIONS];
    size_t counts[TOP_SECTIONS];
};

void top_status_init(struct top_status *status);
void top_status_free(struct top_status *status);
/* Reads an answer that came at `at_ms`; rates are since `before`. False when it is none. */
bool top_status_read(struct top_status *status, struct slice json, int64_t at_ms,
                     const struct top_status *before) MUST_CHECK;

#endif
