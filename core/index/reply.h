/* What an index answers: to a bulk request, item by item; and why it refused a whole request.
 *
 * A bulk reply is only believed whole: as many items as there were actions, in their order, each
 * with its own name of the action and its own `_id`. Texts point into the arena. One thread. */
#ifndef INDEX_REPLY_H
#define INDEX_REPLY_H

#include "index/body.h"
#include "json/projection.h"

struct index_item {
    int status;
    struct slice type, reason; /* of its error; empty: none */
    struct slice cause;        /* what is behind the reason, often what is of use to people */
};

/* One item an action. False: the reply does not answer the request, *why says in what way (static
 * text). `projector` is json_walk's. */
bool index_reply_read(struct slice body, const struct index_action *actions, size_t count,
                      struct projector *projector, struct arena *arena, struct index_item *items,
                      const char **why) MUST_CHECK;

/* The reply to a delete by query. False: not all that it found is gone, *why says so (static text).
 */
bool index_removal_read(struct slice body, struct projector *projector, struct arena *arena,
                        const char **why) MUST_CHECK;

/* The error of a whole request: what a server says in JSON, or the start of what a proxy says. */
struct index_item index_error_read(int status, struct slice body, struct projector *projector,
                                   struct arena *arena);

/* "type: reason (cause)" as far as they are there, without control characters. */
struct slice index_item_text(const struct index_item *item, struct arena *arena);

/* What `GET /` tells. */
struct index_server {
    struct slice number;       /* "7.10.2"; empty: it does not say */
    struct slice distribution; /* "opensearch" or empty */
    struct slice flavor;       /* "serverless", "default", "oss" or empty */
};
struct index_server index_server_read(struct slice body, struct projector *projector,
                                      struct arena *arena);

#endif
