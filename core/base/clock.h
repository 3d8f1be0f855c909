/* Time and randomness; nothing else asks the system for them. Any thread. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Nanoseconds that only go forward, since an arbitrary start. */
uint64_t clock_monotonic_ns(void);
/* The same, and it goes on while the machine is suspended. */
uint64_t clock_boot_ns(void);
/* Milliseconds since 1970 UTC; may jump. */
int64_t clock_wall_ms(void);
/* CPU time of the whole process so far, user and system, in nanoseconds. */
uint64_t clock_cpu_ns(void);
/* CPU time of the calling thread so far. */
uint64_t clock_thread_ns(void);
/* Unpredictable bits. */
uint64_t random_bits(void);

#endif
