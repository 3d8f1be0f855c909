/* The pipeline: sources → workers → the log → readers, with its sums. On the loop thread.
 *
 * It is built from a snapshot, runs until its finite sources are read and everything is delivered
 * (or until it is stopped), and then says so once. */
#ifndef FLOW_PIPELINE_H
#define FLOW_PIPELINE_H

#include "config/snapshot.h"
#include "flow/forget.h"
#include "flow/sink.h"
#include "flow/source.h"
#include "flow/sums.h"

struct pipeline;

struct pipeline_options {
    struct loop *loop;
    const struct snapshot *snapshot;         /* the first one; held as long as it is current */
    const struct source_ops *const *sources; /* the registries; arrays end with NULL */
    const struct sink_ops *const *sinks;
    bool one_by_one; /* a source starts when the one before it has finished: recorded files in order
                      */
    /* The log is on disk, in the snapshot's state folder, whose lock the caller holds; sources go
     * on where they were. Else it is in memory. */
    bool spooled;
    /* All is read and delivered, or the work broke: `err` says why, NULL when all is well. Called
     * once; pipeline_destroy may follow at once, or from the loop's caller. */
    void (*finished)(void *context, const struct error *err);
    /* Optional: each batch in order, before it is delivered. */
    void (*released)(void *context, const struct batch *batch);
    void *context;
};

/* Creates every source and sink; NULL with *err when one cannot be. */
struct pipeline *pipeline_create(const struct pipeline_options *options,
                                 struct error *err) MUST_CHECK;
void pipeline_start(struct pipeline *pipeline);
/* Sources read no further; what they have handed over is processed and delivered, then `finished`.
 */
void pipeline_stop(struct pipeline *pipeline);
/* Goes over to another snapshot: batches from now on are processed under it. Sources and sinks
 * whose settings are the same are not touched; new ones are created now, and when one cannot be,
 * nothing has changed and *err says why. Changed sinks go on at their cursor, removed ones deliver
 * what they have left. `adopted` is called from the loop when the switch is made, with no batch of
 * the old snapshot still to be released; or with `done` false when the pipeline stops before. One
 * switch at a time. `workers` stays as it is. */
bool pipeline_adopt(struct pipeline *pipeline, const struct snapshot *snapshot,
                    void (*adopted)(void *context, bool done), void *context,
                    struct error *err) MUST_CHECK;
/* Gives up what waits on disk for a sink that is configured no more. False with *err. */
bool pipeline_forget(struct pipeline *pipeline, const char *sink, struct error *err) MUST_CHECK;
/* Calls `released` for each batch in order, before it is delivered, beside that of the options;
 * NULL: no more. */
void pipeline_watch(struct pipeline *pipeline,
                    void (*released)(void *context, const struct batch *batch), void *context);
/* Deletes these posts everywhere: up to BATCH_MESSAGES at a time, through the source "forget".
 * `wait->answer` is called once, when that is on disk or, with a log in memory, with every sink;
 * *known: how many of them were kept, as far as is remembered. False with *err. */
bool pipeline_forget_posts(struct pipeline *pipeline, const struct post_name *posts, size_t count,
                           struct forget_wait *wait, size_t *known, struct error *err) MUST_CHECK;
/* The same for any number of them, that a sink has found; `wait` is answered after the last. */
bool pipeline_forget_found(struct pipeline *pipeline, enum forget_what what,
                           const struct post_name *posts, size_t count, struct forget_wait *wait,
                           struct error *err) MUST_CHECK;
/* Its answer is wanted no more; the posts are deleted all the same. */
void pipeline_forget_unwanted(struct pipeline *pipeline, struct forget_wait *wait);
/* Adds copies of posts that came by lately to an empty batch. */
void pipeline_recent(const struct pipeline *pipeline, struct batch *batch);
/* Drops what is under way. */
void pipeline_destroy(struct pipeline *pipeline);

/* The sums so far; the arrays stay valid until the next call. */
struct pipeline_sums pipeline_sums(struct pipeline *pipeline);
/* Bytes read of bytes in all (0: unknown), over all sources. */
void pipeline_progress(const struct pipeline *pipeline, uint64_t *done, uint64_t *total);

#endif
