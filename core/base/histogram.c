/* base/histogram.h */
#include "base/histogram.h"

const uint64_t histogram_bounds_ms[HISTOGRAM_BOUNDS] = {
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 60000, 600000,
};

void histogram_add(struct histogram *histogram, int64_t ms, uint64_t count) {
    uint64_t time = ms > 0 ? (uint64_t)ms : 0;
    size_t range = 0;
    while (range < HISTOGRAM_BOUNDS && time > histogram_bounds_ms[range])
        range++;
    histogram->counts[range] += count;
    histogram->sum_ms += time * count;
}
