/* How many posts, and of what mood, a minute, an hour, a day: the tables `rollup_count`,
 * `rollup_bucket` and `rollup_value`, which the view `rollup` puts together.
 *
 * Posts are counted in memory and the sums written before their transaction ends; what one of them
 * gave is taken back exactly, by counting its document down. Lists and names come from outside:
 * a post counts for so many values of a kind at most, and long ones are cut. One thread's. */
#ifndef DATABASE_ROLLUP_H
#define DATABASE_ROLLUP_H

#include "database/document.h"
#include "store/database.h"

#define ROLLUP_VALUES 64    /* of one kind that a post counts for */
#define ROLLUP_QUERIES 1024 /* the same for queries */
#define ROLLUP_VALUE_BYTES 128

/* A row of rollup_count has one number for its key, which is found by a single comparison a step:
 * from the high bits the bucket's, the value's and the label's number. What no number is left for
 * is not counted, and of more labels than this the rest counts as none. */
#define ROLLUP_LABEL_BITS 10
#define ROLLUP_VALUE_BITS 26
#define ROLLUP_BUCKET_BITS 27
#define ROLLUP_NO_LABEL 1023 /* the greatest label */
#define ROLLUP_MOST_VALUES ((INT64_C(1) << ROLLUP_VALUE_BITS) - 1)
#define ROLLUP_MOST_BUCKETS ((INT64_C(1) << ROLLUP_BUCKET_BITS) - 1)

/* Rows of so many posts are in the index rollup_busy, by bucket and posts: few of all there are. */
#define ROLLUP_BUSY 8

static inline int64_t rollup_key(int64_t bucket, int64_t value, int64_t label) {
    return (bucket << ROLLUP_VALUE_BITS | value) << ROLLUP_LABEL_BITS | label;
}
static inline int64_t rollup_value_of(int64_t key) {
    return key >> ROLLUP_LABEL_BITS & ROLLUP_MOST_VALUES;
}
static inline int64_t rollup_label_of(int64_t key) { return key & ROLLUP_NO_LABEL; }

/* Roll-ups are kept a minute, an hour, a day long: in seconds. */
#define STEP_MINUTE 60
#define STEP_HOUR 3600
#define STEP_DAY 86400

/* The start of the step of `step_s` seconds that `second` lies in. */
static inline int64_t step_start(int64_t second, int64_t step_s) {
    int64_t past = second % step_s;
    return second - past - (past < 0 ? step_s : 0);
}

/* As in rollup_dimension. */
enum rollup_dimension {
    ROLLUP_ALL,
    ROLLUP_QUERY,
    ROLLUP_HASHTAG,
    ROLLUP_MENTION,
    ROLLUP_DOMAIN,
    ROLLUP_AUTHOR, /* the handle, or else the id */
    ROLLUP_LANG,
    ROLLUP_NETWORK,
    ROLLUP_LABEL, /* only as the label of the others */
};

/* How a value of a post is spelt where it is counted: folded, of a link its domain, cut; empty: it
 * does not count. */
struct slice rollup_spelling(enum rollup_dimension dimension, struct slice value,
                             struct arena *arena);

struct rollups;
/* `database` is the owner's and may be closed while there are no statements. */
struct rollups *rollups_create(struct database *database) MUST_CHECK;
void rollups_destroy(struct rollups *rollups);
bool rollups_open(struct rollups *rollups, struct error *err) MUST_CHECK;
/* Finalizes its statements, and forgets. */
void rollups_close(struct rollups *rollups);
/* The transaction was rolled back, or somebody else wrote: what is remembered of it is wrong. */
void rollups_forget(struct rollups *rollups);
/* Counts a document, or with `by` -1 takes it back. Within a transaction. */
bool rollups_count(struct rollups *rollups, const struct store_document *document, int by,
                   struct arena *arena, struct error *err) MUST_CHECK;
/* Writes what was counted since the last time; before the transaction ends. */
bool rollups_write(struct rollups *rollups, struct error *err) MUST_CHECK;

#endif
