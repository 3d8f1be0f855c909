/* flow/delivery.h */
#include "flow/delivery.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/backoff.h"

#define FIRST_WAIT_MS 200
#define LONGEST_WAIT_MS 60000
/* For a disk of this machine, which is asked at little cost: room on it is noticed soon. */
#define LONGEST_DISK_WAIT_MS 4000

struct fitted_sink *fitted_sink_create(const struct sink_ops *ops, const struct part_config *part,
                                       const struct sink_context *common, struct error *err) {
    struct fitted_sink *fitted = memory_zeroed(1, sizeof *fitted);
    *fitted = (struct fitted_sink){ .ops = ops, .part = part_copy(part) };
    const struct part_config *own = &fitted->part->config;
    fitted->context = *common;
    fitted->context.name = own->name;
    fitted->context.schema = own->schema_name;
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

static void refuse(struct delivery *delivery, const struct record *record, struct slice reason) {
    const char *name = delivery->fitted->context.name;
    if (delivery->dead++ + delivery->reader->counts.dead == 0)
        log_warning(name, "refused for good: %.*s", SLICE_ARGS(reason));
    if (delivery->box == NULL) return;
    if (delivery->burial == NULL) delivery->burial = burial_create(delivery->box);
    burial_add(delivery->burial, name, record, reason);
}

static bool has_document(const struct delivery *delivery, const struct record *record) {
    return sink_document(&delivery->fitted->context, record) != NULL;
}

/* Puts aside what has nothing for this sink: it came under another configuration, or was too long
 * to be kept whole. The others are then in `left`. */
static void refuse_bare(struct delivery *delivery, const struct record *records, size_t count) {
    size_t good = 0;
    while (good < count && has_document(delivery, &records[good]))
        good++;
    if (good == count) return;
    if (delivery->left == NULL) delivery->left = memory_alloc(count * sizeof *delivery->left);
    delivery->left_count = 0;
    for (size_t i = 0; i < count; i++)
        if (has_document(delivery, &records[i]))
            delivery->left[delivery->left_count++] = records[i];
        else
            refuse(delivery, &records[i],
                   SLICE("it was kept without a document in this sink's schema"));
}

/* What of the chunk at the cursor is not settled. */
static const struct record *owed_records(const struct delivery *delivery,
                                         const struct log_chunk *chunk) {
    return delivery->left ? delivery->left : chunk->records;
}

static size_t owed_count(const struct delivery *delivery, const struct log_chunk *chunk) {
    return delivery->left ? delivery->left_count : chunk->count;
}

static void bury(struct delivery *delivery);
static void pass_chunk(struct delivery *delivery);

/* Records for the sink, if it is free and there are any. */
static bool hand_some(struct delivery *delivery) {
    const struct fitted_sink *fitted = delivery->fitted;
    if (delivery->busy || delivery->burying || delivery->next || delivery->retry.loop) return false;
    if (delivery->settled) {
        bury(delivery);
        return false;
    }
    const struct log_chunk *chunk = log_read(delivery->reader);
    if (chunk == NULL) return false;
    refuse_bare(delivery, owed_records(delivery, chunk), owed_count(delivery, chunk));
    size_t count = owed_count(delivery, chunk);
    delivery->busy = count > 0;
    if (count > 0)
        fitted->ops->deliver(fitted->sink, owed_records(delivery, chunk), count, delivery);
    else
        pass_chunk(delivery);
    return true;
}

/* A sink that answers at once gets more from here, not from within its answer. */
static void hand_over(struct delivery *delivery) {
    if (delivery->handing) return;
    delivery->handing = true;
    while (hand_some(delivery)) {
    }
    delivery->handing = false;
}

static void try_again(struct timer *timer) {
    hand_over(CONTAINER_OF(timer, struct delivery, retry));
}

/* Outside of the old sink's own calls. */
static void take_over(struct timer *timer) {
    struct delivery *delivery = CONTAINER_OF(timer, struct delivery, swap);
    bool owed = (delivery->busy && !delivery->again) || delivery->burying;
    if (delivery->next == NULL || owed) return;
    fitted_sink_destroy(delivery->fitted);
    delivery->fitted = delivery->next;
    delivery->next = NULL;
    delivery->busy = delivery->again = false;
    delivery->attempt = 0;
    timer_stop(&delivery->retry);
    hand_over(delivery);
}

static void readable(struct log_reader *reader) { hand_over(reader->owner); }

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
    struct reader_sums sums = reader_sums_of(delivery->fitted->context.name, counts);
    sums.retries = delivery->retries;
    sums.latency = &delivery->latency;
    if (delivery->reader->given_up) return sums; /* the whole chunk counts, as dropped */
    sums.delivered += delivery->delivered;
    sums.dead += delivery->dead;
    sums.pending -= delivery->delivered + delivery->dead;
    const struct log_chunk *chunk = sums.pending ? log_read(delivery->reader) : NULL;
    if (chunk)
        sums.oldest_ms = (delivery->left_count ? delivery->left : chunk->records)->received_ms;
    return sums;
}

void delivery_close(struct delivery *delivery) {
    timer_stop(&delivery->retry);
    timer_stop(&delivery->swap);
    burial_free(delivery->burial);
    delivery->burial = NULL;
    memory_free(delivery->left);
    delivery->left = NULL;
    if (delivery->fitted) fitted_sink_destroy(delivery->fitted);
    if (delivery->next) fitted_sink_destroy(delivery->next);
    delivery->fitted = delivery->next = NULL;
}

static void wait_for_retry(struct delivery *delivery, uint64_t longest_ms) {
    uint64_t most = backoff_ceiling_ms(delivery->attempt, FIRST_WAIT_MS, longest_ms);
    delivery->attempt += delivery->attempt < UINT32_MAX;
    timer_start(delivery->loop, &delivery->retry, backoff_jitter_ms(most, random_bits()));
}

/* Counts what is settled and gathers what is to be tried again, in order, at the front of `left`.
 */
static size_t settle(struct delivery *delivery, const struct record *records, size_t count,
                     const struct verdict *verdicts) {
    size_t again = 0;
    int64_t now_ms = clock_wall_ms();
    for (size_t i = 0; i < count; i++) {
        enum verdict_kind kind = verdicts ? verdicts[i].kind : VERDICT_DONE;
        if (kind == VERDICT_RETRY) {
            if (delivery->left == NULL)
                delivery->left = memory_alloc(count * sizeof *delivery->left);
            delivery->left[again++] = records[i];
        } else if (kind == VERDICT_REJECT) {
            refuse(delivery, &records[i], verdicts[i].reason);
        } else {
            delivery->delivered++;
            histogram_add(&delivery->latency, now_ms - records[i].received_ms, 1);
        }
    }
    return again;
}

static void buried(void *owner, bool stored) {
    struct delivery *delivery = owner;
    delivery->burying = false;
    if (delivery->next) timer_start(delivery->loop, &delivery->swap, 0);
    if (!stored) {
        wait_for_retry(delivery, LONGEST_DISK_WAIT_MS);
        delivery->answered(delivery);
        return;
    }
    burial_free(delivery->burial);
    delivery->burial = NULL;
    pass_chunk(delivery);
    hand_over(delivery);
}

static void bury(struct delivery *delivery) {
    delivery->burying = true;
    burial_start(delivery->burial, buried, delivery);
}

/* All of the chunk at the cursor is settled; the cursor moves when its dead are safe. */
static void pass_chunk(struct delivery *delivery) {
    memory_free(delivery->left);
    delivery->left = NULL;
    delivery->left_count = 0;
    delivery->settled = delivery->burial != NULL;
    if (delivery->settled) {
        bury(delivery);
        return;
    }
    uint32_t delivered = delivery->delivered, dead = delivery->dead;
    delivery->attempt = 0;
    delivery->delivered = delivery->dead = 0;
    log_advance(delivery->reader, delivered, dead);
    delivery->answered(delivery);
}

static void answer(struct delivery *delivery, const struct verdict *verdicts, uint64_t longest_ms) {
    const struct log_chunk *chunk = log_read(delivery->reader);
    delivery->busy = false;
    if (delivery->next) timer_start(delivery->loop, &delivery->swap, 0);
    delivery->left_count =
        settle(delivery, owed_records(delivery, chunk), owed_count(delivery, chunk), verdicts);
    if (delivery->left_count > 0) {
        delivery->retries++;
        wait_for_retry(delivery, longest_ms);
        delivery->answered(delivery);
        return;
    }
    pass_chunk(delivery);
    hand_over(delivery);
}

void delivery_answer(struct delivery *delivery, const struct verdict *verdicts) {
    answer(delivery, verdicts, LONGEST_WAIT_MS);
}

void delivery_broken(struct delivery *delivery, const struct error *err) {
    delivery->again = delivery->next != NULL;
    if (delivery->next)
        timer_start(delivery->loop, &delivery->swap, 0);
    else
        delivery->ended(delivery, err);
}

void delivery_again(struct delivery *delivery) {
    size_t count = owed_count(delivery, log_read(delivery->reader));
    struct verdict *verdicts = memory_alloc(count * sizeof *verdicts);
    for (size_t i = 0; i < count; i++)
        verdicts[i] = (struct verdict){ .kind = VERDICT_RETRY };
    answer(delivery, verdicts, LONGEST_DISK_WAIT_MS);
    memory_free(verdicts);
}

void delivery_full(struct delivery *delivery, const struct error *err) {
    if (delivery->box == NULL) { /* nothing waits on disk */
        delivery_broken(delivery, err);
        return;
    }
    if (delivery->attempt == 0)
        log_warning(delivery->fitted->context.name, "%s; tried again until it works", err->text);
    delivery_again(delivery);
}

void delivery_unwanted(struct delivery *delivery) { delivery->ended(delivery, NULL); }
