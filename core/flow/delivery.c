/* flow/delivery.h */
#include "flow/delivery.h"
#include "base/alloc.h"
#include "base/clock.h"
#include <stdio.h>

/* How long a sink that is replaced may keep what it has; then it is read from the disk again. */
#define PATIENCE_MS 10000

struct fitted_sink *fitted_sink_create(const struct sink_ops *ops, const struct part_config *part,
                                       const struct sink_context *common, struct error *err) {
    struct fitted_sink *fitted = memory_zeroed(1, sizeof *fitted);
    struct delivery *delivery = common->delivery;
    *fitted = (struct fitted_sink){ .ops = ops, .part = part_copy(part) };
    const struct part_config *own = &fitted->part->config;
    fitted->context = *common;
    fitted->context.name = own->name;
    fitted->context.schema = own->schema_name;
    fitted->context.mapping = own->mapping;
    unsigned room = delivery->room; /* of the sink that this one may replace */
    delivery->room = 1;
    fitted->sink = ops->create(own->settings, &fitted->context, err);
    fitted->room = delivery->room;
    fitted->bare = ops->takes_bare && ops->takes_bare(own->settings);
    delivery->room = room;
    if (fitted->sink) return fitted;
    fitted_sink_destroy(fitted);
    return NULL;
}

void fitted_sink_destroy(struct fitted_sink *fitted) {
    if (fitted->sink) fitted->ops->destroy(fitted->sink);
    part_free(fitted->part);
    memory_free(fitted);
}

/* ---- handing over --------------------------------------------------------------------------- */

/* Handovers whose records the log keeps. */
static unsigned held(const struct delivery *delivery) {
    unsigned count = 0;
    for (int state = 0; state < HANDOVER_STATES; state++)
        if (state != HANDOVER_TAKEN) count += delivery->count[state];
    return count;
}

/* One handover more, if the sink has room and there are records. */
static bool hand_some(struct delivery *delivery) {
    const unsigned *count = delivery->count;
    if (delivery->next || delivery->ending || count[HANDOVER_OUT] >= delivery->room) return false;
    if (count[HANDOVER_HELD] > 0) return false; /* nothing overtakes it */
    if (count[HANDOVER_READY] == 0) {
        if (held(delivery) >= delivery->room) return false;
        struct log_piece *piece = log_read(delivery->reader);
        if (piece == NULL) return false;
        handover_create(delivery, piece);
    }
    handover_give_first(delivery);
    return true;
}

/* A sink that answers at once gets more from here, not from within its answer. */
void delivery_hand_over(struct delivery *delivery) {
    if (delivery->handing) return;
    delivery->handing = true;
    while (hand_some(delivery)) {
    }
    delivery->handing = false;
}

static void hand_more(struct timer *timer) {
    delivery_hand_over(CONTAINER_OF(timer, struct delivery, more));
}

static void readable(struct log_reader *reader) { delivery_hand_over(reader->owner); }

void delivery_room(struct delivery *delivery, unsigned handovers) {
    bool more = handovers > delivery->room && delivery->first;
    delivery->room = MAX(1, handovers);
    if (more) timer_start(delivery->loop, &delivery->more, 0);
}

void delivery_trouble(struct delivery *delivery, const char *trouble) {
    snprintf(delivery->trouble, sizeof delivery->trouble, "%s", trouble);
}

uint64_t delivery_durable(const struct delivery *delivery) { return log_durable(delivery->reader); }

bool delivery_forget(struct delivery *delivery, enum forget_what what,
                     const struct post_name *posts, size_t count, struct forget_wait *wait,
                     struct error *err) {
    if (delivery->forget == NULL) return error_set(err, ERROR_FAILED, "there is no log to tell");
    return delivery->forget(delivery, what, posts, count, wait, err);
}

void delivery_forget_unwanted(struct delivery *delivery, struct forget_wait *wait) {
    if (delivery->forget_unwanted) delivery->forget_unwanted(delivery, wait);
}

bool delivery_is_last(const struct delivery *delivery) {
    return delivery->is_last == NULL || delivery->is_last(delivery);
}

/* ---- the sink goes -------------------------------------------------------------------------- */

static void tell_finish(struct delivery *delivery) {
    const struct fitted_sink *fitted = delivery->fitted;
    unsigned gathered = delivery->count[HANDOVER_OUT] + delivery->count[HANDOVER_TAKEN];
    if (fitted->ops->finish == NULL || delivery->finishing || gathered == 0) return;
    delivery->finishing = true;
    fitted->ops->finish(fitted->sink);
}

void delivery_finish(struct delivery *delivery, bool last) {
    delivery->ending |= last && delivery->fitted->ops->finish;
    if (delivery->ending || log_is_read(delivery->reader)) tell_finish(delivery);
}

bool delivery_owes(const struct delivery *delivery) {
    const unsigned *count = delivery->count;
    return count[HANDOVER_OUT] + count[HANDOVER_TAKEN] + count[HANDOVER_BURYING] > 0;
}

/* Whether `next` has to wait. What the disk has, too, the sink may keep only so long: one whose
 * server is gone may never answer for it. */
static bool must_wait(struct delivery *delivery) {
    const unsigned *count = delivery->count;
    if (count[HANDOVER_OUT] + count[HANDOVER_TAKEN] == 0) return false;
    uint64_t now_ns = clock_monotonic_ns();
    bool patient = now_ns < delivery->patience_ns;
    if (log_can_rewind(delivery->reader) && patient)
        timer_start(delivery->loop, &delivery->swap,
                    (delivery->patience_ns - now_ns) / 1000000 + 1);
    if (patient || !log_can_rewind(delivery->reader) || count[HANDOVER_BURYING] > 0) return true;
    log_rewind(delivery->reader);
    handovers_forget(delivery, true);
    return false;
}

/* Outside of the old sink's own calls. */
static void take_over(struct timer *timer) {
    struct delivery *delivery = CONTAINER_OF(timer, struct delivery, swap);
    if (delivery->next == NULL) return;
    tell_finish(delivery);
    if (must_wait(delivery)) return;
    fitted_sink_destroy(delivery->fitted);
    delivery->fitted = delivery->next;
    delivery->next = NULL;
    delivery->room = delivery->fitted->room;
    delivery_trouble(delivery, "");
    handovers_ready(delivery);
    delivery_hand_over(delivery);
}

void delivery_look_for_next(struct delivery *delivery) {
    if (delivery->next) timer_start(delivery->loop, &delivery->swap, 0);
}

void delivery_replace(struct delivery *delivery, struct fitted_sink *next) {
    if (delivery->next) fitted_sink_destroy(delivery->next);
    delivery->next = next;
    delivery->patience_ns = clock_monotonic_ns() + (uint64_t)PATIENCE_MS * 1000000;
    timer_start(delivery->loop, &delivery->swap, 0);
}

/* ---- the whole ------------------------------------------------------------------------------ */

void delivery_start(struct delivery *delivery) {
    delivery->room = delivery->fitted->room;
    delivery->reader->readable = readable;
    delivery->reader->owner = delivery;
    delivery->more.fire = hand_more;
    delivery->swap.fire = take_over;
}

struct reader_sums delivery_sums(const struct delivery *delivery) {
    struct reader_sums sums =
        reader_sums_of(delivery->fitted->context.name, &delivery->reader->counts);
    sums.retries = delivery->retries;
    sums.latency = &delivery->latency;
    sums.trouble = delivery->trouble;
    if (sums.pending > 0) sums.oldest_ms = handovers_oldest_ms(delivery);
    return sums;
}

void delivery_close(struct delivery *delivery) {
    timer_stop(&delivery->more);
    timer_stop(&delivery->swap);
    handovers_forget(delivery, false);
    if (delivery->fitted) fitted_sink_destroy(delivery->fitted);
    if (delivery->next) fitted_sink_destroy(delivery->next);
    delivery->fitted = delivery->next = NULL;
}
