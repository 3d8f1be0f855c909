/* One reader of the log and the sink it feeds: hands over chunks, sorts out the answers, retries.
 */
#ifndef FLOW_DELIVERY_H
#define FLOW_DELIVERY_H

#include "flow/dead_box.h"
#include "flow/sink.h"
#include "flow/sums.h"

/* A sink with what it was made from, which outlives it. */
struct fitted_sink {
    const struct sink_ops *ops;
    void *sink;
    struct owned_part *part;
    struct sink_context context;
};

/* NULL with *err when it cannot be opened; the part is copied. `common` is what all sinks have. */
struct fitted_sink *fitted_sink_create(const struct sink_ops *ops, const struct part_config *part,
                                       const struct sink_context *common,
                                       struct error *err) MUST_CHECK;
void fitted_sink_destroy(struct fitted_sink *fitted);

struct delivery {
    struct loop *loop;
    struct fitted_sink *fitted;
    struct log_reader *reader;
    struct dead_box *box; /* what is refused is kept there; NULL: it is only counted */
    /* Tell the pipeline: the sink answered; it broke (err) or is unwanted (err NULL). */
    void (*answered)(struct delivery *delivery);
    void (*ended)(struct delivery *delivery, const struct error *err);

    uint32_t delivered, dead; /* of the chunk at the cursor, so far */
    struct fitted_sink *next; /* takes over as soon as no answer is owed */
    bool busy;                /* the sink has records and has not answered */
    bool handing;             /* handing over right now */
    bool settled;             /* all of the chunk is; its dead are not buried yet */
    bool burying;             /* they are on their way */
    struct burial *burial;    /* of the chunk's dead; NULL: none */
    bool again;               /* it was lost with its records: they go to the next one */
    struct histogram latency; /* from arrival until delivered */
    uint64_t retries;
    unsigned attempt; /* of the records under way, from 0 */
    struct timer retry, swap;
    struct record *left; /* records of the chunk that are to be tried again; heap */
    size_t left_count;
};

/* The fields up to `ended` are the owner's to set; the rest zeroed. */
void delivery_start(struct delivery *delivery);
/* `next` goes on where the sink stops, with its cursor; the old one is destroyed. */
void delivery_replace(struct delivery *delivery, struct fitted_sink *next);
/* As of now, within a chunk too. */
struct reader_sums delivery_sums(const struct delivery *delivery);
/* Stops trying; the sink is destroyed. */
void delivery_close(struct delivery *delivery);

#endif
