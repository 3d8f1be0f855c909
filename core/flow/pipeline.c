/* flow/pipeline.h */
#include "base/alloc.h"
#include "flow/pipeline_internal.h"

/* Batches that one source may have out; what a slow sink can hold in memory follows from it. */
#define BATCHES_A_SOURCE 6
#define BATCHES_A_WORKER 2

static void end(struct pipeline *pipeline) {
    if (pipeline->ended) return;
    pipeline->ended = true;
    const struct error *err = pipeline->failure.kind == ERROR_NONE ? NULL : &pipeline->failure;
    pipeline->options.finished(pipeline->options.context, err);
}

void pipeline_fail(struct pipeline *pipeline, const struct error *err) {
    if (pipeline->failure.kind == ERROR_NONE) pipeline->failure = *err;
}

void pipeline_check_soon(struct pipeline *pipeline) {
    timer_start(pipeline->options.loop, &pipeline->check, 0);
}

/* A source that was changed is still the same one to whoever reads the sums. */
static void hand_sums_on(struct pipeline *pipeline, const struct source_port *port) {
    struct source_port *heir = port_find(pipeline->ports, port->sums.name);
    if (heir) source_sums_add(&heir->sums, &port->sums);
}

/* Sources that are wanted no more and whose last batch has landed. */
static void drop_ports(struct pipeline *pipeline) {
    for (struct source_port **link = &pipeline->ports; *link;) {
        struct source_port *port = *link;
        if (port->leaving && port->out == 0) {
            *link = port->next;
            hand_sums_on(pipeline, port);
            port_destroy(port);
        } else
            link = &port->next;
    }
}

static void check_end(struct timer *timer) {
    struct pipeline *pipeline = CONTAINER_OF(timer, struct pipeline, check);
    drop_ports(pipeline);
    if (pipeline->adoption && !pipeline->broken) return;
    for (const struct source_port *port = pipeline->ports; port && !pipeline->broken;
         port = port->next)
        if (!port->finished || port->out > 0) return;
    end(pipeline);
}

static bool create_parts(struct pipeline *pipeline, struct error *err) {
    const struct snapshot *snapshot = pipeline->options.snapshot;
    if (!snapshot_check_files(snapshot, err)) return false;
    for (size_t i = 0; i < snapshot->source_count; i++) {
        struct source_port *port = port_create(pipeline, &snapshot->sources[i], err);
        if (port == NULL) return false;
        ports_append(&pipeline->ports, port);
    }
    for (size_t i = 0; i < snapshot->sink_count; i++) {
        struct reader *reader = reader_create(pipeline, &snapshot->sinks[i], err);
        if (reader == NULL) return false;
        log_open_reader(reader->delivery.reader);
        readers_append(&pipeline->readers, reader);
    }
    return true;
}

static void create_workers(struct pipeline *pipeline) {
    const struct snapshot *snapshot = pipeline->options.snapshot;
    unsigned workers = (unsigned)snapshot->workers;
    unsigned ports = (unsigned)MAX(snapshot->source_count, (size_t)MAX_PORTS);
    pipeline->batches_a_source = BATCHES_A_SOURCE + BATCHES_A_WORKER * workers;
    pipeline->crew =
        crew_create(pipeline->options.loop, workers, pipeline->batches_a_source * ports);
    pipeline->processor_count = workers ? workers : 1;
    pipeline->processors = memory_zeroed(pipeline->processor_count, sizeof(struct processor *));
    for (unsigned i = 0; i < pipeline->processor_count; i++)
        pipeline->processors[i] = processor_create();
    pipeline->watchdog =
        watchdog_create(pipeline->options.loop, pipeline->processors, pipeline->processor_count);
}

struct pipeline *pipeline_create(const struct pipeline_options *options, struct error *err) {
    struct pipeline *pipeline = memory_zeroed(1, sizeof *pipeline);
    *pipeline = (struct pipeline){ .options = *options,
                                   .check.fire = check_end,
                                   .turn.fire = adoption_turn };
    snapshot_hold(options->snapshot);
    pipeline->releaser = releaser_create();
    pipeline->recent = recent_create();
    pipeline->log = log_memory_create();
    create_workers(pipeline);
    if (create_parts(pipeline, err)) return pipeline;
    pipeline_destroy(pipeline);
    return NULL;
}

void pipeline_start(struct pipeline *pipeline) {
    pipeline->started = true;
    for (struct source_port *port = pipeline->ports; port; port = port->next) {
        port_start(port);
        if (pipeline->options.one_by_one) break;
    }
    pipeline_check_soon(pipeline);
}

void pipeline_stop(struct pipeline *pipeline) {
    pipeline->stopping = true;
    adoption_cancel(pipeline, true);
    for (struct source_port *port = pipeline->ports; port; port = port->next)
        port_stop(port);
    pipeline_check_soon(pipeline);
}

static void free_readers(struct pipeline *pipeline) {
    while (pipeline->readers) {
        struct reader *reader = pipeline->readers;
        pipeline->readers = reader->next;
        reader_destroy(reader);
    }
}

static void free_ports(struct pipeline *pipeline) {
    while (pipeline->ports) {
        struct source_port *port = pipeline->ports;
        pipeline->ports = port->next;
        port_destroy(port);
    }
}

void pipeline_destroy(struct pipeline *pipeline) {
    pipeline->ended = true;
    crew_destroy(pipeline->crew);
    adoption_cancel(pipeline, false);
    for (struct source_port *port = pipeline->ports; port; port = port->next)
        port->waiting = false; /* what lands now resumes nobody */
    free_readers(pipeline);
    free_ports(pipeline);
    flights_free(pipeline->pool);
    watchdog_destroy(pipeline->watchdog);
    for (unsigned i = 0; i < pipeline->processor_count; i++)
        processor_destroy(pipeline->processors[i]);
    timer_stop(&pipeline->check);
    timer_stop(&pipeline->turn);
    memory_free(pipeline->processors);
    releaser_destroy(pipeline->releaser);
    recent_destroy(pipeline->recent);
    log_destroy(pipeline->log);
    snapshot_release(pipeline->options.snapshot);
    memory_free(pipeline->source_sums);
    memory_free(pipeline->reader_sums);
    memory_free(pipeline);
}

void pipeline_recent(const struct pipeline *pipeline, struct batch *batch) {
    recent_copy(pipeline->recent, batch);
}

static size_t gather_sources(struct pipeline *pipeline) {
    size_t count = 0;
    for (const struct source_port *port = pipeline->ports; port; port = port->next)
        count++;
    pipeline->source_sums =
        memory_resize(pipeline->source_sums, count * sizeof *pipeline->source_sums);
    count = 0;
    for (const struct source_port *port = pipeline->ports; port; port = port->next)
        pipeline->source_sums[count++] = port->sums;
    return count;
}

static size_t gather_readers(struct pipeline *pipeline) {
    size_t count = 0;
    for (const struct reader *reader = pipeline->readers; reader; reader = reader->next)
        count++;
    pipeline->reader_sums =
        memory_resize(pipeline->reader_sums, count * sizeof *pipeline->reader_sums);
    count = 0;
    for (const struct reader *reader = pipeline->readers; reader; reader = reader->next)
        pipeline->reader_sums[count++] = delivery_sums(&reader->delivery);
    return count;
}

struct pipeline_sums pipeline_sums(struct pipeline *pipeline) {
    size_t sources = gather_sources(pipeline), readers = gather_readers(pipeline);
    return (struct pipeline_sums){ pipeline->source_sums, pipeline->reader_sums, sources, readers };
}

void pipeline_progress(const struct pipeline *pipeline, uint64_t *done, uint64_t *total) {
    *done = *total = 0;
    bool known = true;
    for (const struct source_port *port = pipeline->ports; port; port = port->next) {
        uint64_t part_done = 0, part_total = 0;
        if (port->ops->progress) port->ops->progress(port->source, &part_done, &part_total);
        *done += part_done;
        *total += part_total;
        known &= part_total > 0;
    }
    if (!known) *total = 0;
}
