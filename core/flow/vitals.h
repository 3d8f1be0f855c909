/* What a running linnet knows of itself at one moment: what the control socket, HTTP and whatever
 * else shows it read. On the loop. */
#ifndef FLOW_VITALS_H
#define FLOW_VITALS_H

#include "flow/readiness.h"
#include "flow/reload.h"
#include "script/counters.h"

/* A running linnet, as its faces share it; it outlives them. */
struct instance {
    struct loop *loop;
    struct pipeline *pipeline;
    struct reloader *reloader;
    const char *config; /* path of the configuration */
    const char *version;
    int64_t started_ms;
    uint64_t started_ns;
    /* Where it answers HTTP ("127.0.0.1:7711"; "": nowhere), and why not there; "" when it does. */
    char http[80], http_trouble[160];
};

struct vitals {
    double uptime_s;
    const struct reload_status *reload;
    struct pipeline_sums sums;
    struct unready unready[MAX_UNREADY];
    size_t unready_count;
    struct script_counter counters[MAX_COUNTERS];
    size_t counter_count;
};

/* Valid until the next turn of the loop, or the next call. */
void vitals_take(const struct instance *instance, struct vitals *vitals);

#endif
