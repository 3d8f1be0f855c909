/* What the files of the pipeline share: its sources' ports, its readers, and a switch to another
 * snapshot that is under way. */
#ifndef FLOW_PIPELINE_INTERNAL_H
#define FLOW_PIPELINE_INTERNAL_H

#include "flow/coverage.h"
#include "flow/delivery.h"
#include "flow/log_spool.h"
#include "flow/pipeline.h"
#include "flow/process.h"
#include "flow/query_tally.h"
#include "flow/recent.h"
#include "flow/release.h"
#include "flow/source_state.h"
#include "flow/watchdog.h"

/* Sources at one time, those that are being taken away too: the crew's queue has room for them. */
#define MAX_PORTS 64

/* A batch on its way: with a worker, waiting for its turn, or in the log. */
struct flight {
    struct task task;
    struct log_chunk chunk;
    struct source_port *port;
    struct batch *batch;
    bool processed;
    struct flight *next; /* the batch after it from the same source, or in the pool */
};

struct source_port {
    struct pipeline *pipeline;
    const struct source_ops *ops;
    struct owned_part *part;
    void *source;
    struct source_state *state;  /* of all sources of this name, one after the other */
    struct cover *cover;         /* the same; NULL without a ledger */
    struct flight *first, *last; /* submitted and not released, in order */
    unsigned out;                /* batches lent, under way or in the log */
    uint64_t next_number;
    bool begun, waiting, finished, failed;
    bool leaving; /* the configuration has it no more; it goes with its last batch */
    bool kept;    /* during a switch: the new snapshot has it just so */
    bool own;     /* the pipeline's own: no snapshot has it */
    struct source_port *next;
};

/* One sink, and its place in the log. */
struct reader {
    struct pipeline *pipeline;
    struct delivery delivery;
    bool leaving; /* the configuration has it no more; it goes with its last record */
    bool kept;    /* during a switch: the new snapshot has it, perhaps otherwise */
    struct fitted_sink *instead; /* during a switch: what takes over */
    struct timer leave;          /* gone, or tired of waiting */
    uint64_t leave_ns;           /* when waiting ends */
    struct reader *next;
};

/* A switch to another snapshot, from the moment that its new parts are made. */
struct adoption {
    const struct snapshot *snapshot;
    struct source_port *ports;
    struct reader *readers;
    void (*adopted)(void *context, bool done);
    void *context;
};

struct pipeline {
    struct pipeline_options options; /* with the current snapshot */
    struct crew *crew;
    struct processor **processors;
    struct watchdog *watchdog; /* over them */
    struct histogram durable;  /* from arrival until the log on disk has it */
    unsigned processor_count;
    struct releaser *releaser;
    struct recent *recent;
    struct log *log;
    bool spooled;              /* the log is on disk */
    char *state_folder;        /* at the start: it does not change with a snapshot; may be NULL */
    struct dead_box *box;      /* NULL with a log in memory */
    struct coverage *coverage; /* NULL with a log in memory */
    const char *log_waits;     /* why the log takes no more now; NULL: it does */
    struct query_tally tally;
    struct source_states states;
    struct source_port *ports;
    struct forgetting *forgetting; /* NULL: nobody asked for it yet */
    struct reader *readers;
    struct flight *pool;
    unsigned batches_a_source;
    unsigned out; /* batches of all sources that are lent, under way or in the log */
    struct source_port *held_back; /* one_by_one: the next source, while too many are out */
    struct adoption *adoption;     /* NULL: none under way */
    struct error failure;          /* the first one; kind ERROR_NONE: none */
    bool broken;                   /* a sink takes no more: it ends whatever is under way */
    bool started, stopping, ended;
    void (*watched)(void *context, const struct batch *batch); /* of pipeline_watch */
    void *watcher;
    struct timer check; /* looks whether all is done, outside of callbacks */
    struct timer turn;  /* the same for a switch */

    struct source_sums *source_sums; /* what pipeline_sums gives */
    struct reader_sums *reader_sums;
    size_t reader_sum_count;
};

void pipeline_check_soon(struct pipeline *pipeline);
void pipeline_fail(struct pipeline *pipeline, const struct error *err);

/* flow/ports.c */
struct source_port *port_create(struct pipeline *pipeline, const struct part_config *part,
                                struct error *err) MUST_CHECK;
/* The same with a kind that is in no registry. */
struct source_port *port_create_of(struct pipeline *pipeline, const struct source_ops *ops,
                                   const struct part_config *part, struct error *err) MUST_CHECK;
/* None of its batches may be with a worker or in the log. */
void port_destroy(struct source_port *port);
void port_start(struct source_port *port);
/* Reads no further. */
void port_stop(struct source_port *port);
/* Has it in the ledger whether the source waits for the log. */
void port_look_for_pause(struct source_port *port);
void ports_append(struct source_port **list, struct source_port *port);
/* The port of this name that is not leaving, or NULL. */
struct source_port *port_find(struct source_port *list, const char *name);
void flights_free(struct flight *flight);

/* flow/readers.c */
struct reader *reader_create(struct pipeline *pipeline, const struct part_config *part,
                             struct error *err) MUST_CHECK;
struct fitted_sink *reader_fit(struct reader *reader, const struct part_config *part,
                               struct error *err) MUST_CHECK;
void reader_destroy(struct reader *reader);
/* From now on what is appended is not for it; it goes when it has delivered what came before. */
void reader_leave(struct reader *reader);
void readers_append(struct reader **list, struct reader *reader);
struct reader *reader_find(struct reader *list, const char *name);

/* flow/adopt.c */
/* Goes on with a switch when nothing of the old snapshot is with a worker any more. */
void adoption_turn(struct timer *timer);
/* Gives a switch up; `adopted` is told unless the pipeline is being destroyed. */
void adoption_cancel(struct pipeline *pipeline, bool tell);

#endif
