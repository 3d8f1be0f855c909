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
    uint64_t looked_ns;
    uint64_t calls[]; /* the number of each processor's call at the last look; 0: none ran */
};

static void look(struct timer *timer) {
    struct watchdog *watchdog = CONTAINER_OF(timer, struct watchdog, timer);
    uint64_t now_ns = clock_monotonic_ns();
    /* A process that was stopped finds its calls as they were: nobody was stuck meanwhile. */
    bool late = now_ns - watchdog->looked_ns > 2 * LOOK_EVERY_MS * UINT64_C(1000000);
    watchdog->looked_ns = now_ns;
    for (unsigned i = 0; i < watchdog->count; i++) {
        uint64_t call;
        const char *name = processor_running(watchdog->processors[i], &call);
        if (name && call == watchdog->calls[i] && !late)
            log_error("script", "%s is stuck: its call runs for over a second", name);
        watchdog->calls[i] = name ? call : 0;
    }
    timer_start(watchdog->loop, timer, LOOK_EVERY_MS);
}

struct watchdog *watchdog_create(struct loop *loop, struct processor *const *processors,
                                 unsigned count) {
    struct watchdog *watchdog =
        memory_zeroed(1, sizeof *watchdog + count * sizeof watchdog->calls[0]);
    watchdog->loop = loop;
    watchdog->timer.fire = look;
    watchdog->processors = processors;
    watchdog->count = count;
    watchdog->looked_ns = clock_monotonic_ns();
    timer_start(loop, &watchdog->timer, LOOK_EVERY_MS);
    return watchdog;
}

void watchdog_destroy(struct watchdog *watchdog) {
    timer_stop(&watchdog->timer);
    memory_free(watchdog);
}
