/* flow/watchdog.h */
#include "flow/watchdog.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"

#define LOOK_EVERY_MS 1000

struct watchdog {
    struct loop *loop;
    struct timer timer;
    struct processor *const *processors;
    unsigned count;
    uint64_t due_ns; /* the next look */
    struct histogram lag;
    uint64_t calls[]; /* the number of each processor's call at the last look; 0: none ran */
};

static void look_again(struct watchdog *watchdog) {
    watchdog->due_ns = clock_monotonic_ns() + LOOK_EVERY_MS * UINT64_C(1000000);
    timer_start(watchdog->loop, &watchdog->timer, LOOK_EVERY_MS);
}

static void look(struct timer *timer) {
    struct watchdog *watchdog = CONTAINER_OF(timer, struct watchdog, timer);
    int64_t late_ns = (int64_t)(clock_monotonic_ns() - watchdog->due_ns);
    /* A process that was stopped finds its calls as they were: nobody was stuck meanwhile. */
    bool late = late_ns > LOOK_EVERY_MS * INT64_C(1000000);
    histogram_add(&watchdog->lag, late_ns / 1000000, 1);
    for (unsigned i = 0; i < watchdog->count; i++) {
        uint64_t call;
        const char *name = processor_running(watchdog->processors[i], &call);
        if (name && call == watchdog->calls[i] && !late)
            log_error("script", "%s is stuck: its call runs for over a second", name);
        watchdog->calls[i] = name ? call : 0;
    }
    look_again(watchdog);
}

struct watchdog *watchdog_create(struct loop *loop, struct processor *const *processors,
                                 unsigned count) {
    struct watchdog *watchdog =
        memory_zeroed(1, sizeof *watchdog + count * sizeof watchdog->calls[0]);
    watchdog->loop = loop;
    watchdog->timer.fire = look;
    watchdog->processors = processors;
    watchdog->count = count;
    look_again(watchdog);
    return watchdog;
}

const struct histogram *watchdog_lag(const struct watchdog *watchdog) { return &watchdog->lag; }

void watchdog_destroy(struct watchdog *watchdog) {
    timer_stop(&watchdog->timer);
    memory_free(watchdog);
}
