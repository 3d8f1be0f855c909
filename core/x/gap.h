/* Spans of time in which a source x heard nothing, the oldest first, and how far each was looked
 * for; the ids of posts, which tell when they were written ("Snowflake": milliseconds above 22
 * bits). Pure. */
#ifndef X_GAP_H
#define X_GAP_H

#include "base/slice.h"
#include "post/x_id.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define X_MOST_GAPS 8

struct x_gap {
    int64_t from_ms, to_ms; /* to_ms 0: it goes on */
    uint64_t since_id;      /* the last post before it; 0: not known */
    /* Of its search, which goes through queries in the order of their hashes: the one it has come
     * to, and the oldest post that it was given of that; 0: none. */
    uint64_t query, until_id;
    int64_t given_ms; /* of its recovery: posts up to here were given again; 0: none */
    uint64_t posts;   /* found so far */
    bool again;       /* the open stream is to give it again; not remembered */
};

struct x_gaps {
    struct x_gap items[X_MOST_GAPS];
    size_t count;
};

/* Unless one goes on. When there are too many, the last one goes on instead. */
void x_gaps_begin(struct x_gaps *gaps, int64_t from_ms, uint64_t since_id);
/* The one that goes on ends; if it is shorter than `least_ms`, it is none. */
void x_gaps_end(struct x_gaps *gaps, int64_t to_ms, int64_t least_ms);
/* The one that began then; NULL: none. */
struct x_gap *x_gaps_find(struct x_gaps *gaps, int64_t from_ms);
void x_gaps_remove(struct x_gaps *gaps, const struct x_gap *gap);

/* 0: it is no id. */
uint64_t x_id_read(struct slice digits);

#endif
