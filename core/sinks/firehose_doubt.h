/* Records that a stream keeps refusing while it keeps others: they are at fault themselves.
 *
 * An outage that a part of all records runs into blames none of them: a failure counts only where
 * the stream has kept many more than it failed since the record's failure before. One thread. */
#ifndef SINKS_FIREHOSE_DOUBT_H
#define SINKS_FIREHOSE_DOUBT_H

#include "base/compiler.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIREHOSE_MOST_DOUBTS 256
/* Failures that count, until a record is given up. */
#define FIREHOSE_MOST_TRIES 5
/* Of what was sent since the failure before, so many were kept for each that failed. */
#define FIREHOSE_KEPT_BESIDE 20

struct firehose_doubts {
    struct firehose_doubt {
        uint64_t sequence;     /* of the record in the log */
        uint64_t kept, failed; /* as below, when a failure last counted */
        unsigned tries;
    } items[FIREHOSE_MOST_DOUBTS];
    size_t count;
    uint64_t kept, failed; /* records of the stream, of all replies */
};

/* Whether it has failed: then it is to be a record of its own. */
bool firehose_is_doubted(const struct firehose_doubts *doubts, uint64_t sequence);
/* It is kept, or given up. */
void firehose_doubt_end(struct firehose_doubts *doubts, uint64_t sequence);
/* It failed, `alone` in its record, in a reply that kept and failed so many, which are counted
 * afterwards: true when that was often enough. Records below `settled` are forgotten when there is
 * no room; where there is none left, it is tried on and on. */
bool firehose_doubt(struct firehose_doubts *doubts, uint64_t sequence, bool alone, uint32_t kept,
                    uint32_t failed, uint64_t settled) MUST_CHECK;

#endif
