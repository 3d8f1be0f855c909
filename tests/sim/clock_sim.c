/* base/clock.h: time goes on only when the loop lets it; chance is the seed's. */
#include "base/clock.h"
#include "world.h"

uint64_t clock_monotonic_ns(void) { return world->now_ns; }

uint64_t clock_boot_ns(void) { return world->now_ns; }

int64_t clock_wall_ms(void) { return world->wall_ms + (int64_t)(world->now_ns / 1000000); }

/* Work takes no time: nothing is ever late for having worked. */
uint64_t clock_cpu_ns(void) { return 0; }
uint64_t clock_thread_ns(void) { return 0; }

uint64_t random_bits(void) { return draw(UINT64_MAX); }
