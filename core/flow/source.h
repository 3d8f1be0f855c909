/* What a source of posts is, and the port through which it hands them on. On the loop thread.
 *
 * A source asks its port for a batch, fills it and submits it; when the port has none, it waits
 * until it is resumed. When a finite source has read everything, or cannot go on, it says so once.
 */
#ifndef FLOW_SOURCE_H
#define FLOW_SOURCE_H

#include "base/error.h"
#include "config/part.h"
#include "flow/online.h"
#include "net/loop.h"
#include "post/batch.h"

struct source_port;

struct source_ops {
    struct part_kind kind;
    /* Opens what must be there before anything runs; NULL with *err. `settings` outlives the
     * source. */
    void *(*create)(const void *settings, struct source_port *port, struct error *err);
    /* `position`: of an earlier run, what its last durable batch said; empty: from the beginning.
     */
    void (*start)(void *source, struct slice position);
    /* There is a batch again, after source_batch gave none. */
    void (*resume)(void *source);
    /* Read no further; source_finished is not called any more. */
    void (*stop)(void *source);
    void (*destroy)(void *source);
    /* Optional: the oldest batch that was submitted is on disk, or, with a log in memory, with
     * every sink. */
    void (*landed)(void *source);
    /* Optional: another snapshot is current, and the source's own settings are the same. */
    void (*adopted)(void *source);
    /* Bytes read and bytes there are in all (0: unknown), for a progress bar; NULL: not finite. */
    void (*progress)(const void *source, uint64_t *done, uint64_t *total);
    /* Why no posts can come now ("not connected: ..."), valid until the next turn of the loop;
     * NULL: they can. NULL for a source that always can. */
    const char *(*trouble)(const void *source);
    /* Optional: what else is to be known of it ("120 posts today"), valid likewise; NULL: nothing.
     */
    const char *(*note)(void *source);
    struct online_ops online; /* of a source that talks to a server */
};

struct loop *source_loop(struct source_port *port);
/* The current one; hold it to keep it. */
const struct snapshot *source_snapshot(const struct source_port *port);
/* An empty batch, to be submitted before the callback returns; NULL: wait for resume. */
struct batch *source_batch(struct source_port *port) MUST_CHECK;
/* Hands the batch on, empty ones too. */
void source_submit(struct source_port *port, struct batch *batch);
/* What was handed on, be it a position alone, is to be on disk soon. */
void source_urge(struct source_port *port);
/* The end of a finite source; `err` non-NULL: it could not be read to its end. */
void source_finished(struct source_port *port, const struct error *err);

/* ---- coverage: what a source hears, for the ledger (store/ledger.h) ----
 *
 * A recorded source says nothing: from its start to its end it is covered, and has no gaps. A live
 * one, which hears what happens now and misses what it does not hear, says one of the two before
 * its start returns, and again whenever it changes. */

/* From now on it hears everything. */
void source_connected(struct source_port *port);
/* It has heard nothing since (0: now), and why. */
void source_gap(struct source_port *port, int64_t since_ms, const char *reason);
/* What it has not heard between the two was asked for afterwards: `how` tells how much came. */
void source_gap_closed(struct source_port *port, int64_t from_ms, int64_t to_ms, const char *how);

#endif
