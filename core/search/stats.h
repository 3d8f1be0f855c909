/* How many posts the embedded store has, by what they are about and by mood.
 *
 * From roll-ups when they can tell: all posts, or those of one query that posts were kept for, by
 * label or time; and all posts by anything. Else posts are searched for and counted one by one, for
 * a limited time. Both count alike. */
#ifndef SEARCH_STATS_H
#define SEARCH_STATS_H

#include "base/arena.h"
#include "config/moment.h"
#include "database/rollup.h"
#include "search/stored.h"

enum stats_by {
    /* As enum rollup_dimension; all: one row. */
    STATS_BY_ALL = ROLLUP_ALL,
    STATS_BY_QUERY = ROLLUP_QUERY,
    STATS_BY_HASHTAG = ROLLUP_HASHTAG,
    STATS_BY_MENTION = ROLLUP_MENTION,
    STATS_BY_DOMAIN = ROLLUP_DOMAIN,
    STATS_BY_AUTHOR = ROLLUP_AUTHOR,
    STATS_BY_LANG = ROLLUP_LANG,
    STATS_BY_NETWORK = ROLLUP_NETWORK,
    STATS_BY_LABEL = ROLLUP_LABEL,
    STATS_BY_MINUTE,
    STATS_BY_HOUR,
    STATS_BY_DAY,
    STATS_BYS
};
/* "hashtag"; NULL behind the last, and of STATS_BY_ALL. */
const char *stats_by_name(enum stats_by by);
/* Seconds of a row's step; 0: rows are no times. */
int64_t stats_by_step(enum stats_by by);

/* Labels that have a place of their own; others come together as "other". */
#define STATS_LABELS 8

/* The labels of a store in the order they are shown: negative, neutral, positive where the store
 * knows any of these, its own, other, and always unknown, last: posts without a label are there. */
struct stats_labels {
    struct slice names[STATS_LABELS];
    size_t count;
};

struct stats_counts {
    uint64_t posts, scored;
    int64_t score_sum; /* in millionths */
    uint64_t by_label[STATS_LABELS];
};

struct stats_row {
    struct slice value; /* of times empty */
    int64_t start_s;    /* of times */
    struct stats_counts counts;
};

struct stats_question {
    enum stats_by by;
    struct span span;   /* widened to whole minutes */
    struct slice query; /* empty: all posts */
    bool named;         /* it is the name of a query that posts were kept for */
    uint64_t limit;     /* rows; the greatest, or of times the last; 0: all */
    uint64_t budget_ms; /* 0: as long as it takes */
};

struct stats {
    struct stats_labels labels;
    struct stats_counts total; /* of all posts of the question */
    struct stats_row *rows;    /* the greatest first; times in order */
    size_t count;
    uint64_t left_out; /* rows beyond the limit */
    bool uncounted;    /* there may be more than these: just the greatest were looked for */
    bool partial;      /* the time was up: there are at least so many */
};

/* Whether posts were kept for a query of this name. */
bool stats_is_query(struct stored *stored, struct slice name, bool *is,
                    struct error *err) MUST_CHECK;
/* The answer, in the arena. */
bool stats_ask(struct stored *stored, const struct stats_question *question, struct arena *arena,
               struct stats *stats, struct error *err) MUST_CHECK;
/* When the oldest and the newest post of the span was created, to the minute; false in *some when
 * there is none. */
bool stats_extent(struct stored *stored, const struct span *span, bool *some, int64_t *first_s,
                  int64_t *last_s, struct error *err) MUST_CHECK;

/* (positive - negative) of (positive + neutral + negative), -100 to 100; false when there is none
 * of these. */
bool stats_net(const struct stats_labels *labels, const struct stats_counts *counts, double *net);

#endif
