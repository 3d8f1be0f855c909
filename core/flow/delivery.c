/* flow/delivery.h */
#include "flow/delivery.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"

#define FIRST_WAIT_MS 200
#define LONGEST_WAIT_MS 60000

struct fitted_sink *fitted_sink_create(const struct sink_ops *ops, const struct part_config *part,
                                       struct loop *loop, struct error *err) {
    struct fitted_sink *fitted = memory_zeroed(1, sizeof *fitted);
    *fitted = (struct fitted_sink){ .ops = ops, .part = part_copy(part) };
    const struct part_config *own = &fitted->part->config;
    fitted->context = (struct sink_context){ loop, own->name, own->schema_name };
    fitted->sink = ops->create(own->settings, &fitted->context, err);
    if (fitted->sink) return fitted;
    fitted_sink_destroy(fitted);
    return NULL;
}

void fitted_sink_destroy(struct fitted_sink *fitted) {
    if (fitted->sink) fitted->ops->destroy(fitted->sink);
    part_free(fitted->part);
    memory_free(fitted);
}

static void hand_over(struct delivery *delivery) {
    const struct fitted_sink *fitted = delivery->fitted;
    if (delivery->busy || delivery->next) return;
    const struct log_chunk *chunk = log_read(delivery->reader);
    if (chunk == NULL) return;
    delivery->busy = true;
    if (delivery->left)
        fitted->ops->deliver(fitted->sink, delivery->left, delivery->left_count, delivery);
    else
        fitted->ops->deliver(fitted->sink, chunk->records, chunk->count, delivery);
}

static void try_again(struct timer *timer) {
    hand_over(CONTAINER_OF(timer, struct delivery, retry));
}

/* Outside of the old sink's own calls. */
static void take_over(struct timer *timer) {
    struct delivery *delivery = CONTAINER_OF(timer, struct delivery, swap);
    if (delivery->next == NULL || (delivery->busy && !delivery->again)) return;
    fitted_sink_destroy(delivery->fitted);
    delivery->fitted = delivery->next;
    delivery->next = NULL;
    delivery->busy = delivery->again = false;
    delivery->attempt = 0;
    timer_stop(&delivery->retry);
    hand_over(delivery);
}

static void readable(struct log_reader *reader) {
    struct delivery *delivery = reader->owner;
    if (delivery->left == NULL) hand_over(delivery);
}

void delivery_start(struct delivery *delivery) {
    delivery->reader->readable = readable;
    delivery->reader->owner = delivery;
    delivery->retry.fire = try_again;
    delivery->swap.fire = take_over;
}

void delivery_replace(struct delivery *delivery, struct fitted_sink *next) {
    if (delivery->next) fitted_sink_destroy(delivery->next);
    delivery->next = next;
    timer_start(delivery->loop, &delivery->swap, 0);
}

struct reader_sums delivery_sums(const struct delivery *delivery) {
    const struct log_counts *counts = &delivery->reader->counts;
    return (struct reader_sums){
        .name = delivery->fitted->context.name,
        .spooled = counts->spooled,
        .delivered = counts->delivered + delivery->delivered,
        .dead = counts->dead + delivery->dead,
        .dropped = counts->dropped,
        .damaged = counts->damaged,
        .pending = log_counts_pending(counts) - delivery->delivered - delivery->dead,
    };
}

void delivery_close(struct delivery *delivery) {
    timer_stop(&delivery->retry);
    timer_stop(&delivery->swap);
    memory_free(delivery->left);
    delivery->left = NULL;
    if (delivery->fitted) fitted_sink_destroy(delivery->fitted);
    if (delivery->next) fitted_sink_destroy(delivery->next);
    delivery->fitted = delivery->next = NULL;
}

/* Full jitter: a random wait up to a bound that doubles (M. Brooker, "Exponential Backoff And
 * Jitter"). */
static uint64_t next_wait_ms(struct delivery *delivery) {
    unsigned doublings = MIN(delivery->attempt, 12u);
    delivery->attempt++;
    uint64_t bound = MIN((uint64_t)FIRST_WAIT_MS << doublings, (uint64_t)LONGEST_WAIT_MS);
    return random_bits() % bound + 1;
}

/* Counts what is settled and gathers what is to be tried again, in order, at the front of `left`.
 */
static size_t settle(struct delivery *delivery, const struct record *records, size_t count,
                     const struct verdict *verdicts) {
    size_t again = 0;
    for (size_t i = 0; i < count; i++) {
        enum verdict_kind kind = verdicts ? verdicts[i].kind : VERDICT_DONE;
        if (kind == VERDICT_RETRY) {
            if (delivery->left == NULL)
                delivery->left = memory_alloc(count * sizeof *delivery->left);
            delivery->left[again++] = records[i];
        } else if (kind == VERDICT_REJECT) {
            if (delivery->dead++ + delivery->reader->counts.dead == 0)
                log_warning(delivery->fitted->context.name, "refused for good: %.*s",
                            SLICE_ARGS(verdicts[i].reason));
        } else
            delivery->delivered++;
    }
    return again;
}

void delivery_answer(struct delivery *delivery, const struct verdict *verdicts) {
    const struct log_chunk *chunk = log_read(delivery->reader);
    const struct record *records = delivery->left ? delivery->left : chunk->records;
    size_t count = delivery->left ? delivery->left_count : chunk->count;
    delivery->busy = false;
    if (delivery->next) timer_start(delivery->loop, &delivery->swap, 0);
    delivery->left_count = settle(delivery, records, count, verdicts);
    if (delivery->left_count > 0) {
        timer_start(delivery->loop, &delivery->retry, next_wait_ms(delivery));
        return;
    }
    memory_free(delivery->left);
    delivery->left = NULL;
    delivery->attempt = 0;
    uint32_t delivered = delivery->delivered, dead = delivery->dead;
    delivery->delivered = delivery->dead = 0;
    log_advance(delivery->reader, delivered, dead);
    delivery->moved(delivery);
    hand_over(delivery);
}

void delivery_broken(struct delivery *delivery, const struct error *err) {
    delivery->again = delivery->next != NULL;
    if (delivery->next)
        timer_start(delivery->loop, &delivery->swap, 0);
    else
        delivery->ended(delivery, err);
}

void delivery_unwanted(struct delivery *delivery) { delivery->ended(delivery, NULL); }
