/* Another snapshot for a pipeline that runs: parts that did not change are not touched.
 *
 * What is new is made first, so that nothing has changed when one cannot be; then the sources wait
 * until nothing of the old snapshot is with a worker, which takes milliseconds; then all changes at
 * once. So records in the log never go back a generation. */
#include "base/alloc.h"
#include "base/log.h"
#include "flow/pipeline_internal.h"

static void adoption_free(struct adoption *adoption) {
    while (adoption->ports) {
        struct source_port *port = adoption->ports;
        adoption->ports = port->next;
        port_destroy(port);
    }
    while (adoption->readers) {
        struct reader *reader = adoption->readers;
        adoption->readers = reader->next;
        reader_destroy(reader);
    }
    snapshot_release(adoption->snapshot);
    memory_free(adoption);
}

static void forget_marks(struct pipeline *pipeline) {
    for (struct source_port *port = pipeline->ports; port; port = port->next)
        port->kept = false;
    for (struct reader *reader = pipeline->readers; reader; reader = reader->next) {
        reader->kept = false;
        if (reader->instead) fitted_sink_destroy(reader->instead);
        reader->instead = NULL;
    }
}

static bool prepare_source(struct pipeline *pipeline, struct adoption *adoption,
                           const struct part_config *part, struct error *err) {
    struct source_port *port = port_find(pipeline->ports, part->name);
    if (port && part_equal(&port->part->config, part)) {
        port->kept = true;
        return true;
    }
    port = port_create(pipeline, part, err);
    if (port) ports_append(&adoption->ports, port);
    return port != NULL;
}

static const struct part_config *sink_part(const struct reader *reader) {
    const struct delivery *delivery = &reader->delivery;
    return &(delivery->next ? delivery->next : delivery->fitted)->part->config;
}

static bool prepare_sink(struct pipeline *pipeline, struct adoption *adoption,
                         const struct part_config *part, struct error *err) {
    struct reader *reader = reader_find(pipeline->readers, part->name);
    if (reader == NULL) {
        reader = reader_create(pipeline, part, err);
        if (reader) readers_append(&adoption->readers, reader);
        return reader != NULL;
    }
    reader->kept = true;
    const struct part_config *was = sink_part(reader);
    if (part_equal(was, part) && strcmp(was->schema_name, part->schema_name) == 0 &&
        slice_equal(was->mapping, part->mapping))
        return true;
    reader->instead = reader_fit(reader, part, err);
    return reader->instead != NULL;
}

static bool prepare(struct pipeline *pipeline, struct adoption *adoption, struct error *err) {
    const struct snapshot *snapshot = adoption->snapshot;
    size_t ports = snapshot->source_count;
    for (const struct source_port *port = pipeline->ports; port; port = port->next)
        ports++;
    if (ports > MAX_PORTS)
        return error_set(err, ERROR_FAILED, "more than %d sources at a time", MAX_PORTS);
    forget_marks(pipeline);
    for (size_t i = 0; i < snapshot->source_count; i++)
        if (!prepare_source(pipeline, adoption, &snapshot->sources[i], err)) return false;
    for (size_t i = 0; i < snapshot->sink_count; i++)
        if (!prepare_sink(pipeline, adoption, &snapshot->sinks[i], err)) return false;
    return true;
}

bool pipeline_adopt(struct pipeline *pipeline, const struct snapshot *snapshot,
                    void (*adopted)(void *context, bool done), void *context, struct error *err) {
    if (pipeline->stopping || pipeline->ended || pipeline->adoption)
        return error_set(err, ERROR_FAILED, "linnet is stopping");
    struct adoption *adoption = memory_zeroed(1, sizeof *adoption);
    *adoption = (struct adoption){ .snapshot = snapshot_hold(snapshot),
                                   .adopted = adopted,
                                   .context = context };
    if (!snapshot_check_files(snapshot, err) || !prepare(pipeline, adoption, err)) {
        forget_marks(pipeline);
        adoption_free(adoption);
        return false;
    }
    pipeline->adoption = adoption;
    timer_start(pipeline->options.loop, &pipeline->turn, 0);
    return true;
}

static void switch_sources(struct pipeline *pipeline, struct adoption *adoption) {
    for (struct source_port *port = pipeline->ports; port; port = port->next) {
        if (port->kept || port->leaving || port->own) continue;
        bool goes_on = port_find(adoption->ports, port->state->name) != NULL;
        if (port->cover && !goes_on)
            cover_end(port->cover, "it was taken out of the configuration", true);
        port_stop(port);
        port->leaving = true;
    }
    while (adoption->ports) {
        struct source_port *port = adoption->ports;
        adoption->ports = port->next;
        ports_append(&pipeline->ports, port);
    }
}

static void switch_sinks(struct pipeline *pipeline, struct adoption *adoption) {
    for (struct reader *reader = pipeline->readers; reader; reader = reader->next) {
        if (reader->leaving) continue;
        if (!reader->kept) reader_leave(reader);
        if (reader->instead) delivery_replace(&reader->delivery, reader->instead);
        reader->instead = NULL;
    }
    while (adoption->readers) {
        struct reader *reader = adoption->readers;
        adoption->readers = reader->next;
        log_open_reader(reader->delivery.reader);
        readers_append(&pipeline->readers, reader);
    }
}

/* New ones begin, old ones that were refused a batch go on. */
static void let_go(struct pipeline *pipeline) {
    for (struct source_port *port = pipeline->ports; port; port = port->next) {
        bool stays = port->begun && !port->finished && !port->leaving;
        if (stays && port->ops->adopted) port->ops->adopted(port->source);
        if (pipeline->started && !port->begun) port_start(port);
        if (!port->waiting || port->out >= pipeline->batches_a_source) continue;
        port->waiting = false;
        port_look_for_pause(port);
        port->ops->resume(port->source);
    }
}

static void switch_all(struct pipeline *pipeline) {
    struct adoption *adoption = pipeline->adoption;
    const struct snapshot *old = pipeline->options.snapshot;
    pipeline->adoption = NULL;
    switch_sources(pipeline, adoption);
    switch_sinks(pipeline, adoption);
    pipeline->options.snapshot = snapshot_hold(adoption->snapshot);
    query_tally_adopt(&pipeline->tally, adoption->snapshot);
    snapshot_release(old);
    adoption->adopted(adoption->context, true);
    adoption_free(adoption);
    let_go(pipeline);
    pipeline_check_soon(pipeline);
}

void adoption_turn(struct timer *timer) {
    struct pipeline *pipeline = CONTAINER_OF(timer, struct pipeline, turn);
    if (pipeline->adoption == NULL) return;
    for (const struct source_port *port = pipeline->ports; port; port = port->next)
        if (port->first) return; /* its release comes back here */
    switch_all(pipeline);
}

void adoption_cancel(struct pipeline *pipeline, bool tell) {
    struct adoption *adoption = pipeline->adoption;
    if (adoption == NULL) return;
    pipeline->adoption = NULL;
    timer_stop(&pipeline->turn);
    forget_marks(pipeline);
    if (tell) adoption->adopted(adoption->context, false);
    adoption_free(adoption);
}
