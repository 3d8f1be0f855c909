/* Takes the wanted members out of a JSON object in one pass; with walk.h the only face of simdjson.
 *
 * A projection is compiled once a snapshot from paths ("user.screen_name",
 * "entities.hashtags.text") and then only read, by any thread; a projector holds one thread's
 * parser. Rules (architecture, "Reading JSON"): members that nobody asked for are not validated,
 * the first of duplicate keys wins, a path through an array collects, integers stay exact because
 * numbers are kept as their own bytes, lone surrogates become U+FFFD.
 *
 * Most posts are thrown away for what a few members say: those that only kept posts need are added
 * for later, and asked for by projector_finish alone. A record that it is not called for is read in
 * the other members, and is not malformed for what stands in these. */
#ifndef JSON_PROJECTION_H
#define JSON_PROJECTION_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "base/arena.h"
#include "base/compiler.h"
#include "base/slice.h"

/* Readable bytes that must follow a record in memory; their content does not matter. */
#define JSON_PADDING ((size_t)64)

/* A copy of `json` with that padding behind it. */
static inline struct slice json_padded(struct arena *arena, struct slice json) {
    char *copy = (char *)arena_alloc(arena, json.length + JSON_PADDING);
    if (json.length) memcpy(copy, json.data, json.length);
    memset(copy + json.length, ' ', JSON_PADDING);
    return slice_from(copy, json.length);
}

enum json_type {
    JSON_ABSENT,
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER, /* text: the number's own bytes */
    JSON_STRING, /* text: unescaped UTF-8, may hold NUL */
    JSON_OBJECT, /* there was an object; its wanted members have slots of their own */
};

struct json_value {
    enum json_type type;
    uint32_t element; /* of the outermost array on the way to it, from 0: what belongs together */
    struct slice text;
    struct json_value *next; /* the next one that the same path met */
};

/* What a path found. `first` alone when the path meets no array. */
struct json_slot {
    struct json_value first;
    struct json_value *last;
    uint32_t count; /* values met; 0 = absent, or an empty array when `array` */
    bool array;     /* the path led through (or to) an array */
};

struct projection;
struct projector;

struct projection *projection_create(void) MUST_CHECK;
void projection_destroy(struct projection *projection);
/* The slot number of a dotted path; the same path gives the same number. -1 when the path is empty,
 * has an empty step, is longer than 16 steps, or the projection is full (1,024 slots). */
int projection_add(struct projection *projection, struct slice path) MUST_CHECK;
/* The same for a path that projector_run leaves to projector_finish, as long as projection_add is
 * not called for it, too. */
int projection_add_later(struct projection *projection, struct slice path) MUST_CHECK;
/* No more paths are added; must be called before a projector is made. */
void projection_seal(struct projection *projection);

/* For this projection, which must outlive it; NULL: only for json_walk. */
struct projector *projector_create(const struct projection *projection) MUST_CHECK;
void projector_destroy(struct projector *projector);

/* The slots, by the numbers that projection_add gave; valid until the next run. `record` is one
 * JSON object with JSON_PADDING readable bytes behind it; slices point into it or into `arena`.
 * NULL: malformed, *reason says why (static text). */
const struct json_slot *projector_run(struct projector *projector, struct slice record,
                                      struct arena *arena, struct slice *reason) MUST_CHECK;
/* Whether the last run, which did not fail, left anything to projector_finish. */
bool projector_left(const struct projector *projector);
/* Fills the other slots of the same record, whose bytes and arena are still there. False: it is
 * malformed, *reason says why. */
bool projector_finish(struct projector *projector, struct arena *arena,
                      struct slice *reason) MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
