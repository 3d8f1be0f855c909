/* Sink "opensearch" from the inside: handovers become bulk requests, a few of which are under way
 * at a time, and each record gets its verdict from its own item of a reply. On the loop thread.
 *
 * Order inside one id: records of an id go one by one, in the order of their handover
 * (order.h). Requests that were cut off may still do their work later, even those of a
 * linnet that was killed: each document therefore carries a version, external_gte, that grows with
 * the log and from one start to the next, so that the server itself lets nothing old over
 * something new, and takes repeats. The clock makes it grow over starts; where that was set back,
 * or somebody else writes, the server names the version that it has, and ours go on from there.
 * Only what a killed linnet had on its way may then come last: where the clock was set back between
 * it and the next, and the same post changed within the minute. */
#ifndef INDEX_SINK_H
#define INDEX_SINK_H

#include "flow/sink.h"
#include "flow/trouble.h"
#include "index/order.h"
#include "index/pace.h"
#include "index/setup.h"

#define INDEX_BULK_DOCUMENTS 1000
#define INDEX_BULK_BYTES ((size_t)5 * 1000 * 1000)

struct index_sink;

/* A handover and what became of its records. */
struct shipment {
    struct index_sink *sink;
    struct handover *handover;
    const struct record *records;
    struct verdict *verdicts; /* one a record */
    uint32_t *picks;          /* of records that are sent, in order; each bulk has a part of them */
    size_t count, picked;
    unsigned bulks; /* that are not answered */
    struct arena reasons;
    struct shipment *next, **link;
};

/* One request. */
struct bulk {
    struct shipment *shipment;
    const uint32_t *picks;
    size_t count;
    struct index_action *actions; /* while it is under way */
    struct buffer body, packed;
    bool compressed;
    bool by_query; /* a delete or change by query: which index holds its post no notice tells */
    uint64_t sent_ns;
    struct arena arena; /* of its actions, then of its reply */
    struct bulk *next, **link;
};

struct index_sink {
    const struct sink_context *context;
    const struct index_settings *settings;
    struct arena arena; /* of texts that last */
    struct index_place place;
    struct index_link *link;
    struct index_setup setup;
    struct projector *walker; /* of replies */
    struct index_order order;
    struct index_pace pace;
    unsigned room;    /* as delivery_room was told */
    unsigned attempt; /* to get out of trouble */
    struct shipment *shipments;
    struct bulk *waiting, **waiting_end, *under_way, *idle;
    unsigned sent, idle_count; /* bulks in the lists */
    bool ready;                /* the index is there, as far as is known */
    bool plain;                /* the server takes no gzip */
    bool versions;
    int time_slot;
    int64_t version_offset; /* a record's version is this and its sequence; 0: none had one yet */
    uint64_t good;          /* what the server did well */
    struct projection *projection;
    struct projector *times; /* of documents, where the index's name holds a date */

    struct timer again;
    uint64_t until_ns;      /* nothing is sent before */
    uint64_t troubled_ns;   /* when that was set */
    struct trouble trouble; /* by enum index_rule */
    struct slice pattern;   /* of all indices that there may be */
};

/* bulk.c: `picks` to the end of the queue, in as many requests as they take. */
void index_bulks_add(struct shipment *shipment);
void index_bulk_send(struct bulk *bulk);
void index_bulks_free(struct index_sink *sink);
/* Halves at the front of the queue. */
void index_bulk_halve(struct bulk *bulk);
/* Once more, at the front of the queue. */
void index_bulk_requeue(struct bulk *bulk);
/* Its records have their verdicts. */
void index_bulk_end(struct bulk *bulk);
/* All that wait unsent: their records come again. */
void index_bulks_give_back(struct index_sink *sink);

/* query.c */
void index_query_send(struct bulk *bulk);

/* settle.c: what a reply means. */
void index_bulk_replied(void *context, const struct aws_reply *reply);

/* online.c */
void *index_online_begin(const void *settings, struct online *online, struct error *err);
void index_online_end(void *trying);

/* sink.c */
/* As struct sink_ops has them. */
void *index_sink_create(const void *settings, const struct sink_context *context,
                        struct error *err);
void index_sink_deliver(void *sink, const struct record *records, size_t count,
                        struct handover *handover);
void index_sink_destroy(void *sink);
/* Sends what may be sent. */
void index_pump(struct index_sink *sink);
void shipment_answer(struct shipment *shipment);
/* Something that was sent at `sent_ns` failed: nothing is sent for a while. */
void index_trouble(struct index_sink *sink, enum index_rule rule, struct slice text,
                   struct slice retry_after, uint64_t sent_ns);
void index_works(struct index_sink *sink);

#endif
