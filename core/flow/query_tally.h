/* Counts of posts by query, as batches are released. On the loop; nothing is allocated a post. */
#ifndef FLOW_QUERY_TALLY_H
#define FLOW_QUERY_TALLY_H

#include "config/snapshot.h"
#include "flow/sums.h"
#include "post/batch.h"

struct query_tally {
    struct query_sums *sums; /* one a query of the snapshot, in its order, or one for everything */
    size_t count;
};

/* Goes over to the snapshot's queries; those whose names stay go on counting. */
void query_tally_adopt(struct query_tally *tally, const struct snapshot *snapshot);
/* Of a released batch of that snapshot. */
void query_tally_add(struct query_tally *tally, const struct batch *batch);
void query_tally_free(struct query_tally *tally);

#endif
