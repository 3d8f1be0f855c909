/* The service manager that started linnet, when one did: systemd's notifications, sd_notify(3).
 *
 * A build without libsystemd tells nobody anything. */
#ifndef BASE_SERVICE_H
#define BASE_SERVICE_H

#include "base/compiler.h"
#include <stdbool.h>
#include <stdint.h>

/* Whether this build speaks to systemd. */
extern const bool service_known;

/* Whether somebody listens ($NOTIFY_SOCKET). */
bool service_listens(void) MUST_CHECK;
/* How often the manager wants to hear WATCHDOG=1 of this process, in milliseconds; 0: never. */
uint64_t service_watchdog_ms(void) MUST_CHECK;
/* Lines NAME=VALUE, as sd_notify(3) defines them. */
void service_tell(const char *lines);

#endif
