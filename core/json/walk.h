/* Reads a whole JSON object and tells what it meets, for scripts that ask for everything.
 *
 * Stricter than the projection: every value is looked at. One thread; the walker holds a parser. */
#ifndef JSON_WALK_H
#define JSON_WALK_H

#include "json/projection.h"

#ifdef __cplusplus
extern "C" {
#endif

struct json_events {
    void *context;
    void (*begin)(void *context, bool array);
    void (*end)(void *context, bool array);
    /* The next value's name in its object. */
    void (*name)(void *context, struct slice name);
    /* Any type but JSON_OBJECT; text as in json_value. */
    void (*scalar)(void *context, enum json_type type, struct slice text);
};

#define JSON_WALK_DEPTH 64

/* Events may leave by longjmp: the projector stays usable. `record` as for projector_run, an
 * object. False: malformed or deeper than JSON_WALK_DEPTH; events told so far were good. */
bool json_walk(struct projector *projector, struct slice record, struct arena *arena,
               const struct json_events *events) MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
