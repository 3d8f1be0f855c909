/* One reader of the log and the sink it feeds: hands over what is read, as much as the sink has
 * room for, until each handover is settled.
 */
#ifndef FLOW_DELIVERY_H
#define FLOW_DELIVERY_H

#include "flow/dead_box.h"
#include "flow/handover.h"
#include "flow/sink.h"
#include "flow/sums.h"

/* A sink with what it was made from, which outlives it. */
struct fitted_sink {
    const struct sink_ops *ops;
    void *sink;
    struct owned_part *part;
    struct sink_context context;
    unsigned room; /* as it wanted when it was made */
    bool bare;     /* it takes records without a document, too */
};

/* NULL with *err when it cannot be opened; the part is copied. `common` is what all sinks have, and
 * the delivery. */
struct fitted_sink *fitted_sink_create(const struct sink_ops *ops, const struct part_config *part,
                                       const struct sink_context *common,
                                       struct error *err) MUST_CHECK;
void fitted_sink_destroy(struct fitted_sink *fitted);

struct delivery {
    struct loop *loop;
    struct fitted_sink *fitted;
    struct log_reader *reader;
    struct dead_box *box; /* what is refused is kept there; NULL: it is only counted */
    /* Tell the pipeline: the sink answered or took something; it broke (err) or is unwanted (err
     * NULL). */
    void (*answered)(struct delivery *delivery);
    void (*ended)(struct delivery *delivery, const struct error *err);
    /* delivery_forget and delivery_forget_unwanted; NULL: nothing can be asked for. */
    bool (*forget)(struct delivery *delivery, enum forget_what what, const struct post_name *posts,
                   size_t count, struct forget_wait *wait, struct error *err);
    void (*forget_unwanted)(struct delivery *delivery, struct forget_wait *wait);
    bool (*is_last)(const struct delivery *delivery); /* NULL: it is */

    struct handover *first, *last;   /* those that are not settled, in log order */
    unsigned count[HANDOVER_STATES]; /* of them */
    unsigned room;                   /* handovers that the sink may have and not have taken */
    struct fitted_sink *next;        /* takes over as soon as no answer is owed */
    uint64_t patience_ns;            /* when it does not wait any more for what was taken */
    bool handing;                    /* handing over right now */
    bool ending;                     /* nothing more is handed over */
    bool finishing;                  /* the sink was told, and got nothing since */
    struct histogram latency;        /* from arrival until delivered */
    uint64_t retries;
    char trouble[SINK_TROUBLE_BYTES]; /* why nothing is delivered; "": it is */
    struct timer more, swap;
};

/* The fields up to `is_last` are the owner's to set; the rest zeroed. */
void delivery_start(struct delivery *delivery);
/* `next` goes on where the sink stops, with its cursor; the old one is destroyed. */
void delivery_replace(struct delivery *delivery, struct fitted_sink *next);
/* There will be no more records than are there; `last`: nor will they be handed over, unless the
 * sink gathers nothing. What it has gathered is to be delivered: outside of the sink's own calls.
 */
void delivery_finish(struct delivery *delivery, bool last);
/* The sink has, or took, something that it has not answered for, or that is being buried. */
bool delivery_owes(const struct delivery *delivery);
/* As of now, within a handover too. */
struct reader_sums delivery_sums(const struct delivery *delivery);
/* Stops trying; the sink is destroyed. The reader is then good for nothing but to be removed. */
void delivery_close(struct delivery *delivery);

/* ---- for flow/handover.c ---- */

/* As much as there is room for, unless that is going on already. */
void delivery_hand_over(struct delivery *delivery);
/* What is owed to a sink that goes may have become less. */
void delivery_look_for_next(struct delivery *delivery);

#endif
