/* The body of a bulk request, which adds, replaces, changes and removes documents by their `_id`
 * (bulk API of Elasticsearch and OpenSearch, lines of JSON). Pure. */
#ifndef INDEX_BODY_H
#define INDEX_BODY_H

#include "base/arena.h"
#include "base/buffer.h"
#include <stdint.h>

/* No server takes a longer `_id`. */
#define INDEX_MOST_ID_BYTES 512

enum index_verb {
    INDEX_PUT,
    INDEX_CHANGE, /* of a document that is there */
    INDEX_REMOVE,
};

/* One line of a request, with the document's behind it unless it removes one. */
struct index_action {
    enum index_verb verb;
    struct slice id;
    struct slice index; /* empty: that of the request */
    struct slice
        document;    /* one line of JSON; of a change, the members that become something else */
    int64_t version; /* of `version_type` external_gte, which a change has not; 0: none */
};

/* "index", "update", "delete" */
const char *index_verb_name(enum index_verb verb);

/* False when the body would pass its ceiling; nothing has changed then. `arena` is for what has to
 * be escaped. */
bool index_body_add(struct buffer *body, const struct index_action *action,
                    struct arena *arena) MUST_CHECK;

#endif
