/* What takes records away: files, indexes, stores. On the loop thread.
 *
 * Records come in handovers, in the order of the log; one at a time is with a sink unless it has
 * room for more (delivery_room). They may be answered in any order. */
#ifndef FLOW_SINK_H
#define FLOW_SINK_H

#include "base/error.h"
#include "config/part.h"
#include "flow/forget.h"
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
struct handover; /* some records that are with a sink: a piece of the log, or what is left of it */

struct sink_context {
    struct loop *loop;
    struct delivery *delivery; /* the sink's own, for what it says below */
    const char *name;          /* the sink's key in the configuration */
    const char *schema;        /* the name of its schema */
    struct slice mapping;      /* of that; empty unless kind.mapped */
    const char *state;         /* the state folder; NULL: there is none */
    struct slice log;          /* the id of the log on disk; empty: it is in memory */
    unsigned threads;          /* for a sink that blocks: 1, or 0 when all work is on the loop */
};

/* What this sink gets of the record, see record_document. */
static inline const struct document *sink_document(const struct sink_context *context,
                                                   const struct record *record) {
    return record_document(record, slice_of(context->name), slice_of(context->schema));
}

struct sink_ops {
    struct part_kind kind;
    /* Optional: whether it takes records that have no document for it, too; else these are
     * refused. */
    bool (*takes_bare)(const void *settings);
    /* NULL with *err when it cannot be opened. `settings` and `context` outlive the sink. */
    void *(*create)(const void *settings, const struct sink_context *context, struct error *err);
    /* Takes `count` records, sequences ascending, and answers exactly once for this handover, at
     * once or later. They stay valid until it is answered or taken. */
    void (*deliver)(void *sink, const struct record *records, size_t count,
                    struct handover *handover);
    /* Optional. Nothing more comes for now: what was gathered is to be delivered now, not when it
     * is long or old enough. Perhaps more than once; records may still follow. */
    void (*finish)(void *sink);
    /* Handovers that are not answered are forgotten: their records are pending. */
    void (*destroy)(void *sink);
    struct online_ops online; /* of a sink that talks to a server */
};

/* One verdict a record; NULL: all are done. */
void handover_answer(struct handover *handover, const struct verdict *verdicts);
/* The sink has a copy: the records' memory is given back, and another handover may come. The sink
 * tries until it can answer, with NULL. */
void handover_taken(struct handover *handover);
/* Nothing of this handover was taken, or what was taken is lost, and nothing can be any more: the
 * pipeline stops with `err`. */
void handover_broken(struct handover *handover, const struct error *err);
/* Nothing of this handover was taken by a disk of this machine: the same records again, soon, and
 * none before them. A sink that holds later ones gives these back, too. */
void handover_again(struct handover *handover);
/* There is no room where the sink writes: the same records again, later, when they wait on disk;
 * else as handover_broken. */
void handover_full(struct handover *handover, const struct error *err);
/* Whoever reads the output has gone (a closed pipe): the pipeline ends quietly. */
void handover_unwanted(struct handover *handover);

/* So many handovers may be neither answered nor taken from now on, 1 at least. More come soon, not
 * from within this call. */
void delivery_room(struct delivery *delivery, unsigned handovers);
/* What keeps the sink from delivering, for whoever asks how it goes: until it delivers something.
 */
void delivery_trouble(struct delivery *delivery, const char *trouble);
/* The sequence of the first record that would come again after a restart; without a spool, of the
 * first that is not settled. */
uint64_t delivery_durable(const struct delivery *delivery);

/* Of a sink that finds posts: each of these, or the place of each, is to be forgotten by every
 * sink, through the log. `wait` is answered as that of pipeline_forget_posts. False with *err: not
 * now. */
bool delivery_forget(struct delivery *delivery, enum forget_what what,
                     const struct post_name *posts, size_t count, struct forget_wait *wait,
                     struct error *err) MUST_CHECK;
/* Its answer is wanted no more. */
void delivery_forget_unwanted(struct delivery *delivery, struct forget_wait *wait);
/* No other sink has done less: a log that is full waits for this one. */
bool delivery_is_last(const struct delivery *delivery);

#endif
