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
