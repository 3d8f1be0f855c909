/* sinks/trouble.h */
#include "sinks/trouble.h"
#include "base/clock.h"

#define QUIET_NS (60 * UINT64_C(1000000000))

bool trouble_is_news(struct trouble *trouble, int what) {
    uint64_t now_ns = clock_monotonic_ns();
    if (trouble->said == what && now_ns - trouble->said_ns < QUIET_NS) return false;
    *trouble = (struct trouble){ what, what, now_ns };
    return true;
}

bool trouble_is_over(struct trouble *trouble) {
    bool over = trouble->now != 0;
    trouble->now = 0;
    return over;
}
