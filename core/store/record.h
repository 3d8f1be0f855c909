/* One post on its way out: everything a sink may need, nothing to be parsed.
 *
 * Slices point into whatever holds the record (a batch, a group of the spool); who hands a record
 * on says how long it stays. */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "base/compiler.h"
#include "base/slice.h"
#include <stdbool.h>
#include <stdint.h>

/* They are written as they are, into frames: a commit's is 3. */
enum record_kind {
    RECORD_POST,
    RECORD_EDIT,
    RECORD_DELETE,
    RECORD_SCRUB = 4, /* the place it was written at goes, the post stays */
    /* Of all posts of an author, whose key is `key`: they go, or their places do, up to the post
     * whose number is `name` (0: all). For sinks that know whose posts are whose. */
    RECORD_AUTHOR_DELETE,
    RECORD_AUTHOR_SCRUB,
};

/* Whether it says something of posts that were there before, and brings none. */
static inline bool record_is_notice(enum record_kind kind) {
    return kind != RECORD_POST && kind != RECORD_EDIT;
}
static inline bool record_is_of_author(enum record_kind kind) {
    return kind >= RECORD_AUTHOR_DELETE;
}

/* What a schema made of the post. */
struct document {
    struct slice schema; /* its name */
    struct slice key;    /* the `_id` */
    struct slice bytes;  /* JSON; empty on a delete; of a scrub what it changes: a merge patch */
};

/* The sink `sink` gets documents[document]: as configured when the post was processed. */
struct route {
    struct slice sink;
    uint32_t document;
};

/* Not known: it was kept by a linnet that did not keep them. */
#define RECORD_NO_TRAITS UINT32_MAX

struct record {
    uint64_t sequence; /* in the log, from 1, without gaps */
    struct slice source;
    struct slice position; /* of the source after the record's batch */
    int64_t received_ms;
    uint64_t generation;
    enum record_kind kind;
    struct slice key; /* "x:123": `_id` unless the sink's schema says otherwise */
    /* hash_bytes of what deletes call it, where that is not its key; else 0. Of an
     * author: see there */
    uint64_t name;
    const struct slice *queries;
    uint32_t query_count;
    uint32_t traits; /* enum message_trait of the post, or RECORD_NO_TRAITS */
    struct slice label;
    bool scored;
    double score;
    struct slice raw;
    const struct document *documents; /* one a distinct schema */
    uint32_t document_count;
    const struct route *routes;
    uint32_t route_count;
};

/* What `sink` gets: its own, or, when it was not configured then, what `schema` made. NULL: nothing
 * of the two is there. */
const struct document *record_document(const struct record *record, struct slice sink,
                                       struct slice schema);

#endif
