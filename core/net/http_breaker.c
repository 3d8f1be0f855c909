/* net/http_breaker.h */
#include "net/http_breaker.h"
#include "base/compiler.h"
#include "net/backoff.h"

#define NS_PER_MS UINT64_C(1000000)

bool breaker_allows(struct breaker *breaker, uint64_t now_ns) {
    if (breaker->failures < BREAKER_FAILURES) return true;
    if (breaker->trying || now_ns < breaker->until_ns) return false;
    breaker->trying = true;
    return true;
}

void breaker_note(struct breaker *breaker, bool failed, uint64_t now_ns, uint64_t random) {
    breaker->trying = false;
    if (!failed) {
        breaker->failures = 0;
        return;
    }
    breaker->failures += breaker->failures < UINT32_MAX;
    if (breaker->failures < BREAKER_FAILURES) return;
    unsigned attempt = breaker->failures - BREAKER_FAILURES;
    uint64_t rest_ms = backoff_long_wait_ms(attempt, BREAKER_FIRST_MS, BREAKER_REST_MS, random);
    breaker->until_ns = now_ns + rest_ms * NS_PER_MS;
}

void breaker_forget(struct breaker *breaker) { breaker->trying = false; }
