/* x/internal.h: budgets: warned of, then rules that ask for a sample, then nothing is read
 * until the day or month is over. */
#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "x/internal.h"
#include <stdio.h>

#define LOOK_MS 60000

unsigned x_thrift_sample(const struct x *x) { return x->thrift == X_NARROW ? X_SAMPLE : 100; }

static void tell(const struct x *x, const struct x_spend *spend) {
    char until[DATE_BYTES];
    date_write(spend->until_ms, until);
    if (spend->thrift == X_FREE)
        log_info("x", "no budget is near any more");
    else if (spend->thrift == X_WARN)
        log_warning("x", "80%% of the %s budget is spent", spend->period);
    else if (strcmp(x->settings->rules, "sync") == 0)
        log_warning("x",
                    "90%% of the %s budget is spent: until %.16sZ rules ask for %d%% of what "
                    "they find",
                    spend->period, until, X_SAMPLE);
    else
        log_warning("x", "90%% of the %s budget is spent, and rules are not linnet's to narrow",
                    spend->period);
}

/* Nothing is read any more; what has come is paid for, and is taken before the stream is lost. */
static void leave(struct x *x, const struct x_spend *spend) {
    char until[DATE_BYTES];
    date_write(spend->until_ms, until);
    x->over = (struct x_verdict){ .action = X_STOP, .until_ms = spend->until_ms };
    snprintf(x->over.reason, sizeof x->over.reason, "the %s budget is spent; it goes on at %.16sZ",
             spend->period, until);
    x->rules_known = false; /* they may ask for a sample */
    x_stream_leave(x);
}

/* What is read now counts from where the clock is now, also when it was set. */
static struct x_spend spend_now(struct x *x) {
    int64_t now_ms = clock_wall_ms();
    x_read_add(&x->memory.read, 0, now_ms);
    return x_spend_of(x->settings, &x->memory.read, now_ms);
}

bool x_thrift_mind(struct x *x) {
    if (x->access.v1 || x->settings->price <= 0) return false;
    struct x_spend spend = spend_now(x);
    bool changed = spend.thrift != x->thrift;
    bool narrows = (spend.thrift == X_NARROW) != (x->thrift == X_NARROW);
    x->thrift = spend.thrift;
    if (spend.thrift == X_PAUSE) {
        leave(x, &spend);
        return true;
    }
    if (changed) tell(x, &spend);
    if (narrows) x_rules_changed(x);
    return false;
}

/* A period may be over while nothing is read; so may a wait for its end, when the clock is set. */
static void look(struct timer *timer) {
    struct x *x = CONTAINER_OF(timer, struct x, thrift_look);
    if (x->stream)
        (void)x_thrift_mind(x);
    else if (spend_now(x).thrift != X_PAUSE) {
        x_connect_soon(x, 0);
        return;
    }
    timer_start(source_loop(x->port), timer, LOOK_MS);
}

void x_thrift_init(struct x *x) { x->thrift_look.fire = look; }
