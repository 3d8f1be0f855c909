/* The records that came by lately, copied, so that a new snapshot can be tried on them.
 *
 * On the loop thread; at most RECENT_POSTS of at most RECENT_BYTES each. */
#ifndef FLOW_RECENT_H
#define FLOW_RECENT_H

#include "post/batch.h"

#define RECENT_POSTS 100
#define RECENT_BYTES ((size_t)16 << 10)

struct recent;

struct recent *recent_create(void) MUST_CHECK;
void recent_destroy(struct recent *recent);
/* Remembers a few posts of a released batch. */
void recent_note(struct recent *recent, const struct batch *batch);
/* Adds copies of all to an empty batch. */
void recent_copy(const struct recent *recent, struct batch *batch);

#endif
