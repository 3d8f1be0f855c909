/* What core/search/stats*.c share. */
#ifndef SEARCH_STATS_INTERNAL_H
#define SEARCH_STATS_INTERNAL_H

#include "search/steps.h"
#include "search/tally.h"

/* Labels are few: rules of a configuration. What is more than this many is "other" or unknown. */
#define STATS_KNOWN_LABELS 256

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

/* How a roll-up's row is counted. */
struct reading {
    enum rollup_dimension dimension;
    int64_t only;   /* the value that counts; 0: all do */
    int64_t step_s; /* rows are counted by this step of time; 0: by value */
    bool by_label;
    bool total_only; /* for asking->stats->total alone */
};

/* stats_rollup.c: whether the time is up; then the answer is partial. */
bool stats_is_late(struct asking *asking);
/* stats_rollup.c: adds all of the span to the tally, or to the total. */
bool stats_read_rollups(struct asking *asking, const struct reading *reading,
                        struct error *err) MUST_CHECK;
/* stats_top.c: the same, with *told, of the greatest values alone: as many as the question's limit,
 * and maybe some more. Else they cannot be told from the others without reading all. */
bool stats_read_top(struct asking *asking, const struct reading *reading, bool *told,
                    struct error *err) MUST_CHECK;

/* stats_rollup.c, stats_count.c: fill the tally and the total. */
bool stats_from_rollups(struct asking *asking, struct error *err) MUST_CHECK;
bool stats_from_search(struct asking *asking, struct error *err) MUST_CHECK;

#endif
