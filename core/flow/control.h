/* The control socket STATE/control.sock of a running linnet: `linnet status`, `linnet reload`,
 * `linnet spool forget`, `linnet forget`.
 *
 * On the loop thread. A request is one line of JSON, {"verb":"status"}, {"verb":"reload"},
 * {"verb":"forget","name":SINK} or {"verb":"forget","posts":[{"network":…,"id":…},…]}; so is the
 * answer. */
#ifndef FLOW_CONTROL_H
#define FLOW_CONTROL_H

#include "flow/reload.h"

#define CONTROL_SOCKET "control.sock"

struct control;

struct control_options {
    struct loop *loop;
    struct pipeline *pipeline;
    struct reloader *reloader;
    const char *folder; /* of the state, copied; made when it is missing */
    const char *config; /* path of the configuration; it and the version outlive the control */
    const char *version;
};

/* NULL with *err when the folder cannot be made or another linnet holds it. */
struct control *control_create(const struct control_options *options, struct error *err) MUST_CHECK;
/* Before reloader_destroy. Who waits for a reload gets no answer. */
void control_destroy(struct control *control);

#endif
