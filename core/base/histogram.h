/* How often times fell into fixed ranges, for latencies: no lock, no memory. One thread. */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_BOUNDS 15
/* Upper bounds of the ranges in milliseconds, each inclusive; the last range has none. */
extern const uint64_t histogram_bounds_ms[HISTOGRAM_BOUNDS];

struct histogram {
    uint64_t counts[HISTOGRAM_BOUNDS + 1]; /* each of its range alone */
    uint64_t sum_ms;
};

/* `count` times `ms`; below 0, as after a clock that went back, counts as 0. */
void histogram_add(struct histogram *histogram, int64_t ms, uint64_t count);

#endif
