/* Deletes and scrubs of single posts that a user asks for (`linnet forget`), or that follow from
 * what is said of their author: records of a source of its own, "forget", which are kept whether or
 * not their posts are known, so that every sink follows and a late repeat of a deleted post stays
 * away. They come through a pipeline that runs, or go into the spool that the next one finds. */
#ifndef FLOW_FORGET_H
#define FLOW_FORGET_H

#include "base/arena.h"
#include "base/error.h"

#define FORGET_SOURCE "forget"

struct snapshot;

/* What a post is called: its key is made of both. */
struct post_name {
    struct slice network, id;
};

enum forget_what {
    FORGET_PLACE, /* that it was written at */
    FORGET_POST,
    FORGET_WHATS
};

struct forget_wait {
    void (*answer)(struct forget_wait *wait);
};

/* The post of that key: "x:7", or a URI. False when it is none. */
bool post_name_of(struct slice key, struct post_name *name) MUST_CHECK;
/* The notice as a record, in the arena, with the padding that it is read with. */
struct slice forget_record(enum forget_what what, const struct post_name *name,
                           struct arena *arena);
/* Into the spool of `folder`, whose lock the caller holds: all of them, or, with *err, some.
 * *known: how many of them were kept, as far as is remembered. */
bool forget_for_later(const struct snapshot *snapshot, const char *folder,
                      const struct post_name *posts, size_t count, size_t *known,
                      struct error *err) MUST_CHECK;

#endif
