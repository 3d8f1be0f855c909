/* net/ladder.h */
#include "net/ladder.h"
#include "base/compiler.h"

#define NETWORK_STEP_MS 250
#define NETWORK_LONGEST_MS 16000
#define SERVER_FIRST_MS 5000
#define SERVER_LONGEST_MS 320000
#define RATE_FIRST_MS 60000

static uint64_t doubled(uint32_t *wait_ms, uint32_t first_ms, uint32_t longest_ms) {
    *wait_ms = *wait_ms ? MIN(*wait_ms, longest_ms / 2) * 2 : first_ms;
    if (*wait_ms < first_ms) *wait_ms = first_ms;
    return *wait_ms;
}

uint64_t ladder_fail(struct ladder *ladder, enum ladder_failure failure) {
    if (failure == LADDER_DROP && ladder->drops++ == 0) return 0;
    switch (failure) {
    case LADDER_SERVER: return doubled(&ladder->server_ms, SERVER_FIRST_MS, SERVER_LONGEST_MS);
    case LADDER_RATE: return doubled(&ladder->server_ms, RATE_FIRST_MS, LADDER_LONGEST_MS);
    default: break;
    }
    ladder->network_ms = MIN(ladder->network_ms, (uint32_t)NETWORK_LONGEST_MS) + NETWORK_STEP_MS;
    ladder->network_ms = MIN(ladder->network_ms, (uint32_t)NETWORK_LONGEST_MS);
    return ladder->network_ms;
}
