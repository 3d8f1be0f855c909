/* Where an index is: its server's address and its name, which may hold the date of a post.
 *
 * "https://host:9200/base/posts-!{timestamp:yyyy.MM.dd}": the last part of the address is the name,
 * unless that is given apart. A date is made of yyyy, MM, dd and HH, in UTC. Pure. */
#ifndef INDEX_PLACE_H
#define INDEX_PLACE_H

#include "base/arena.h"
#include "base/error.h"
#include <stdint.h>

/* Servers take 255. */
#define INDEX_NAME_BYTES 256

struct index_place {
    struct slice origin;               /* "https://host:9200" */
    struct slice base;                 /* "/base", or empty */
    struct slice host;                 /* without a port */
    struct slice before, date, behind; /* of the name; date empty: it holds none */
};

/* In the arena, which may be that of the texts. `index` NULL: it is the last part of `url`. */
bool index_place_read(const char *url, const char *index, struct arena *arena,
                      struct index_place *place, struct error *err) MUST_CHECK;
/* The index of a post of this moment; the same for all when the name holds no date. */
struct slice index_place_name(const struct index_place *place, int64_t ms,
                              char into[INDEX_NAME_BYTES]);
/* The date member of a schema that names a post's index: the one that is asked for, else created or
 * timestamp. `mapping` is the schema's. NULL: it has none, `err` says so. */
const char *index_place_member(const char *asked, const char *schema, struct slice mapping,
                               struct error *err);
/* "posts", or "posts-*": all that there may be. */
struct slice index_place_pattern(const struct index_place *place, struct arena *arena);

#endif
