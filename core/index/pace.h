/* How many requests an index is given at a time: more while it answers quickly, half as many when
 * it says that it is busy (additive increase, multiplicative decrease: D. Chiu, R. Jain, "Analysis
 * of the Increase and Decrease Algorithms for Congestion Avoidance", 1989). Pure. */
#ifndef INDEX_PACE_H
#define INDEX_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct index_pace {
    double window;
    unsigned most;
    double quick_ms; /* what a reply takes while nothing waits; 0: not known */
    uint64_t cut_ns; /* when the window became smaller: what was sent before tells nothing new */
    bool climbing;   /* nothing was too much so far: one more for each reply */
};

void index_pace_init(struct index_pace *pace, unsigned most);
/* Requests that may be under way: 1 ... most. */
unsigned index_pace_room(const struct index_pace *pace);
/* One that was sent at `sent_ns` was answered at `now_ns`; its items were taken. */
void index_pace_good(struct index_pace *pace, uint64_t sent_ns, uint64_t now_ns);
/* One was refused, or a part of it, for lack of room or time. */
void index_pace_busy(struct index_pace *pace, uint64_t sent_ns, uint64_t now_ns);

#endif
