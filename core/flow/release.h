/* Decides, in order and on the loop, what memory across posts decides: duplicates, deletes; and
 * counts. */
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
