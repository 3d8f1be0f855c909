/* net/backoff.h */
#include "net/backoff.h"
#include "base/compiler.h"

uint64_t backoff_ceiling_ms(unsigned attempt, uint64_t first_ms, uint64_t longest_ms) {
    uint64_t ceiling = first_ms;
    for (unsigned i = 0; i < attempt && ceiling < longest_ms; i++)
        ceiling *= 2;
    return MIN(ceiling, longest_ms);
}

uint64_t backoff_jitter_ms(uint64_t most_ms, uint64_t random) { return random % (most_ms + 1); }

uint64_t backoff_wait_ms(unsigned attempt, uint64_t first_ms, uint64_t longest_ms,
                         uint64_t random) {
    return backoff_jitter_ms(backoff_ceiling_ms(attempt, first_ms, longest_ms), random);
}

uint64_t backoff_long_wait_ms(unsigned attempt, uint64_t first_ms, uint64_t longest_ms,
                              uint64_t random) {
    uint64_t half_ms = backoff_ceiling_ms(attempt, first_ms, longest_ms) / 2;
    return half_ms + backoff_jitter_ms(half_ms, random);
}
