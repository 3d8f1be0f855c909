/* What is known of each source by name, and outlives it: its position and its sums. On the loop.
 *
 * A pipeline with a spool writes them with every commit, so that they always are those of the
 * records before it; a source goes on where they say, after a reload, a restart or a crash. */
#ifndef FLOW_SOURCE_STATE_H
#define FLOW_SOURCE_STATE_H

#include "base/buffer.h"
#include "flow/sums.h"

struct source_state {
    char *name;
    char *position; /* what its last released batch said; "" at first */
    struct source_sums sums;
    struct source_state *next; /* in the order they were first seen */
};

struct source_states {
    struct source_state *first;
};

/* Fills from what source_states_write wrote; false when it is something else, and nothing is added.
 */
bool source_states_read(struct source_states *states, struct slice json) MUST_CHECK;
/* Appends them as JSON; the buffer's ceiling is above what MAX_PORTS sources may say. */
void source_states_write(const struct source_states *states, struct buffer *json);
void source_states_free(struct source_states *states);
/* The one of this name, made when there is none. It stays where it is. */
struct source_state *source_state_of(struct source_states *states, struct slice name);
/* Copies the position. */
void source_state_move(struct source_state *state, struct slice position);

#endif
