/* aws/renewal.h */
#include "aws/renewal.h"
#include "base/date.h"
#include "net/backoff.h"

#define NS_PER_MS UINT64_C(1000000)
#define RETRY_MS 60000
#define OLD_MS (UINT64_C(10) * 60 * 1000)
#define OLD_MORE_MS (UINT64_C(10) * 60 * 1000)

bool renewal_settle(struct key_set *keys, int64_t now_ms, uint64_t now_ns, bool may_be_old,
                    uint64_t random, struct error *err) {
    int64_t left_ms = keys->expires_ms - now_ms;
    keys->until_ns = keys->renew_ns = KEYS_FOREVER;
    if (keys->expires_ms == 0) return true;
    if (left_ms > 0) {
        int64_t early_ms = MIN(RENEWAL_EARLY_MS, left_ms / 2);
        uint64_t spread_ms = backoff_jitter_ms((uint64_t)early_ms / 8, random);
        keys->until_ns = now_ns + (uint64_t)left_ms * NS_PER_MS;
        keys->renew_ns = keys->until_ns - ((uint64_t)early_ms + spread_ms) * NS_PER_MS;
        return true;
    }
    if (may_be_old) {
        keys->renew_ns = now_ns + (OLD_MS + backoff_jitter_ms(OLD_MORE_MS, random)) * NS_PER_MS;
        return true;
    }
    char date[DATE_BYTES];
    date_write(keys->expires_ms, date);
    return error_set(err, ERROR_FAILED, "keys of %s have expired, at %s", keys->source, date);
}

enum renewal renewal_of(const struct key_set *keys, uint64_t now_ns, uint64_t retry_ns) {
    if (keys == NULL || now_ns >= keys->until_ns) return RENEWAL_DUE;
    return now_ns >= keys->renew_ns && now_ns >= retry_ns ? RENEWAL_EARLY : RENEWAL_NONE;
}

uint64_t renewal_retry_ns(uint64_t now_ns, uint64_t random) {
    return now_ns + (RETRY_MS / 2 + backoff_jitter_ms(RETRY_MS, random)) * NS_PER_MS;
}
