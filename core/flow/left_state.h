/* What a linnet that has stopped left in its state folder: the sums, exactly. Blocking, reads only.
 */
#ifndef FLOW_LEFT_STATE_H
#define FLOW_LEFT_STATE_H

#include "base/arena.h"
#include "base/error.h"
#include "flow/sums.h"

/* The sums are in the arena; all zero when the folder is not there. False with *err. */
bool left_state_read(const char *folder, struct arena *arena, struct pipeline_sums *sums,
                     struct error *err) MUST_CHECK;

#endif
