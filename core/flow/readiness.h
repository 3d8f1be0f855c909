/* Whether a pipeline takes posts in, and why not: its sources are connected, or have read all, and
 * the spool accepts. On the loop. */
#ifndef FLOW_READINESS_H
#define FLOW_READINESS_H

#include "flow/pipeline.h"

struct unready {
    const char *what;   /* "source", "spool" or "linnet" */
    const char *name;   /* of the source, else "" */
    const char *reason; /* a sentence without a full stop */
};

#define MAX_UNREADY 80

/* Fills `reasons` and returns how many there are; none: it is ready. They are valid until the next
 * turn of the loop. */
size_t pipeline_unready(const struct pipeline *pipeline, struct unready reasons[MAX_UNREADY]);

#endif
