/* Up to 256 messages on their way from a source to the log, under one snapshot.
 *
 * Owned by one thread at a time: the loop fills it, a worker processes it, the loop releases it.
 * All memory of its messages is its arena's; when the last reader of its records is done, it is
 * recycled. */
#ifndef POST_BATCH_H
#define POST_BATCH_H

#include "base/arena.h"
#include "post/dialect.h"
#include "post/message.h"

#define BATCH_MESSAGES 256
#define MAX_POSITION_BYTES ((size_t)4096)

struct snapshot;

struct batch {
    struct arena arena;
    struct message
        *messages; /* BATCH_MESSAGES of them, in no arena: kept when the batch is recycled */
    uint32_t count;
    uint64_t number;       /* of the batch in its source; results are released in this order */
    struct slice position; /* of the source after the last message, as it wrote it: what is
                              acknowledged and where it goes on; <= MAX_POSITION_BYTES */
    int64_t received_ms;   /* wall clock when it was filled */
    bool restamp;          /* posts count as created when received: recorded posts played live */
    bool trial;  /* every post goes the whole way, whatever queries and filters say of it */
    bool forget; /* its deletes are the user's: kept, whether or not their posts are known */
    struct record_place place;       /* of its source */
    const struct snapshot *snapshot; /* one reference, from filling on */
};

struct batch *batch_create(void);
void batch_destroy(struct batch *batch);
/* Empty again; memory is kept for the next round. The snapshot must have been released. */
void batch_reset(struct batch *batch);
/* The next message, zeroed but for `raw`, `offset` and `received_ms`; NULL when the batch is full.
 */
struct message *batch_add(struct batch *batch, struct slice raw, uint64_t offset);

#endif
