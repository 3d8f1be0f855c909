/* net/backoff.h */
#include "net/backoff.h"
#include "base/compiler.h"
#include <curl/curl.h>
#include <string.h>

uint64_t backoff_ceiling_ms(unsigned attempt, uint64_t first_ms, uint64_t longest_ms) {
    uint64_t ceiling = first_ms;
    for (unsigned i = 0; i < attempt && ceiling < longest_ms; i++)
        ceiling *= 2;
    return MIN(ceiling, longest_ms);
}

uint64_t backoff_jitter_ms(uint64_t most_ms, uint64_t random) { return random % (most_ms + 1); }

/* False: it is no number of seconds. One too large for any purpose stays large. */
static bool read_seconds(struct slice value, uint64_t *seconds) {
    *seconds = 0;
    for (size_t i = 0; i < value.length; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') return false;
        if (*seconds < UINT32_MAX) *seconds = *seconds * 10 + (uint64_t)(value.data[i] - '0');
    }
    return value.length > 0;
}

uint64_t retry_after_ms(struct slice value, int64_t now_ms, uint64_t longest_ms) {
    uint64_t seconds;
    char date[64];
    value = slice_trim(value);
    if (read_seconds(value, &seconds)) return MIN(seconds * 1000, longest_ms);
    if (value.length == 0 || value.length >= sizeof date) return 0;
    memcpy(date, value.data, value.length);
    date[value.length] = '\0';
    int64_t when_ms = (int64_t)curl_getdate(date, NULL) * 1000;
    return when_ms <= now_ms ? 0 : MIN((uint64_t)(when_ms - now_ms), longest_ms);
}
