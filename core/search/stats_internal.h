/* What core/search/stats*.c share. */
#ifndef SEARCH_STATS_INTERNAL_H
#define SEARCH_STATS_INTERNAL_H

#include "search/steps.h"
#include "search/tally.h"

/* A question under way. */
struct asking {
    struct stored *stored;
    const struct stats_question *question;
    struct arena *arena;
    struct stats *stats;
    struct tally tally;
    /* Of the labels' numbers in rollup_value, the place in stats->labels. */
    struct {
        int64_t *numbers; /* in the arena */
        size_t *places;
        size_t count;
    } known;
    uint64_t end_ns; /* when the time is up; 0: never */
};

/* stats_labels.c */
bool stats_read_labels(struct asking *asking, struct error *err) MUST_CHECK;
size_t stats_place_of_number(const struct asking *asking, int64_t label);
size_t stats_place_of(const struct stats_labels *labels, struct slice label);

/* stats_rollup.c, stats_count.c: fill the tally and the total. */
bool stats_from_rollups(struct asking *asking, struct error *err) MUST_CHECK;
bool stats_from_search(struct asking *asking, struct error *err) MUST_CHECK;

#endif
