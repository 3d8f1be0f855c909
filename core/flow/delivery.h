/* One reader of the log and the sink it feeds: hands over chunks, sorts out the answers, retries.
 */
#ifndef FLOW_DELIVERY_H
#define FLOW_DELIVERY_H

#include "flow/sink.h"
#include "flow/sums.h"

struct delivery {
    const struct sink_ops *ops;
    void *sink;
    struct sink_context context;
    struct log *log;
    unsigned reader;
    struct reader_sums sums; /* without spooled and pending */
    bool busy;               /* the sink has records and has not answered */
    unsigned attempt;        /* of the records under way, from 0 */
    struct timer again;      /* the next attempt */
    struct record *left;     /* records of the chunk that are to be tried again; heap */
    size_t left_count;
    /* Told by the pipeline: the cursor moved; the sink broke (err) or is unwanted (err NULL). */
    void (*moved)(struct delivery *delivery);
    void (*ended)(struct delivery *delivery, const struct error *err);
    void *context_of_owner;
};

/* The fields up to `reader`, and the two callbacks, are the owner's to set; the rest zeroed. */
void delivery_start(struct delivery *delivery);
/* There is something new in the log. */
void delivery_kick(struct delivery *delivery);
/* Records in the log that are neither delivered nor given up. */
uint64_t delivery_pending(const struct delivery *delivery);
/* Stops trying; the sink is destroyed. */
void delivery_close(struct delivery *delivery);

#endif
