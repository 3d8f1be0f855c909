/* What takes records away: files, indexes, stores. On the loop thread.
 *
 * One delivery a sink is under way at a time; its records stay valid until it is answered, at once
 * or later. */
#ifndef FLOW_SINK_H
#define FLOW_SINK_H

#include "base/error.h"
#include "config/part.h"
#include "flow/online.h"
#include "net/loop.h"
#include "store/log.h"

enum verdict_kind {
    VERDICT_DONE,
    VERDICT_RETRY,  /* this record again, later */
    VERDICT_REJECT, /* never again: to the dead letters, with the reason */
};

struct verdict {
    enum verdict_kind kind;
    struct slice reason; /* valid until the call returns */
};

struct delivery;

struct sink_context {
    struct loop *loop;
    const char *name;   /* the sink's key in the configuration */
    const char *schema; /* the name of its schema */
    const char *state;  /* the state folder; NULL: there is none */
    unsigned threads;   /* for a sink that blocks: 1, or 0 when all work is on the loop */
};

/* What this sink gets of the record, see record_document. */
static inline const struct document *sink_document(const struct sink_context *context,
                                                   const struct record *record) {
    return record_document(record, slice_of(context->name), slice_of(context->schema));
}

struct sink_ops {
    struct part_kind kind;
    /* NULL with *err when it cannot be opened. `settings` and `context` outlive the sink. */
    void *(*create)(const void *settings, const struct sink_context *context, struct error *err);
    /* Takes `count` records and answers exactly once through one of the two calls below. */
    void (*deliver)(void *sink, const struct record *records, size_t count,
                    struct delivery *delivery);
    void (*destroy)(void *sink);
    struct online_ops online; /* of a sink that talks to a server */
};

/* One verdict a record; NULL: all are done. */
void delivery_answer(struct delivery *delivery, const struct verdict *verdicts);
/* Nothing of this delivery was taken and nothing can be any more: the pipeline stops with `err`. */
void delivery_broken(struct delivery *delivery, const struct error *err);
/* Nothing of this delivery was taken by a disk of this machine: the same records again, soon. */
void delivery_again(struct delivery *delivery);
/* There is no room where the sink writes: the same records again, later, when they wait on disk;
 * else as delivery_broken. */
void delivery_full(struct delivery *delivery, const struct error *err);
/* Whoever reads the output has gone (a closed pipe): the pipeline ends quietly. */
void delivery_unwanted(struct delivery *delivery);

#endif
