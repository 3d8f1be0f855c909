/* x/internal.h: what the stream missed, one gap after the other, by the way that X has for
 * it: up to five minutes the stream itself gives them again, up to a day the recovery does, up to
 * seven days they are searched for.
 *
 * A gap is remembered, with how far it was looked for, until it is closed or nothing can close it:
 * a stream that is lost again meanwhile, a spent budget, a run that ends leave the rest to later.
 */
#include "base/clock.h"
#include "base/log.h"
#include "x/internal.h"
#include <stdio.h>

#define MINUTE_MS INT64_C(60000)
#define MOST_MINUTES 5
/* X may take so long to answer. */
#define ANSWER_MS 30000
/* Of a day, a little less: the server's clock may be another one. */
#define RECOVERY_MS INT64_C(86100000)
/* X takes no moment that has not passed. */
#define PASSED_MS 2000

static bool is_backfill(const struct x *x, const char *name) {
    return strcmp(x->settings->backfill, name) == 0;
}

static bool by_recovery(const struct x *x) { return is_backfill(x, "recovery") && !x->no_recovery; }

static bool by_stream(const struct x *x) {
    return is_backfill(x, "minutes") || is_backfill(x, "recovery");
}

static void tell(struct x *x, const struct x_gap *gap, const char *how) {
    snprintf(x->filled, sizeof x->filled, "last gap: %s", how);
    source_gap_closed(x->port, gap->from_ms, gap->to_ms, how);
    log_info("x", "the last gap: %s", how);
}

/* A stream that gave no post gave all there were since it stood. */
void x_missed_begin(struct x *x) {
    const struct x_memory *memory = &x->memory;
    uint64_t since_id = memory->quiet_ms ? x_id_at(memory->quiet_ms) : memory->last_id;
    if (memory->heard_ms) x_gaps_begin(&x->memory.gaps, memory->heard_ms, since_id);
}

/* ---- the stream itself ---- */

/* Of what is longer, another way has all. */
static bool fits(const struct x *x, const struct x_gap *gap, int64_t minutes, int64_t now_ms) {
    return !x_is_filtered(x->settings) || now_ms - gap->from_ms <= minutes * MINUTE_MS;
}

unsigned x_missed_minutes(struct x *x) {
    int64_t now_ms = clock_wall_ms(), minutes = 0;
    x->backfill_minutes = 0;
    if (x->access.v1 || !by_stream(x) || x->no_minutes) return 0;
    for (size_t i = 0; i < x->memory.gaps.count; i++) {
        const struct x_gap *gap = &x->memory.gaps.items[i];
        if (fits(x, gap, MOST_MINUTES, now_ms))
            minutes = MAX(minutes, (now_ms - gap->from_ms + ANSWER_MS) / MINUTE_MS + 1);
    }
    x->backfill_minutes = (unsigned)MIN(minutes, (int64_t)MOST_MINUTES);
    return x->backfill_minutes;
}

static void tell_given(struct x *x, const struct x_gap *gap) {
    char how[X_HOW_BYTES];
    int64_t given = x->backfill_minutes, missed_ms = gap->to_ms - gap->from_ms;
    int64_t missed = missed_ms / MINUTE_MS + 1;
    if (missed_ms <= given * MINUTE_MS)
        snprintf(how, sizeof how, "closed by the stream, %lld min again", (long long)given);
    else
        snprintf(how, sizeof how, "closed in part by the stream, the last %lld of %lld min",
                 (long long)given, (long long)missed);
    tell(x, gap, how);
}

void x_missed_given(struct x *x) {
    struct x_gaps *gaps = &x->memory.gaps;
    bool any = false;
    for (size_t i = gaps->count; i-- > 0;) {
        if (!gaps->items[i].again) continue;
        tell_given(x, &gaps->items[i]);
        x_gaps_remove(gaps, &gaps->items[i]);
        any = true;
    }
    x->gives_again = false;
    if (any) x_remember(x);
}

void x_missed_heard(struct x *x, uint64_t id) {
    const struct x_gaps *gaps = &x->memory.gaps;
    if (!x->gives_again) return;
    for (size_t i = 0; i < gaps->count; i++)
        if (gaps->items[i].again && x_id_ms(id) < gaps->items[i].to_ms) return;
    x_missed_given(x);
}

/* ---- the other ways ---- */

static bool find_next(struct x *x, struct x_gap *next) {
    const struct x_gaps *gaps = &x->memory.gaps;
    for (size_t i = 0; i < gaps->count; i++) {
        *next = gaps->items[i];
        if (next->to_ms && !next->again) return true;
    }
    return false;
}

/* How long until its posts can be asked for. */
static int64_t wait_of(const struct x *x, const struct x_gap *gap, bool recover, int64_t now_ms) {
    int64_t after_ms = recover ? PASSED_MS : x->settings->backfill_after_ms;
    return MIN(gap->to_ms + after_ms - now_ms, after_ms);
}

static void next(struct x *x) {
    struct x_gap gap;
    int64_t now_ms = clock_wall_ms();
    if (x->fill || x->recovery || !find_next(x, &gap)) return;
    bool recover = by_recovery(x) && now_ms - gap.from_ms <= RECOVERY_MS;
    int64_t wait_ms = wait_of(x, &gap, recover, now_ms);
    if (wait_ms > 0)
        timer_start(source_loop(x->port), &x->missed_wait, (uint64_t)wait_ms);
    else if (!x_is_filtered(x->settings)) /* search does not find what that stream gives */
        x_missed_end(x, gap.from_ms, false, "not closed, X gives that stream not again");
    else if (recover)
        x_recover_start(x, &gap);
    else
        x_fill_start(x, &gap);
}

static void wait_fired(struct timer *timer) { next(CONTAINER_OF(timer, struct x, missed_wait)); }

void x_missed_end(struct x *x, int64_t from_ms, bool later, const char *how) {
    struct x_gap *gap = x_gaps_find(&x->memory.gaps, from_ms);
    x_fill_stop(x);
    x_recover_stop(x);
    if (gap) tell(x, gap, how);
    if (gap && !later) x_gaps_remove(&x->memory.gaps, gap);
    x_remember(x);
    if (!later) timer_start(source_loop(x->port), &x->missed_wait, 0);
}

void x_missed_elsewise(struct x *x) {
    x_recover_stop(x);
    x->no_recovery = true;
    timer_start(source_loop(x->port), &x->missed_wait, 0);
}

void x_missed_plan(struct x *x) {
    struct x_gaps *gaps = &x->memory.gaps;
    int64_t now_ms = clock_wall_ms();
    bool may = !x->access.v1 && (by_stream(x) || x_is_filtered(x->settings));
    x->memory.quiet_ms = now_ms;
    x->filled[0] = '\0';
    x->gives_again = false;
    x_gaps_end(gaps, now_ms, X_LEAST_GAP_MS);
    if (!may || is_backfill(x, "off")) gaps->count = 0;
    for (size_t i = 0; i < gaps->count; i++) {
        gaps->items[i].again =
            x->backfill_minutes && fits(x, &gaps->items[i], x->backfill_minutes, now_ms);
        x->gives_again |= gaps->items[i].again;
    }
    if (gaps->count == 0) return;
    snprintf(x->filled, sizeof x->filled, "last gap: to be looked for");
    timer_start(source_loop(x->port), &x->missed_wait, 0);
}

/* ---- it stops ---- */

void x_missed_leave(struct x *x) {
    timer_stop(&x->missed_wait);
    x_fill_leave(x);
    x_recover_leave(x);
}

bool x_missed_taken(struct x *x) { return x_fill_taken(x) && x_recover_taken(x); }

void x_missed_go_on(struct x *x) {
    x_fill_go_on(x);
    x_recover_go_on(x);
}

void x_missed_stop(struct x *x) {
    timer_stop(&x->missed_wait);
    x_fill_stop(x);
    x_recover_stop(x);
    for (size_t i = 0; i < x->memory.gaps.count; i++)
        x->memory.gaps.items[i].again = false;
    x->gives_again = false;
}

void x_missed_init(struct x *x) { x->missed_wait.fire = wait_fired; }
