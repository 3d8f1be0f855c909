/* Names a script that is stuck: the limits end every call within 100 ms, so one that runs for
 * seconds is a mistake of linnet's own, and its worker stands still. On the loop. */
#ifndef FLOW_WATCHDOG_H
#define FLOW_WATCHDOG_H

#include "base/histogram.h"
#include "flow/process.h"
#include "net/loop.h"

struct watchdog;

/* Looks at the processors once a second, and does not judge after a look that came late; they and
 * the array outlive it. */
struct watchdog *watchdog_create(struct loop *loop, struct processor *const *processors,
                                 unsigned count) MUST_CHECK;
void watchdog_destroy(struct watchdog *watchdog);
/* How late the loop came to each of its looks. */
const struct histogram *watchdog_lag(const struct watchdog *watchdog);

#endif
