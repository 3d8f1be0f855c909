/* The canonical form of a request, that both sides of Signature Version 4 make for themselves. */
#ifndef AWS_SIGV4_CANONICAL_H
#define AWS_SIGV4_CANONICAL_H

#include "base/arena.h"
#include "net/http_field.h"
#include <stdbool.h>

/* "a=1&b=": encoded, sorted by name, then value. */
struct slice canonical_query(const struct http_field *query, size_t count, struct arena *arena);
/* Without dot segments and double slashes, encoded once more. */
struct slice canonical_path(struct slice path, struct arena *arena);

struct canonical_headers {
    struct slice lines;        /* "name:value\n" each */
    struct slice signed_names; /* "host;x-amz-date" */
};
struct canonical_headers canonical_headers(const struct http_field *headers, size_t count,
                                           struct arena *arena);

#endif
