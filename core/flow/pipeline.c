/* flow/pipeline.h */
#include "flow/pipeline.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "flow/delivery.h"
#include "flow/process.h"
#include "flow/release.h"
#include <assert.h>

/* Batches that one source may have out; what a slow sink can hold in memory follows from it. */
#define BATCHES_A_SOURCE 6
#define BATCHES_A_WORKER 2

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
    void *source;
    struct source_sums *sums;
    struct flight *first, *last; /* submitted and not released, in order */
    unsigned out;                /* batches lent, under way or in the log */
    uint64_t next_number;
    bool waiting, finished;
};

struct pipeline {
    struct pipeline_options options;
    struct crew *crew;
    struct processor **processors;
    unsigned processor_count;
    struct releaser *releaser;
    struct log *log;
    struct source_port *ports;
    struct source_sums *source_sums;
    size_t source_count;
    struct delivery *deliveries;
    struct reader_sums *reader_sums;
    size_t reader_count;
    struct flight *pool;
    unsigned batches_a_source;
    struct error failure; /* the first one; kind ERROR_NONE: none */
    bool broken;          /* a sink takes no more: it ends whatever is under way */
    bool ended;
    struct timer check; /* looks whether all is done, outside of callbacks */
};

static void end(struct pipeline *pipeline) {
    if (pipeline->ended) return;
    pipeline->ended = true;
    const struct error *err = pipeline->failure.kind == ERROR_NONE ? NULL : &pipeline->failure;
    pipeline->options.finished(pipeline->options.context, err);
}

static void fail(struct pipeline *pipeline, const struct error *err) {
    if (pipeline->failure.kind == ERROR_NONE) pipeline->failure = *err;
}

static void check_end(struct timer *timer) {
    struct pipeline *pipeline = CONTAINER_OF(timer, struct pipeline, check);
    for (size_t i = 0; i < pipeline->source_count && !pipeline->broken; i++)
        if (!pipeline->ports[i].finished || pipeline->ports[i].out > 0) return;
    end(pipeline);
}

static void check_soon(struct pipeline *pipeline) {
    timer_start(pipeline->options.loop, &pipeline->check, 0);
}

struct loop *source_loop(struct source_port *port) { return port->pipeline->options.loop; }

static struct flight *flight_take(struct pipeline *pipeline) {
    struct flight *flight = pipeline->pool;
    if (flight == NULL) {
        flight = memory_zeroed(1, sizeof *flight);
        flight->batch = batch_create();
        return flight;
    }
    pipeline->pool = flight->next;
    return flight;
}

/* The batch's last reader is done: it goes back to the pool, and its source may go on. */
static void flight_land(struct flight *flight) {
    struct source_port *port = flight->port;
    struct pipeline *pipeline = port->pipeline;
    snapshot_release(flight->batch->snapshot);
    batch_reset(flight->batch);
    flight->next = pipeline->pool;
    pipeline->pool = flight;
    port->out--;
    if (port->waiting) {
        port->waiting = false;
        port->ops->resume(port->source);
    }
    if (port->finished && port->out == 0) check_soon(pipeline);
}

static void chunk_passed(struct log_chunk *chunk) {
    flight_land(CONTAINER_OF(chunk, struct flight, chunk));
}

struct batch *source_batch(struct source_port *port) {
    struct pipeline *pipeline = port->pipeline;
    if (pipeline->ended || port->out >= pipeline->batches_a_source) {
        port->waiting = true;
        return NULL;
    }
    port->out++;
    struct flight *flight = flight_take(pipeline);
    flight->port = port;
    flight->next = NULL;
    flight->processed = false;
    struct batch *batch = flight->batch;
    batch->number = port->next_number++;
    batch->received_ms = clock_wall_ms();
    batch->snapshot = snapshot_hold(pipeline->options.snapshot);
    if (port->last)
        port->last->next = flight;
    else
        port->first = flight;
    port->last = flight;
    return batch;
}

static void release_in_order(struct source_port *port) {
    struct pipeline *pipeline = port->pipeline;
    while (port->first && port->first->processed) {
        struct flight *flight = port->first;
        port->first = flight->next;
        if (port->first == NULL) port->last = NULL;
        struct record *records;
        flight->chunk.count =
            batch_release(pipeline->releaser, flight->batch, port->sums, &records);
        flight->chunk.records = records;
        flight->chunk.passed = chunk_passed;
        if (pipeline->options.released)
            pipeline->options.released(pipeline->options.context, flight->batch);
        log_append(pipeline->log, &flight->chunk);
        for (size_t i = 0; i < pipeline->reader_count; i++)
            delivery_kick(&pipeline->deliveries[i]);
    }
}

static void flight_process(struct task *task, unsigned worker) {
    struct flight *flight = CONTAINER_OF(task, struct flight, task);
    batch_process(flight->port->pipeline->processors[worker], flight->batch);
}

static void flight_processed(struct task *task) {
    struct flight *flight = CONTAINER_OF(task, struct flight, task);
    flight->processed = true;
    if (!flight->port->pipeline->ended) release_in_order(flight->port);
}

void source_submit(struct source_port *port, struct batch *batch) {
    struct flight *flight = port->last; /* a source fills one batch at a time */
    assert(flight->batch == batch);
    (void)batch;
    flight->task = (struct task){ .run = flight_process, .done = flight_processed };
    crew_submit(port->pipeline->crew, &flight->task);
}

void source_finished(struct source_port *port, const struct error *err) {
    struct pipeline *pipeline = port->pipeline;
    port->finished = true;
    if (err) fail(pipeline, err);
    size_t next = (size_t)(port - pipeline->ports) + 1;
    if (pipeline->options.one_by_one && next < pipeline->source_count)
        pipeline->ports[next].ops->start(pipeline->ports[next].source);
    check_soon(pipeline);
}

static void delivery_moved(struct delivery *delivery) { delivery_kick(delivery); }

static void delivery_ended(struct delivery *delivery, const struct error *err) {
    struct pipeline *pipeline = delivery->context_of_owner;
    if (err) fail(pipeline, err);
    pipeline->broken = true;
    check_soon(pipeline); /* `finished` may destroy us, and whoever called is not done */
}

static const struct source_ops *find_source(const struct pipeline_options *options,
                                            const struct part_kind *kind) {
    for (const struct source_ops *const *ops = options->sources; *ops; ops++)
        if (&(*ops)->kind == kind) return *ops;
    return NULL;
}

static const struct sink_ops *find_sink(const struct pipeline_options *options,
                                        const struct part_kind *kind) {
    for (const struct sink_ops *const *ops = options->sinks; *ops; ops++)
        if (&(*ops)->kind == kind) return *ops;
    return NULL;
}

static bool create_sources(struct pipeline *pipeline, struct error *err) {
    const struct snapshot *snapshot = pipeline->options.snapshot;
    for (size_t i = 0; i < snapshot->source_count; i++) {
        const struct part_config *part = &snapshot->sources[i];
        struct source_port *port = &pipeline->ports[i];
        pipeline->source_sums[i].name = part->name;
        *port = (struct source_port){ .pipeline = pipeline, .sums = &pipeline->source_sums[i] };
        port->ops = find_source(&pipeline->options, part->kind);
        port->source = port->ops->create(part->settings, port, err);
        if (port->source == NULL) return false;
    }
    return true;
}

static bool create_sinks(struct pipeline *pipeline, struct error *err) {
    const struct snapshot *snapshot = pipeline->options.snapshot;
    for (size_t i = 0; i < snapshot->sink_count; i++) {
        const struct part_config *part = &snapshot->sinks[i];
        struct delivery *delivery = &pipeline->deliveries[i];
        *delivery = (struct delivery){
            .ops = find_sink(&pipeline->options, part->kind),
            .context = { pipeline->options.loop, part->name, part->schema },
            .log = pipeline->log,
            .reader = (unsigned)i,
            .sums = { .name = part->name },
            .moved = delivery_moved,
            .ended = delivery_ended,
            .context_of_owner = pipeline,
        };
        delivery->sink = delivery->ops->create(part->settings, &delivery->context, err);
        if (delivery->sink == NULL) return false;
        delivery_start(delivery);
    }
    return true;
}

static void create_workers(struct pipeline *pipeline) {
    unsigned workers = (unsigned)pipeline->options.snapshot->workers;
    pipeline->batches_a_source = BATCHES_A_SOURCE + BATCHES_A_WORKER * workers;
    pipeline->crew =
        crew_create(pipeline->options.loop, workers,
                    pipeline->batches_a_source * (unsigned)(pipeline->source_count + 1));
    pipeline->processor_count = workers ? workers : 1;
    pipeline->processors = memory_zeroed(pipeline->processor_count, sizeof(struct processor *));
    for (unsigned i = 0; i < pipeline->processor_count; i++)
        pipeline->processors[i] = processor_create();
}

struct pipeline *pipeline_create(const struct pipeline_options *options, struct error *err) {
    struct pipeline *pipeline = memory_zeroed(1, sizeof *pipeline);
    const struct snapshot *snapshot = options->snapshot;
    *pipeline = (struct pipeline){ .options = *options,
                                   .source_count = snapshot->source_count,
                                   .reader_count = snapshot->sink_count,
                                   .check.fire = check_end };
    snapshot_hold(snapshot);
    pipeline->ports = memory_zeroed(pipeline->source_count, sizeof *pipeline->ports);
    pipeline->source_sums = memory_zeroed(pipeline->source_count, sizeof *pipeline->source_sums);
    pipeline->deliveries = memory_zeroed(pipeline->reader_count, sizeof *pipeline->deliveries);
    pipeline->reader_sums = memory_zeroed(pipeline->reader_count, sizeof *pipeline->reader_sums);
    pipeline->releaser = releaser_create();
    pipeline->log = log_create((unsigned)pipeline->reader_count);
    create_workers(pipeline);
    if (create_sources(pipeline, err) && create_sinks(pipeline, err)) return pipeline;
    pipeline_destroy(pipeline);
    return NULL;
}

void pipeline_start(struct pipeline *pipeline) {
    size_t count = pipeline->source_count;
    if (pipeline->options.one_by_one && count > 1) count = 1;
    for (size_t i = 0; i < count; i++)
        pipeline->ports[i].ops->start(pipeline->ports[i].source);
    check_soon(pipeline);
}

void pipeline_stop(struct pipeline *pipeline) {
    for (size_t i = 0; i < pipeline->source_count; i++) {
        struct source_port *port = &pipeline->ports[i];
        if (!port->finished) port->ops->stop(port->source);
        port->finished = true;
    }
    check_soon(pipeline);
}

static void flights_free(struct flight *flight) {
    while (flight) {
        struct flight *next = flight->next;
        if (flight->batch->snapshot) snapshot_release(flight->batch->snapshot);
        batch_destroy(flight->batch);
        memory_free(flight);
        flight = next;
    }
}

/* Chunks that a broken sink left in the log. */
static void drain_log(struct pipeline *pipeline) {
    for (unsigned i = 0; i < pipeline->reader_count; i++)
        while (log_read(pipeline->log, i))
            log_advance(pipeline->log, i);
}

void pipeline_destroy(struct pipeline *pipeline) {
    pipeline->ended = true;
    crew_destroy(pipeline->crew);
    timer_stop(&pipeline->check);
    for (size_t i = 0; i < pipeline->source_count; i++)
        pipeline->ports[i].waiting = false;
    drain_log(pipeline);
    for (size_t i = 0; i < pipeline->reader_count; i++)
        if (pipeline->deliveries[i].ops) delivery_close(&pipeline->deliveries[i]);
    for (size_t i = 0; i < pipeline->source_count; i++) {
        struct source_port *port = &pipeline->ports[i];
        if (port->source) port->ops->destroy(port->source);
        flights_free(port->first);
    }
    flights_free(pipeline->pool);
    for (unsigned i = 0; i < pipeline->processor_count; i++)
        processor_destroy(pipeline->processors[i]);
    timer_stop(&pipeline->check);
    memory_free(pipeline->processors);
    releaser_destroy(pipeline->releaser);
    log_destroy(pipeline->log);
    snapshot_release(pipeline->options.snapshot);
    memory_free(pipeline->ports);
    memory_free(pipeline->source_sums);
    memory_free(pipeline->deliveries);
    memory_free(pipeline->reader_sums);
    memory_free(pipeline);
}

struct pipeline_sums pipeline_sums(const struct pipeline *pipeline) {
    for (size_t i = 0; i < pipeline->reader_count; i++) {
        struct reader_sums *sums = &pipeline->reader_sums[i];
        *sums = pipeline->deliveries[i].sums;
        sums->pending = delivery_pending(&pipeline->deliveries[i]);
        sums->spooled = log_appended(pipeline->log);
    }
    return (struct pipeline_sums){ pipeline->source_sums, pipeline->reader_sums,
                                   pipeline->source_count, pipeline->reader_count };
}

void pipeline_progress(const struct pipeline *pipeline, uint64_t *done, uint64_t *total) {
    *done = *total = 0;
    bool known = true;
    for (size_t i = 0; i < pipeline->source_count; i++) {
        const struct source_port *port = &pipeline->ports[i];
        uint64_t part_done = 0, part_total = 0;
        if (port->ops->progress) port->ops->progress(port->source, &part_done, &part_total);
        *done += part_done;
        *total += part_total;
        known &= part_total > 0;
    }
    if (!known) *total = 0;
}
