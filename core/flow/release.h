/* Decides, in order and on the loop, what memory across posts decides: duplicates, deletes, edits;
 * and counts.
 *
 * A post is kept once. A delete is kept for an id that was kept, and else remembered, so that a
 * late post stays deleted. An edit that matches is kept, whether or not its post was: who asks for
 * "tea" wants the post that says so now, and an edit may come before its post. One that matches no
 * more is a delete of what was kept, or makes its late post stay away; the next one that matches
 * brings it back. After a delete nothing does, not even a post under the same id.
 *
 * A delete that the user asks for (batch->forget) is kept for any id.
 *
 * So a post, its edits and its delete end alike in whatever order and how often they come, within
 * what known_ids.h remembers. Only edits among themselves count in the order in which each came
 * first: a network sends them as they were made, and not every one says when that was. */
#ifndef FLOW_RELEASE_H
#define FLOW_RELEASE_H

#include "flow/sums.h"
#include "post/batch.h"
#include "store/log.h"
#include "store/spool.h"

struct releaser;

struct releaser *releaser_create(void) MUST_CHECK;
void releaser_destroy(struct releaser *releaser);
/* What is known from before: the sequence of the next record, and ids in the order they came. */
void releaser_start(struct releaser *releaser, uint64_t next_sequence);
void releaser_know(struct releaser *releaser, const struct known_id *id);
/* Whether a post of this key was kept, as far as is remembered. */
bool releaser_knows(const struct releaser *releaser, uint64_t key_hash);
/* Settles every message of a processed batch, adds to `sums`, and makes the records to append. They
 * live in the batch's arena, as does everything they point to. */
uint32_t batch_release(struct releaser *releaser, struct batch *batch, struct source_sums *sums,
                       struct record **records);

#endif
