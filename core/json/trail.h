/* Where a walk (json/walk.h) is: the names on the way down. Whoever has events of a walk keeps it,
 * by telling it of each object, array and name. */
#ifndef JSON_TRAIL_H
#define JSON_TRAIL_H

#include "base/slice.h"

#define JSON_TRAIL_NAMES 6 /* what is deeper is counted alone */

/* Zeroed is the beginning. */
struct json_trail {
    unsigned depth;                       /* objects and arrays that are open */
    struct slice names[JSON_TRAIL_NAMES]; /* of what is read at each depth, from 1 */
};

static inline void json_trail_begin(struct json_trail *trail) {
    if (trail->depth < JSON_TRAIL_NAMES) trail->names[trail->depth] = slice_from(NULL, 0);
    trail->depth++;
}

static inline void json_trail_end(struct json_trail *trail) { trail->depth--; }

static inline void json_trail_name(struct json_trail *trail, struct slice name) {
    if (trail->depth <= JSON_TRAIL_NAMES) trail->names[trail->depth - 1] = name;
}

/* Whether what is read is, or is below, what has this name at this depth. */
static inline bool json_trail_is(const struct json_trail *trail, unsigned depth, const char *name) {
    return trail->depth >= depth && slice_is(trail->names[depth - 1], name);
}

#endif
