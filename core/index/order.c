/* index/order.h: linear probing; a place that becomes free is filled from behind it. */
#include "index/order.h"
#include "base/alloc.h"
#include "base/hash.h"

#define FIRST_SIZE 1024

void index_order_init(struct index_order *order) {
    *order = (struct index_order){ .claims = memory_zeroed(FIRST_SIZE, sizeof *order->claims),
                                   .size = FIRST_SIZE };
}

void index_order_free(struct index_order *order) {
    memory_free(order->claims);
    *order = (struct index_order){ 0 };
}

/* The claim of a record, or the free place where it would be. */
static struct index_claim *find_place(const struct index_order *order, uint64_t hash,
                                      uint64_t sequence) {
    size_t at = hash & (order->size - 1);
    while (order->claims[at].sequence &&
           (order->claims[at].hash != hash || order->claims[at].sequence != sequence))
        at = (at + 1) & (order->size - 1);
    return &order->claims[at];
}

static bool is_first(const struct index_order *order, const struct index_claim *own,
                     uint64_t settled) {
    for (size_t at = own->hash & (order->size - 1); order->claims[at].sequence;
         at = (at + 1) & (order->size - 1)) {
        const struct index_claim *claim = &order->claims[at];
        if (claim->hash == own->hash && claim->sequence >= settled &&
            claim->sequence < own->sequence)
            return false;
    }
    return true;
}

/* Without claims of records below `settled`, which nobody gives back, and with as much room again
 * as the others need. */
static void make_room(struct index_order *order, uint64_t settled) {
    struct index_order made = { .size = FIRST_SIZE };
    size_t kept = 0;
    for (size_t i = 0; i < order->size; i++)
        kept += order->claims[i].sequence >= MAX(settled, 1U);
    while (made.size < 4 * kept)
        made.size *= 2;
    made.claims = memory_zeroed(made.size, sizeof *made.claims);
    for (size_t i = 0; i < order->size; i++) {
        const struct index_claim *claim = &order->claims[i];
        if (claim->sequence < MAX(settled, 1U)) continue;
        *find_place(&made, claim->hash, claim->sequence) = *claim;
        made.used++;
        made.doubted += claim->doubted;
    }
    memory_free(order->claims);
    *order = made;
}

struct index_claim *index_order_take(struct index_order *order, struct slice id, uint64_t sequence,
                                     uint64_t settled) {
    uint64_t hash = hash_bytes(id);
    struct index_claim *own = find_place(order, hash, sequence);
    if (own->sequence == 0) {
        if (order->used >= order->size / 2) {
            make_room(order, settled);
            own = find_place(order, hash, sequence);
        }
        *own = (struct index_claim){ .hash = hash, .sequence = sequence };
        order->used++;
    }
    return is_first(order, own, settled) ? own : NULL;
}

struct index_claim *index_order_find(struct index_order *order, struct slice id,
                                     uint64_t sequence) {
    struct index_claim *place = find_place(order, hash_bytes(id), sequence);
    return place->sequence ? place : NULL;
}

void index_order_doubt(struct index_order *order, struct index_claim *claim) {
    order->doubted += !claim->doubted;
    claim->doubted = true;
}

/* Closes the gap at `free`: what stands behind it and would be looked for from there moves up. */
static void close_gap(struct index_order *order, size_t free) {
    size_t mask = order->size - 1, at = free;
    for (;;) {
        at = (at + 1) & mask;
        if (order->claims[at].sequence == 0) break;
        size_t home = order->claims[at].hash & mask;
        if (((at - home) & mask) < ((at - free) & mask)) continue;
        order->claims[free] = order->claims[at];
        free = at;
    }
    order->claims[free] = (struct index_claim){ 0 };
}

void index_order_settle(struct index_order *order, struct slice id, uint64_t sequence) {
    struct index_claim *claim = index_order_find(order, id, sequence);
    if (claim == NULL) return;
    order->used--;
    order->doubted -= claim->doubted;
    close_gap(order, (size_t)(claim - order->claims));
}
