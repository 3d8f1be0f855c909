/* Dialects that a user declares: data that says where each part of a post stands.
 *
 * A record is of the dialect when all members in `has` are there and not null. */
#ifndef POST_DIALECT_DECLARED_H
#define POST_DIALECT_DECLARED_H

#include "base/slice.h"
#include <stddef.h>

enum declared_path {
    DECLARED_ID,
    DECLARED_TEXT,
    DECLARED_LANG,
    DECLARED_CREATED,
    DECLARED_AUTHOR_ID,
    DECLARED_AUTHOR_HANDLE,
    DECLARED_AUTHOR_NAME,
    DECLARED_HASHTAGS,
    DECLARED_MENTIONS,
    DECLARED_URLS,
    DECLARED_PATHS
};

enum created_format { CREATED_ISO8601, CREATED_EPOCH_MILLIS, CREATED_EPOCH_SECONDS };

#define DIALECT_MAX_HAS 16
#define DIALECT_MAX_NETWORK_BYTES 24

struct dialect_spec {
    struct slice network;               /* at most DIALECT_MAX_NETWORK_BYTES */
    struct slice paths[DECLARED_PATHS]; /* "user.id"; empty: the network has none. A text it has. */
    struct slice has[DIALECT_MAX_HAS];
    size_t has_count;
    enum created_format created;
};

struct dialect;

/* A copy of the spec as a dialect; dialect_free gives it back. */
struct dialect *dialect_declare(const struct dialect_spec *spec);
void dialect_free(struct dialect *dialect);

#endif
