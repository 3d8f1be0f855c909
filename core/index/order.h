/* Which ids are owed to an index: the order inside one id is kept over many requests at a time.
 *
 * A record claims its id when it is handed over, which happens in the order of the log, and gives
 * it back when it is settled; the lowest claim has the id, and the others wait, also between their
 * tries: a delete that went before an earlier document would not last. Also what is known of
 * records that failed before. Ids are told apart by their hash: two that share one only wait for
 * each other. One thread. */
#ifndef INDEX_ORDER_H
#define INDEX_ORDER_H

#include "base/slice.h"
#include <stdbool.h>
#include <stdint.h>

struct index_claim {
    uint64_t hash;     /* of the id */
    uint64_t sequence; /* of the record; 0: the place is free */
    uint64_t good;     /* replies that were good when it last failed alone */
    uint8_t tries;     /* that ended without a word on it */
    uint8_t alone;     /* failures that were its own, not the server's */
    bool doubted;      /* it failed in a request of its own */
};

struct index_order {
    struct index_claim *claims; /* open addressing, at most half full */
    size_t size, used;
    size_t doubted; /* claims: what becomes of others is to show whether they are at fault */
};

void index_order_init(struct index_order *order);
void index_order_free(struct index_order *order);
/* The claim of a record, its own from before or a new one, valid until the next call; NULL: it
 * waits for an earlier record of the id. Records below `settled` have been given up by whoever
 * hands over. */
struct index_claim *index_order_take(struct index_order *order, struct slice id, uint64_t sequence,
                                     uint64_t settled);
/* The claim that index_order_take made; NULL when it is gone. */
struct index_claim *index_order_find(struct index_order *order, struct slice id, uint64_t sequence);
void index_order_doubt(struct index_order *order, struct index_claim *claim);
void index_order_settle(struct index_order *order, struct slice id, uint64_t sequence);

#endif
