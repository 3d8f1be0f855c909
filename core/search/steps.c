/* search/steps.h */
#include "search/steps.h"
#include "base/compiler.h"
#include "base/slice.h"

/* Open ends lie beyond all posts, and on a boundary of every step. */
#define FIRST_S (-STEP_DAY * INT64_C(1000000))
#define LAST_S (STEP_DAY * INT64_C(4000000))

static int64_t step_end(int64_t second, int64_t step_s) {
    return step_start(second + step_s - 1, step_s);
}

static int64_t bounded(int64_t second) { return MAX(FIRST_S, MIN(second, LAST_S)); }

struct plan {
    struct step_range *ranges;
    size_t count;
};

static void add(struct plan *plan, int64_t step_s, int64_t from_s, int64_t to_s) {
    if (from_s < to_s) plan->ranges[plan->count++] = (struct step_range){ step_s, from_s, to_s };
}

static int64_t finer(int64_t step_s) { return step_s == STEP_DAY ? STEP_HOUR : STEP_MINUTE; }

/* Whole steps in the middle, what is left on both sides in finer ones. */
static void cover(struct plan *plan, int64_t step_s, int64_t from_s, int64_t to_s) {
    int64_t middle = step_end(from_s, step_s), end = step_start(to_s, step_s);
    if (from_s >= to_s) return;
    if (step_s == STEP_MINUTE) {
        add(plan, step_s, from_s, to_s);
    } else if (middle >= end) {
        cover(plan, finer(step_s), from_s, to_s);
    } else {
        cover(plan, finer(step_s), from_s, middle);
        add(plan, step_s, middle, end);
        cover(plan, finer(step_s), end, to_s);
    }
}

size_t plan_steps(const struct span *span, int64_t coarsest_s,
                  struct step_range ranges[MAX_STEP_RANGES]) {
    struct plan plan = { .ranges = ranges };
    int64_t from_s = bounded(span->since_ms / 1000 - (span->since_ms % 1000 < 0));
    int64_t to_s = bounded(span->until_ms / 1000 + (span->until_ms % 1000 > 0));
    cover(&plan, coarsest_s, step_start(from_s, STEP_MINUTE), step_end(to_s, STEP_MINUTE));
    return plan.count;
}
