/* flow/readiness.h */
#include "flow/readiness.h"
#include "base/clock.h"
#include "flow/pipeline_internal.h"

/* A disk that takes longer than this for one write is not there. */
#define STALLED_NS UINT64_C(5000000000)

static const char *port_trouble(const struct source_port *port) {
    if (port->failed) return "it could not be read to its end";
    if (port->finished) return NULL;
    if (!port->begun) return "it has not started";
    return port->ops->trouble ? port->ops->trouble(port->source) : NULL;
}

static const char *spool_trouble(const struct pipeline *pipeline) {
    bool waiting = false;
    if (!pipeline->spooled) return NULL;
    (void)log_spool_bytes(pipeline->log, &waiting);
    if (waiting) return "it is full: sources wait for room";
    uint64_t since_ns = log_spool_writing_since(pipeline->log);
    bool stalled = since_ns && clock_monotonic_ns() - since_ns > STALLED_NS;
    return stalled ? "the disk has not answered for over 5 seconds" : NULL;
}

static void add(struct unready *reasons, size_t *count, const char *what, const char *name,
                const char *reason) {
    if (reason && *count < MAX_UNREADY)
        reasons[(*count)++] = (struct unready){ what, name, reason };
}

size_t pipeline_unready(const struct pipeline *pipeline, struct unready reasons[MAX_UNREADY]) {
    size_t count = 0;
    if (pipeline->broken) add(reasons, &count, "linnet", "", "a sink takes no more");
    if (pipeline->stopping || pipeline->ended) add(reasons, &count, "linnet", "", "it is stopping");
    for (const struct source_port *port = pipeline->ports; port; port = port->next)
        if (!port->leaving) add(reasons, &count, "source", port->state->name, port_trouble(port));
    add(reasons, &count, "spool", "", spool_trouble(pipeline));
    return count;
}
