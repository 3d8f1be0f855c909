/* net/retry_after.h */
#include "net/retry_after.h"
#include "base/compiler.h"
#include "net/http_date.h"

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
    int64_t when_ms;
    value = slice_trim(value);
    if (read_seconds(value, &seconds)) return MIN(seconds * 1000, longest_ms);
    if (!http_date_read(value, &when_ms) || when_ms <= now_ms) return 0;
    return MIN((uint64_t)(when_ms - now_ms), longest_ms);
}
