/* The control socket STATE/control.sock of a running linnet: `linnet status`, `linnet reload`,
 * `linnet spool forget`, `linnet forget`, `linnet tap`.
 *
 * On the loop thread. A request is one line of JSON, {"verb":"status"}, {"verb":"reload"},
 * {"verb":"forget","name":SINK}, {"verb":"forget","posts":[{"network":…,"id":…},…]} or
 * {"verb":"tap","query":QUERY}; so is the answer, and each line of a tap's (flow/tap.h). */
#ifndef FLOW_CONTROL_H
#define FLOW_CONTROL_H

#include "flow/vitals.h"

#define CONTROL_SOCKET "control.sock"

struct control;

/* `folder` is that of the state, copied, and made when it is missing; `instance` outlives the
 * control. NULL with *err when the folder cannot be made or another linnet holds it. */
struct control *control_create(const struct instance *instance, const char *folder,
                               struct error *err) MUST_CHECK;
/* Before reloader_destroy. Who waits for a reload gets no answer. */
void control_destroy(struct control *control);

#endif
