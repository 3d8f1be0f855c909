/* flow/delivery.h */
#include "flow/delivery.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"

#define FIRST_WAIT_MS 200
#define LONGEST_WAIT_MS 60000

static void hand_over(struct delivery *delivery) {
    const struct log_chunk *chunk = log_read(delivery->log, delivery->reader);
    if (delivery->busy || chunk == NULL) return;
    delivery->busy = true;
    if (delivery->left)
        delivery->ops->deliver(delivery->sink, delivery->left, delivery->left_count, delivery);
    else
        delivery->ops->deliver(delivery->sink, chunk->records, chunk->count, delivery);
}

static void try_again(struct timer *timer) {
    hand_over(CONTAINER_OF(timer, struct delivery, again));
}

void delivery_start(struct delivery *delivery) { delivery->again.fire = try_again; }

void delivery_kick(struct delivery *delivery) {
    if (delivery->left == NULL) hand_over(delivery);
}

uint64_t delivery_pending(const struct delivery *delivery) {
    uint64_t pending = log_pending(delivery->log, delivery->reader);
    if (delivery->left)
        pending -= log_read(delivery->log, delivery->reader)->count - delivery->left_count;
    return pending;
}

void delivery_close(struct delivery *delivery) {
    timer_stop(&delivery->again);
    memory_free(delivery->left);
    delivery->left = NULL;
    if (delivery->sink) delivery->ops->destroy(delivery->sink);
    delivery->sink = NULL;
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
            if (delivery->sums.dead++ == 0)
                log_warning(delivery->context.name, "refused for good: %.*s",
                            SLICE_ARGS(verdicts[i].reason));
        } else
            delivery->sums.delivered++;
    }
    return again;
}

void delivery_answer(struct delivery *delivery, const struct verdict *verdicts) {
    const struct log_chunk *chunk = log_read(delivery->log, delivery->reader);
    const struct record *records = delivery->left ? delivery->left : chunk->records;
    size_t count = delivery->left ? delivery->left_count : chunk->count;
    delivery->busy = false;
    delivery->left_count = settle(delivery, records, count, verdicts);
    if (delivery->left_count > 0) {
        timer_start(delivery->context.loop, &delivery->again, next_wait_ms(delivery));
        return;
    }
    memory_free(delivery->left);
    delivery->left = NULL;
    delivery->attempt = 0;
    log_advance(delivery->log, delivery->reader);
    delivery->moved(delivery);
}

void delivery_broken(struct delivery *delivery, const struct error *err) {
    delivery->ended(delivery, err);
}

void delivery_unwanted(struct delivery *delivery) { delivery->ended(delivery, NULL); }
