/* Decides, in order and on the loop, what memory across posts decides: duplicates, deletes, edits;
 * and counts.
 *
 * A post is kept once. A delete is kept for an id that was kept, and else remembered, so that a
 * late post stays deleted. An edit that matches is kept, whether or not its post was; one that
 * matches no more is a delete of what was kept, or makes its late post stay away. After a delete
 * nothing brings the id back. So posts, edits and deletes of an id end alike in whatever order they
 * come; of two edits the one that came last counts. */
#ifndef FLOW_RELEASE_H
#define FLOW_RELEASE_H

#include "flow/sums.h"
#include "post/batch.h"
#include "store/log.h"

struct releaser;

struct releaser *releaser_create(void) MUST_CHECK;
void releaser_destroy(struct releaser *releaser);
/* Settles every message of a processed batch, adds to `sums`, and makes the records to append. They
 * live in the batch's arena, as does everything they point to. */
uint32_t batch_release(struct releaser *releaser, struct batch *batch, struct source_sums *sums,
                       struct record **records);

#endif
