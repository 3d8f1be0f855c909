/* base/clock.h on POSIX clocks and getrandom(2). */
#include "base/clock.h"
#include <sys/random.h>
#include <time.h>

static uint64_t clock_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t clock_monotonic_ns(void) { return clock_ns(CLOCK_MONOTONIC); }

uint64_t clock_boot_ns(void) { return clock_ns(CLOCK_BOOTTIME); }

int64_t clock_wall_ms(void) { return (int64_t)(clock_ns(CLOCK_REALTIME) / 1000000u); }

uint64_t clock_cpu_ns(void) { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }

uint64_t clock_thread_ns(void) { return clock_ns(CLOCK_THREAD_CPUTIME_ID); }

uint64_t random_bits(void) {
    uint64_t bits;
    /* Fails only before the system's pool is ready or where the call is forbidden. */
    if (getrandom(&bits, sizeof bits, 0) != sizeof bits)
        bits = clock_ns(CLOCK_REALTIME) * 0x9e3779b97f4a7c15u;
    return bits;
}
