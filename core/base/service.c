/* base/service.h on libsystemd, when the Makefile found it. */
#include "base/service.h"
#include "base/os.h"
#ifdef LINNET_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#ifdef LINNET_SYSTEMD

const bool service_known = true;

bool service_listens(void) { return os_environment("NOTIFY_SOCKET") != NULL; }

uint64_t service_watchdog_ms(void) {
    uint64_t interval_us = 0;
    return sd_watchdog_enabled(0, &interval_us) > 0 ? interval_us / 1000 : 0;
}

/* Nothing depends on its being heard. */
void service_tell(const char *lines) { (void)sd_notify(0, lines); }

#else

const bool service_known = false;

bool service_listens(void) { return false; }
uint64_t service_watchdog_ms(void) { return 0; }
void service_tell(const char *lines) { (void)lines; }

#endif
