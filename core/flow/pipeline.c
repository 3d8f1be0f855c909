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

/* Sources that are wanted no more and whose last batch has landed. */
static void drop_ports(struct pipeline *pipeline) {
    for (struct source_port **link = &pipeline->ports; *link;) {
        struct source_port *port = *link;
        if (port->leaving && port->out == 0) {
            *link = port->next;
            port_destroy(port);
        } else
            link = &port->next;
    }
}

static bool is_reading(struct pipeline *pipeline) {
    bool out = false;
    for (const struct source_port *port = pipeline->ports; port; port = port->next) {
        if (!port->finished) return true;
        out |= port->out > 0;
    }
    if (out) log_urge(pipeline->log);
    return out;
}

/* What is on disk may wait there when the pipeline is stopped; what a sink has must be answered. */
static bool is_delivering(const struct pipeline *pipeline) {
    for (const struct reader *reader = pipeline->readers; reader; reader = reader->next) {
        const struct delivery *delivery = &reader->delivery;
        bool waits = pipeline->stopping && pipeline->spooled
                         ? delivery_owes(delivery)
                         : delivery_sums(delivery).pending > 0 || delivery->first;
        if (waits && !reader->leaving) return true;
    }
    return false;
}

/* No source brings anything more, for now. */
static void finish_sinks(struct pipeline *pipeline) {
    bool last = pipeline->stopping && pipeline->spooled;
    for (struct reader *reader = pipeline->readers; reader; reader = reader->next)
        if (!reader->leaving) delivery_finish(&reader->delivery, last);
}

static bool is_done(struct pipeline *pipeline) {
    bool reading = is_reading(pipeline);
    /* A log without room waits for what sinks have gathered. */
    if (!reading || pipeline->log_waits) finish_sinks(pipeline);
    return !reading && !is_delivering(pipeline);
}

static void check_end(struct timer *timer) {
    struct pipeline *pipeline = CONTAINER_OF(timer, struct pipeline, check);
    drop_ports(pipeline);
    if (pipeline->adoption && !pipeline->broken) return;
    if (!pipeline->broken && !is_done(pipeline)) return;
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
    crew_name(pipeline->crew, "worker");
    pipeline->processor_count = workers ? workers : 1;
    pipeline->processors = memory_zeroed(pipeline->processor_count, sizeof(struct processor *));
    for (unsigned i = 0; i < pipeline->processor_count; i++)
        pipeline->processors[i] = processor_create();
    pipeline->watchdog =
        watchdog_create(pipeline->options.loop, pipeline->processors, pipeline->processor_count);
}

static void write_state(void *context, struct buffer *state) {
    const struct pipeline *pipeline = context;
    source_states_write(&pipeline->states, state);
}

static void log_failed(void *context, const struct error *err) {
    struct pipeline *pipeline = context;
    pipeline_fail(pipeline, err);
    pipeline->broken = true;
    pipeline_check_soon(pipeline);
}

static void log_waits(void *context, const char *reason) {
    struct pipeline *pipeline = context;
    pipeline->log_waits = reason;
    for (struct source_port *port = pipeline->ports; port; port = port->next)
        port_look_for_pause(port);
    pipeline_check_soon(pipeline);
}

static void log_lost(void *context, const char *reader, enum ledger_kind kind, uint64_t count) {
    const struct pipeline *pipeline = context;
    coverage_lost(pipeline->coverage, reader, kind, count,
                  kind == LEDGER_DROP ? "the spool was full" : "what lay on the disk is damaged");
}

static void know_id(void *context, const struct known_id *id) { releaser_know(context, id); }

/* The log on disk brings what was known when it was closed. */
static bool open_log(struct pipeline *pipeline, struct error *err) {
    const struct pipeline_options *options = &pipeline->options;
    pipeline->spooled = options->spooled;
    if (!pipeline->spooled) {
        pipeline->log = log_memory_create();
        return true;
    }
    struct log_spool_options spool = { .loop = options->loop,
                                       .disk_threads = options->snapshot->workers > 0,
                                       .folder = pipeline->state_folder,
                                       .max_bytes = options->snapshot->spool_bytes,
                                       .write_state = write_state,
                                       .waits = log_waits,
                                       .lost = log_lost,
                                       .failed = log_failed,
                                       .context = pipeline };
    pipeline->box = dead_box_create(options->loop, spool.disk_threads, pipeline->state_folder);
    pipeline->coverage = coverage_create(options->loop, spool.disk_threads, pipeline->state_folder);
    pipeline->log = log_spool_create(&spool, err);
    if (pipeline->log == NULL) return false;
    releaser_start(pipeline->releaser, log_spool_next(pipeline->log));
    struct slice state = log_spool_state(pipeline->log);
    if (state.length && !source_states_read(&pipeline->states, state))
        return error_set(err, ERROR_FAILED, "%s/spool: its state cannot be read",
                         pipeline->state_folder);
    return log_spool_ids(pipeline->log, know_id, pipeline->releaser, err);
}

struct pipeline *pipeline_create(const struct pipeline_options *options, struct error *err) {
    struct pipeline *pipeline = memory_zeroed(1, sizeof *pipeline);
    *pipeline = (struct pipeline){ .options = *options,
                                   .check.fire = check_end,
                                   .turn.fire = adoption_turn };
    snapshot_hold(options->snapshot);
    if (options->snapshot->state_folder)
        pipeline->state_folder = memory_copy_text(options->snapshot->state_folder);
    pipeline->releaser = releaser_create();
    pipeline->recent = recent_create();
    create_workers(pipeline);
    query_tally_adopt(&pipeline->tally, options->snapshot);
    if (open_log(pipeline, err) && create_parts(pipeline, err)) return pipeline;
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
    if (pipeline->box) dead_box_destroy(pipeline->box);
    free_readers(pipeline);
    if (pipeline->log) log_destroy(pipeline->log); /* its batches come back */
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
    if (pipeline->coverage) coverage_destroy(pipeline->coverage);
    query_tally_free(&pipeline->tally);
    source_states_free(&pipeline->states);
    snapshot_release(pipeline->options.snapshot);
    memory_free(pipeline->state_folder);
    memory_free(pipeline->source_sums);
    memory_free(pipeline->reader_sums);
    memory_free(pipeline);
}

void pipeline_recent(const struct pipeline *pipeline, struct batch *batch) {
    recent_copy(pipeline->recent, batch);
}

void pipeline_watch(struct pipeline *pipeline,
                    void (*released)(void *context, const struct batch *batch), void *context) {
    pipeline->watched = released;
    pipeline->watcher = context;
}

bool pipeline_forget(struct pipeline *pipeline, const char *sink, struct error *err) {
    if (!pipeline->spooled) return error_set(err, ERROR_FAILED, "this run keeps nothing on disk");
    return log_spool_forget(pipeline->log, sink, err);
}

/* What is on disk came from sources that are gone, too. */
static bool is_shown(const struct pipeline *pipeline, const struct source_state *state) {
    const struct source_port *port = pipeline->ports;
    while (port && port->state != state)
        port = port->next;
    return port || pipeline->spooled;
}

static const char *note_of(const struct pipeline *pipeline, const struct source_state *state) {
    const struct source_port *port = port_find(pipeline->ports, state->name);
    return port && port->ops->note ? port->ops->note(port->source) : NULL;
}

static size_t gather_sources(struct pipeline *pipeline) {
    size_t count = 0;
    for (const struct source_state *state = pipeline->states.first; state; state = state->next)
        count++;
    pipeline->source_sums =
        memory_resize(pipeline->source_sums, count * sizeof *pipeline->source_sums);
    count = 0;
    for (const struct source_state *state = pipeline->states.first; state; state = state->next)
        if (is_shown(pipeline, state)) {
            struct source_sums *sums = &pipeline->source_sums[count++];
            *sums = state->sums;
            sums->note = note_of(pipeline, state);
            if (pipeline->coverage)
                sums->cover = cover_status(coverage_source(pipeline->coverage, state->name));
        }
    return count;
}

static void add_reader_sums(struct pipeline *pipeline, const struct reader_sums *sums) {
    size_t count = ++pipeline->reader_sum_count;
    pipeline->reader_sums =
        memory_resize(pipeline->reader_sums, count * sizeof *pipeline->reader_sums);
    pipeline->reader_sums[count - 1] = *sums;
}

/* A sink of an earlier configuration: what waits for it is still there. */
static void add_gone(void *context, const char *name, const struct log_counts *counts) {
    struct reader_sums sums = reader_sums_of(name, counts);
    sums.gone = true;
    add_reader_sums(context, &sums);
}

static void gather_readers(struct pipeline *pipeline) {
    pipeline->reader_sum_count = 0;
    for (const struct reader *reader = pipeline->readers; reader; reader = reader->next) {
        struct reader_sums sums = delivery_sums(&reader->delivery);
        add_reader_sums(pipeline, &sums);
    }
    if (pipeline->spooled) log_spool_each_gone(pipeline->log, add_gone, pipeline);
}

struct pipeline_sums pipeline_sums(struct pipeline *pipeline) {
    size_t sources = gather_sources(pipeline);
    gather_readers(pipeline);
    struct pipeline_sums sums = { .sources = pipeline->source_sums,
                                  .readers = pipeline->reader_sums,
                                  .queries = pipeline->tally.sums,
                                  .query_count = pipeline->tally.count,
                                  .source_count = sources,
                                  .reader_count = pipeline->reader_sum_count };
    sums.lag = watchdog_lag(pipeline->watchdog);
    if (!pipeline->spooled) return sums;
    sums.spool_bytes = log_spool_bytes(pipeline->log, &sums.waiting);
    sums.durable = &pipeline->durable;
    return sums;
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
