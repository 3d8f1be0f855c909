/* Requests PutRecordBatch of Amazon Data Firehose and what is answered to them. Pure.
 *
 * Source: the API reference of Amazon Data Firehose, PutRecordBatch. */
#ifndef AWS_FIREHOSE_H
#define AWS_FIREHOSE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "json/projection.h"
#include <stdint.h>

#define FIREHOSE_MOST_RECORDS 500
/* Of a record, before base64. */
#define FIREHOSE_RECORD_BYTES ((size_t)1000 * 1024)
/* Of a request's records, before base64: it takes 4 MiB, and does not say of what. */
#define FIREHOSE_BATCH_BYTES ((size_t)3900 * 1000)

/* A request that is being made: posts, one a record or several. */
struct firehose_batch {
    struct buffer body;                    /* of the request */
    struct buffer record;                  /* the last one, before base64 */
    size_t bytes, most_bytes;              /* of all records; at most FIREHOSE_BATCH_BYTES */
    size_t pack_bytes;                     /* a record takes posts up to here; 0: one */
    bool parted;                           /* the last record takes no more */
    uint32_t count;                        /* of records */
    uint32_t posts[FIREHOSE_MOST_RECORDS]; /* in each */
};

void firehose_batch_init(struct firehose_batch *batch, size_t pack_bytes);
void firehose_batch_free(struct firehose_batch *batch);
/* Empties it. A stream's name has letters, digits, - _ . alone. */
void firehose_batch_begin(struct firehose_batch *batch, const char *stream, size_t most_bytes);
/* The next post begins a record. */
void firehose_batch_part(struct firehose_batch *batch);
/* A post with what follows it, FIREHOSE_RECORD_BYTES at most; false when the batch is full. An
 * empty batch is never full. */
bool firehose_batch_add(struct firehose_batch *batch, struct slice post,
                        struct slice delimiter) MUST_CHECK;
/* The body; nothing is added after it. */
struct slice firehose_batch_end(struct firehose_batch *batch);

/* Why a record is not kept, in the arena. */
struct firehose_refusal {
    struct slice code, message;
};

struct firehose_reply {
    bool failed[FIREHOSE_MOST_RECORDS];   /* by record */
    struct firehose_refusal *refusals;    /* likewise, of those that failed; in the arena */
    const struct firehose_refusal *first; /* of them; NULL: none failed */
    uint32_t failures;
};
/* Reads the reply to a request with `count` records. False with a reason when it does not answer
 * each of them: then none is to be taken for done. `walker`: any projector. */
bool firehose_reply_read(struct slice body, uint32_t count, struct projector *walker,
                         struct arena *arena, struct firehose_reply *reply,
                         const char **why) MUST_CHECK;

/* What is to be done when a request was not answered with status 200. */
enum firehose_rule {
    FIREHOSE_DONE,
    FIREHOSE_BUSY,      /* again, slower */
    FIREHOSE_AWAY,      /* again, when it works again */
    FIREHOSE_MISSING,   /* again, when there is such a stream */
    FIREHOSE_REFUSED,   /* again, when the keys are good */
    FIREHOSE_WRONG,     /* again, when the stream or the configuration has been changed */
    FIREHOSE_TOO_LARGE, /* again, in less at a time */
};
/* `code`: of the error, empty when it says none. */
enum firehose_rule firehose_rule_of(int status, struct slice code);
/* Of a record that a request with status 200 did not keep: whether that was its own fault, not one
 * of the moment. */
bool firehose_is_own_fault(struct slice code);
/* For the log: "is busy", ... */
const char *firehose_rule_text(enum firehose_rule rule);

#endif
