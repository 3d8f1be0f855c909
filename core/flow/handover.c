/* flow/handover.h */
#include "flow/handover.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "flow/delivery.h"
#include "net/backoff.h"
#include <assert.h>

#define FIRST_WAIT_MS 200
#define LONGEST_WAIT_MS 60000
/* For a disk of this machine, which is asked at little cost: room on it is noticed soon. */
#define LONGEST_DISK_WAIT_MS 4000

static void enter(struct handover *handover, enum handover_state state) {
    handover->delivery->count[handover->state]--;
    handover->delivery->count[state]++;
    handover->state = state;
}

void handover_create(struct delivery *delivery, struct log_piece *piece) {
    struct handover *handover = memory_alloc(sizeof *handover);
    *handover = (struct handover){ .delivery = delivery,
                                   .before = delivery->last,
                                   .piece = piece,
                                   .received_ms = piece->records[0].received_ms,
                                   .state = HANDOVER_READY };
    *(delivery->last ? &delivery->last->after : &delivery->first) = handover;
    delivery->last = handover;
    delivery->count[HANDOVER_READY]++;
}

static void handover_free(struct handover *handover) {
    struct delivery *delivery = handover->delivery;
    struct rest *rest = handover->rest;
    *(handover->before ? &handover->before->after : &delivery->first) = handover->after;
    *(handover->after ? &handover->after->before : &delivery->last) = handover->before;
    delivery->count[handover->state]--;
    if (rest) {
        timer_stop(&rest->again);
        burial_free(rest->burial);
        memory_free(rest->left);
        memory_free(rest);
    }
    memory_free(handover);
}

void handovers_forget(struct delivery *delivery, bool settle) {
    while (delivery->first) {
        if (settle) log_settle(delivery->reader, delivery->first->piece);
        handover_free(delivery->first);
    }
}

int64_t handovers_oldest_ms(const struct delivery *delivery) {
    const struct handover *handover = delivery->first;
    while (handover && handover->piece->given_up)
        handover = handover->after;
    return handover ? handover->received_ms : 0;
}

/* ---- what is left --------------------------------------------------------------------------- */

static void try_again(struct timer *timer);

static struct rest *rest_of(struct handover *handover) {
    if (handover->rest == NULL) {
        handover->rest = memory_alloc(sizeof *handover->rest);
        *handover->rest = (struct rest){ .handover = handover, .again.fire = try_again };
    }
    return handover->rest;
}

static const struct record *owed_records(const struct handover *handover) {
    return handover->rest && handover->rest->left ? handover->rest->left : handover->piece->records;
}

static size_t owed_count(const struct handover *handover) {
    return handover->piece->count - handover->piece->delivered - handover->piece->dead;
}

/* Where those of `count` records go that are left, in order: each is read before it is written. */
static struct record *room_for_left(struct handover *handover, size_t count) {
    struct rest *rest = rest_of(handover);
    if (rest->left == NULL) rest->left = memory_alloc(count * sizeof *rest->left);
    return rest->left;
}

static void refuse(struct handover *handover, const struct record *record, struct slice reason) {
    struct delivery *delivery = handover->delivery;
    const char *name = delivery->fitted->context.name;
    if (delivery->reader->counts.dead == 0)
        log_warning(name, "refused for good: %.*s", SLICE_ARGS(reason));
    log_note(delivery->reader, handover->piece, 0, 1);
    if (delivery->box == NULL) return;
    struct rest *rest = rest_of(handover);
    if (rest->burial == NULL) rest->burial = burial_create(delivery->box);
    burial_add(rest->burial, name, record, reason);
}

static bool has_document(const struct handover *handover, const struct record *record) {
    const struct fitted_sink *fitted = handover->delivery->fitted;
    return fitted->bare || sink_document(&fitted->context, record) != NULL;
}

/* What is said of authors is not for all sinks. */
static bool is_meant(const struct handover *handover, const struct record *record) {
    return !record_is_of_author(record->kind) || handover->delivery->fitted->ops->kind.finds_posts;
}

static bool is_given(const struct handover *handover, const struct record *record) {
    return is_meant(handover, record) && has_document(handover, record);
}

static void leave_out(struct handover *handover, const struct record *record) {
    if (is_meant(handover, record))
        refuse(handover, record, SLICE("it was kept without a document in this sink's schema"));
    else
        log_note(handover->delivery->reader, handover->piece, 1, 0);
}

/* Puts aside what has nothing for this sink: it is for others, came under another configuration, or
 * was too long to be kept whole. */
static void put_aside(struct handover *handover) {
    const struct record *records = owed_records(handover);
    size_t good = 0, count = owed_count(handover);
    while (good < count && is_given(handover, &records[good]))
        good++;
    if (good == count) return;
    struct record *left = room_for_left(handover, count);
    good = 0;
    for (size_t i = 0; i < count; i++)
        if (is_given(handover, &records[i]))
            left[good++] = records[i];
        else
            leave_out(handover, &records[i]);
}

static void wait_for_retry(struct handover *handover, enum handover_state state,
                           uint64_t longest_ms) {
    struct rest *rest = rest_of(handover);
    uint64_t wait_ms = backoff_wait_ms(rest->attempt, FIRST_WAIT_MS, longest_ms, random_bits());
    rest->attempt += rest->attempt < UINT32_MAX;
    enter(handover, state);
    timer_start(handover->delivery->loop, &rest->again, wait_ms);
}

/* ---- the end of one ------------------------------------------------------------------------- */

static void leave(struct handover *handover) {
    struct delivery *delivery = handover->delivery;
    struct log_piece *piece = handover->piece;
    handover_free(handover);
    log_settle(delivery->reader, piece);
    delivery->answered(delivery);
}

static void bury_next(struct delivery *delivery);

static void buried(void *owner, bool stored) {
    struct handover *handover = owner;
    struct delivery *delivery = handover->delivery;
    delivery_look_for_next(delivery);
    if (!stored) {
        wait_for_retry(handover, HANDOVER_UNBURIED, LONGEST_DISK_WAIT_MS);
        delivery->answered(delivery);
        return;
    }
    leave(handover);
    bury_next(delivery);
    delivery_hand_over(delivery);
}

/* One at a time. */
static void bury_next(struct delivery *delivery) {
    struct handover *handover = delivery->first;
    if (delivery->count[HANDOVER_BURYING] > 0 || delivery->count[HANDOVER_UNBURIED] == 0) return;
    while (handover->state != HANDOVER_UNBURIED)
        handover = handover->after;
    timer_stop(&handover->rest->again);
    enter(handover, HANDOVER_BURYING);
    burial_start(handover->rest->burial, buried, handover);
}

/* All of it is settled; the log hears of it when its dead are safe. */
static void settled(struct handover *handover) {
    struct rest *rest = handover->rest;
    if (rest == NULL || rest->burial == NULL) {
        leave(handover);
        return;
    }
    enter(handover, HANDOVER_UNBURIED);
    bury_next(handover->delivery);
}

static void try_again(struct timer *timer) {
    struct rest *rest = CONTAINER_OF(timer, struct rest, again);
    struct handover *handover = rest->handover;
    struct delivery *delivery = handover->delivery;
    if (handover->state == HANDOVER_UNBURIED) {
        bury_next(delivery);
        return;
    }
    if (handover->piece->given_up)
        settled(handover);
    else
        enter(handover, HANDOVER_READY);
    delivery_hand_over(delivery);
}

void handovers_ready(struct delivery *delivery) {
    for (struct handover *handover = delivery->first; handover; handover = handover->after) {
        if (handover->state != HANDOVER_WAITING && handover->state != HANDOVER_HELD &&
            handover->state != HANDOVER_READY)
            continue;
        if (handover->rest) {
            timer_stop(&handover->rest->again);
            handover->rest->attempt = 0;
        }
        enter(handover, HANDOVER_READY);
    }
}

void handover_give_first(struct delivery *delivery) {
    const struct fitted_sink *fitted = delivery->fitted;
    struct handover *handover = delivery->first;
    while (handover->state != HANDOVER_READY)
        handover = handover->after;
    put_aside(handover);
    size_t count = owed_count(handover);
    if (count == 0) {
        settled(handover);
        return;
    }
    delivery->finishing = false;
    enter(handover, HANDOVER_OUT);
    fitted->ops->deliver(fitted->sink, owed_records(handover), count, handover);
}

/* ---- what sinks say ------------------------------------------------------------------------- */

/* Notes what is settled and gathers the rest. */
static void sort_out(struct handover *handover, const struct verdict *verdicts) {
    struct delivery *delivery = handover->delivery;
    const struct record *records = owed_records(handover);
    size_t again = 0, count = owed_count(handover);
    uint32_t delivered = 0;
    int64_t now_ms = clock_wall_ms();
    for (size_t i = 0; i < count; i++) {
        enum verdict_kind kind = verdicts ? verdicts[i].kind : VERDICT_DONE;
        if (kind == VERDICT_RETRY) {
            room_for_left(handover, count)[again++] = records[i];
        } else if (kind == VERDICT_REJECT) {
            refuse(handover, &records[i], verdicts[i].reason);
        } else {
            delivered++;
            histogram_add(&delivery->latency, now_ms - records[i].received_ms, 1);
        }
    }
    log_note(delivery->reader, handover->piece, delivered, 0);
    if (delivered > 0) delivery_trouble(delivery, "");
    if (again > 0) handover->received_ms = owed_records(handover)[0].received_ms;
}

static void answer(struct handover *handover, const struct verdict *verdicts,
                   enum handover_state until, uint64_t longest_ms) {
    struct delivery *delivery = handover->delivery;
    assert(handover->state == HANDOVER_OUT);
    delivery_look_for_next(delivery);
    sort_out(handover, verdicts);
    if (owed_count(handover) > 0) {
        delivery->retries++;
        wait_for_retry(handover, until, longest_ms);
        delivery->answered(delivery);
        return;
    }
    settled(handover);
    delivery_hand_over(delivery);
}

/* Its records came at nearly the same time. */
static void answer_taken(struct handover *handover) {
    struct delivery *delivery = handover->delivery;
    uint32_t count = (uint32_t)owed_count(handover);
    delivery_look_for_next(delivery);
    log_note(delivery->reader, handover->piece, count, 0);
    delivery_trouble(delivery, "");
    histogram_add(&delivery->latency, clock_wall_ms() - handover->received_ms, count);
    settled(handover);
}

void handover_answer(struct handover *handover, const struct verdict *verdicts) {
    if (handover->state == HANDOVER_TAKEN) {
        assert(verdicts == NULL && "what was taken can be given back no more");
        answer_taken(handover);
    } else
        answer(handover, verdicts, HANDOVER_WAITING, LONGEST_WAIT_MS);
}

void handover_taken(struct handover *handover) {
    struct delivery *delivery = handover->delivery;
    assert(handover->state == HANDOVER_OUT);
    if (handover->rest) {
        memory_free(handover->rest->left);
        handover->rest->left = NULL;
    }
    enter(handover, HANDOVER_TAKEN);
    if (!delivery->handing) timer_start(delivery->loop, &delivery->more, 0);
    delivery_look_for_next(delivery);
    log_release(delivery->reader, handover->piece);
    delivery->answered(delivery);
}

void handover_broken(struct handover *handover, const struct error *err) {
    struct delivery *delivery = handover->delivery;
    bool taken = handover->state == HANDOVER_TAKEN;
    assert(taken || handover->state == HANDOVER_OUT);
    if (delivery->next && !taken) {
        enter(handover, HANDOVER_READY);
        delivery_look_for_next(delivery);
    } else
        delivery->ended(delivery, err);
}

void handover_again(struct handover *handover) {
    size_t count = owed_count(handover);
    struct verdict *verdicts = memory_alloc(count * sizeof *verdicts);
    for (size_t i = 0; i < count; i++)
        verdicts[i] = (struct verdict){ .kind = VERDICT_RETRY };
    answer(handover, verdicts, HANDOVER_HELD, LONGEST_DISK_WAIT_MS);
    memory_free(verdicts);
}

void handover_full(struct handover *handover, const struct error *err) {
    struct delivery *delivery = handover->delivery;
    if (delivery->box == NULL) { /* nothing waits on disk */
        handover_broken(handover, err);
        return;
    }
    delivery_trouble(delivery, err->text);
    if (handover->rest == NULL || handover->rest->attempt == 0)
        log_warning(delivery->fitted->context.name, "%s; tried again until it works", err->text);
    handover_again(handover);
}

void handover_unwanted(struct handover *handover) {
    struct delivery *delivery = handover->delivery;
    delivery->ended(delivery, NULL);
}
