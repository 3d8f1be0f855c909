/* Sources and their batches: lent, processed by the crew, released in order. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "flow/pipeline_internal.h"
#include <assert.h>

struct loop *source_loop(struct source_port *port) { return port->pipeline->options.loop; }

const struct snapshot *source_snapshot(const struct source_port *port) {
    return port->pipeline->options.snapshot;
}

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

void flights_free(struct flight *flight) {
    while (flight) {
        struct flight *next = flight->next;
        if (flight->batch->snapshot) snapshot_release(flight->batch->snapshot);
        batch_destroy(flight->batch);
        memory_free(flight);
        flight = next;
    }
}

/* One by one: many small files must not all be read before the first is delivered. */
static void start_held_back(struct pipeline *pipeline) {
    struct source_port *port = pipeline->held_back;
    if (port == NULL || pipeline->ended || pipeline->out >= pipeline->batches_a_source) return;
    pipeline->held_back = NULL;
    if (!port->finished) port_start(port);
}

/* The batch's last reader is done: it goes back to the pool, and its source may go on. */
static void flight_land(struct flight *flight) {
    struct source_port *port = flight->port;
    struct pipeline *pipeline = port->pipeline;
    if (port->ops->landed && !pipeline->ended) port->ops->landed(port->source);
    snapshot_release(flight->batch->snapshot);
    batch_reset(flight->batch);
    flight->next = pipeline->pool;
    pipeline->pool = flight;
    port->out--;
    pipeline->out--;
    start_held_back(pipeline);
    if (port->waiting) {
        port->waiting = false;
        port_look_for_pause(port);
        port->ops->resume(port->source);
    }
    if (port->finished && port->out == 0) pipeline_check_soon(pipeline);
}

/* The log on disk has it; one in memory is rid of it. */
static void chunk_passed(struct log_chunk *chunk) {
    struct flight *flight = CONTAINER_OF(chunk, struct flight, chunk);
    struct pipeline *pipeline = flight->port->pipeline;
    int64_t took_ms = clock_wall_ms() - flight->batch->received_ms;
    if (pipeline->spooled) histogram_add(&pipeline->durable, took_ms, chunk->count);
    flight_land(flight);
}

struct batch *source_batch(struct source_port *port) {
    struct pipeline *pipeline = port->pipeline;
    if (pipeline->ended || pipeline->adoption || port->out >= pipeline->batches_a_source) {
        port->waiting = true;
        port_look_for_pause(port);
        if (port->out) log_urge(pipeline->log);
        return NULL;
    }
    port->out++;
    pipeline->out++;
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

static void note_times(struct source_sums *sums, const struct batch *batch) {
    if (batch->count) sums->received_ms = batch->received_ms;
    if (batch->position.length) sums->moved_ms = batch->received_ms;
    for (uint32_t i = batch->count; i > 0; i--) {
        if (batch->messages[i - 1].kind != MESSAGE_POST) continue;
        int64_t created_ms =
            batch->restamp ? batch->received_ms : batch->messages[i - 1].created_ms;
        if (created_ms != TIME_UNKNOWN) sums->created_ms = created_ms;
        return;
    }
}

/* Of posts that may still come, in this run or the next. */
static void note_unknown_deletes(struct log *log, const struct batch *batch) {
    for (uint32_t i = 0; i < batch->count; i++)
        if (batch->messages[i].kind == MESSAGE_DELETE &&
            batch->messages[i].outcome == OUTCOME_FILTERED)
            log_spool_note_delete(log, batch->messages[i].key_hash);
}

static void release_in_order(struct source_port *port) {
    struct pipeline *pipeline = port->pipeline;
    while (port->first && port->first->processed) {
        struct flight *flight = port->first;
        port->first = flight->next;
        if (port->first == NULL) port->last = NULL;
        struct record *records;
        flight->chunk.count =
            batch_release(pipeline->releaser, flight->batch, &port->state->sums, &records);
        if (pipeline->spooled) note_unknown_deletes(pipeline->log, flight->batch);
        if (flight->batch->position.length) source_state_move(port->state, flight->batch->position);
        note_times(&port->state->sums, flight->batch);
        query_tally_add(&pipeline->tally, flight->batch);
        flight->chunk.records = records;
        flight->chunk.passed = chunk_passed;
        recent_note(pipeline->recent, flight->batch);
        if (pipeline->options.released)
            pipeline->options.released(pipeline->options.context, flight->batch);
        if (pipeline->watched) pipeline->watched(pipeline->watcher, flight->batch);
        log_append(pipeline->log, &flight->chunk);
    }
    if (pipeline->adoption) timer_start(pipeline->options.loop, &pipeline->turn, 0);
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

void source_urge(struct source_port *port) {
    if (port->pipeline->spooled) log_spool_hurry(port->pipeline->log);
}

void source_finished(struct source_port *port, const struct error *err) {
    struct pipeline *pipeline = port->pipeline;
    port->finished = true;
    port->failed = err != NULL;
    if (port->cover) cover_end(port->cover, err ? err->text : "", err == NULL);
    if (err) pipeline_fail(pipeline, err);
    if (pipeline->options.one_by_one) pipeline->held_back = port->next;
    start_held_back(pipeline);
    pipeline_check_soon(pipeline);
}

static const struct source_ops *find_source(const struct pipeline_options *options,
                                            const struct part_kind *kind) {
    for (const struct source_ops *const *ops = options->sources; *ops; ops++)
        if (&(*ops)->kind == kind) return *ops;
    return NULL;
}

struct source_port *port_create(struct pipeline *pipeline, const struct part_config *part,
                                struct error *err) {
    const struct source_ops *ops = find_source(&pipeline->options, part->kind);
    assert(ops && "the registry has every kind that a configuration can name");
    return port_create_of(pipeline, ops, part, err);
}

struct source_port *port_create_of(struct pipeline *pipeline, const struct source_ops *ops,
                                   const struct part_config *part, struct error *err) {
    struct source_port *port = memory_zeroed(1, sizeof *port);
    *port = (struct source_port){
        .pipeline = pipeline, .ops = ops, .part = part_copy(part), .kept = true
    };
    port->state = source_state_of(&pipeline->states, slice_of(part->name));
    if (pipeline->coverage) port->cover = coverage_source(pipeline->coverage, part->name);
    port->source = port->ops->create(port->part->config.settings, port, err);
    if (port->source) return port;
    port_destroy(port);
    return NULL;
}

void port_destroy(struct source_port *port) {
    if (port->source) port->ops->destroy(port->source);
    flights_free(port->first);
    part_free(port->part);
    memory_free(port);
}

void port_start(struct source_port *port) {
    port->begun = true;
    if (port->cover) cover_begin(port->cover);
    port->ops->start(port->source,
                     port->pipeline->spooled ? slice_of(port->state->position) : SLICE(""));
}

void port_stop(struct source_port *port) {
    if (!port->finished) port->ops->stop(port->source);
    if (!port->finished && port->begun && port->cover) cover_end(port->cover, "", false);
    port->finished = true;
    port->waiting = false;
}

void source_connected(struct source_port *port) {
    if (port->cover) cover_connected(port->cover);
}

void source_gap(struct source_port *port, int64_t since_ms, const char *reason) {
    if (port->cover) cover_gap(port->cover, since_ms, reason);
}

void source_gap_closed(struct source_port *port, int64_t from_ms, int64_t to_ms, const char *how) {
    if (port->cover) cover_gap_closed(port->cover, from_ms, to_ms, how);
}

void port_look_for_pause(struct source_port *port) {
    const char *reason = port->waiting && !port->finished ? port->pipeline->log_waits : NULL;
    if (port->cover == NULL || (reason != NULL) == cover_is_paused(port->cover)) return;
    cover_pause(port->cover, reason);
}

void ports_append(struct source_port **list, struct source_port *port) {
    while (*list)
        list = &(*list)->next;
    port->next = NULL;
    *list = port;
}

struct source_port *port_find(struct source_port *list, const char *name) {
    while (list && (list->leaving || strcmp(list->state->name, name) != 0))
        list = list->next;
    return list;
}
