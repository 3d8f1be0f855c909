/* How long to wait before trying again: full jitter (M. Brooker, "Exponential Backoff And Jitter",
 * 2015). Pure. */
#ifndef NET_BACKOFF_H
#define NET_BACKOFF_H

#include "base/slice.h"
#include <stdint.h>

/* The longest wait before try `attempt` (from 0): `first_ms`, doubled each time up to `longest_ms`.
 */
uint64_t backoff_ceiling_ms(unsigned attempt, uint64_t first_ms, uint64_t longest_ms);
/* From 0 to `most_ms`, both of them, as `random` bits say. */
uint64_t backoff_jitter_ms(uint64_t most_ms, uint64_t random);
/* The wait before try `attempt`: from 0 to its ceiling. */
uint64_t backoff_wait_ms(unsigned attempt, uint64_t first_ms, uint64_t longest_ms, uint64_t random);
/* From half of its ceiling on: for what must not be asked again at once. */
uint64_t backoff_long_wait_ms(unsigned attempt, uint64_t first_ms, uint64_t longest_ms,
                              uint64_t random);

#endif
