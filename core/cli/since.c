/* cli/since.h */
#include "cli/since.h"
#include "base/date.h"
#include "config/option.h"

bool since_read(const char *text, int64_t now_ms, int64_t *ms) {
    int64_t ago_ms;
    if (date_read_iso(slice_of(text), ms)) return true;
    if (!parse_duration(slice_of(text), &ago_ms) || ago_ms > now_ms) return false;
    *ms = now_ms - ago_ms;
    return true;
}
