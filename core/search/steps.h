/* Which roll-ups tell of a span of time: the coarsest in its middle, finer ones at its ends. Pure
 * functions. */
#ifndef SEARCH_STEPS_H
#define SEARCH_STEPS_H

#include "config/moment.h"
#include "database/rollup.h"
#include <stddef.h>

/* Roll-ups of `step_s` that start at `from_s` or later and before `to_s`, seconds since 1970. */
struct step_range {
    int64_t step_s, from_s, to_s;
};
/* Minutes, hours, days, hours, minutes. */
#define MAX_STEP_RANGES 5

/* In whole minutes, those at the ends included; none coarser than `coarsest_s`. Returns how many
 * ranges, which lie behind each other in time. */
size_t plan_steps(const struct span *span, int64_t coarsest_s,
                  struct step_range ranges[MAX_STEP_RANGES]);

#endif
