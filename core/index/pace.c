/* index/pace.h */
#include "index/pace.h"
#include "base/compiler.h"

#define NS_PER_MS 1e6
/* Replies this many times slower than quick ones, and by that much, mean that requests queue up. */
#define SLOW_TIMES 2
#define SLOW_MS 50
#define SLUGGISH_TIMES 4
#define SLUGGISH_MS 500
/* How much of a slower reply goes into what counts as quick: bodies may have grown. */
#define QUICK_SHARE 0.01

void index_pace_init(struct index_pace *pace, unsigned most) {
    *pace = (struct index_pace){ .window = 1, .most = most, .climbing = true };
}

unsigned index_pace_room(const struct index_pace *pace) { return (unsigned)pace->window; }

static void shrink(struct index_pace *pace, uint64_t sent_ns, uint64_t now_ns, double to) {
    pace->climbing = false;
    if (sent_ns < pace->cut_ns) return;
    pace->cut_ns = now_ns;
    pace->window = MAX(pace->window * to, 1.0);
}

void index_pace_busy(struct index_pace *pace, uint64_t sent_ns, uint64_t now_ns) {
    shrink(pace, sent_ns, now_ns, 0.5);
}

void index_pace_good(struct index_pace *pace, uint64_t sent_ns, uint64_t now_ns) {
    double took_ms = (double)(now_ns - sent_ns) / NS_PER_MS;
    double quick_ms = pace->quick_ms;
    if (quick_ms <= 0 || took_ms < quick_ms)
        pace->quick_ms = took_ms;
    else
        pace->quick_ms += (took_ms - quick_ms) * QUICK_SHARE;
    if (took_ms > pace->quick_ms * SLUGGISH_TIMES + SLUGGISH_MS) {
        shrink(pace, sent_ns, now_ns, 0.75);
        return;
    }
    if (took_ms > pace->quick_ms * SLOW_TIMES + SLOW_MS) {
        pace->climbing = false;
        return;
    }
    pace->window += pace->climbing ? 1 : 1 / pace->window;
    pace->window = MIN(pace->window, (double)pace->most);
}
