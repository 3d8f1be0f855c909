/* config/moment.h */
#include "config/moment.h"
#include "base/date.h"
#include "config/option.h"
#include <string.h>

static bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

/* Bytes of `text` that are as in a date and time; what follows them is wrong, or a zone. */
static size_t date_part(struct slice text) {
    static const char shape[] = "0000-00-00T00:00:00";
    size_t at = 0;
    for (; at < text.length && shape[at]; at++) {
        bool separates = shape[at] == 'T' && (text.data[at] == 't' || text.data[at] == ' ');
        bool same = shape[at] == '0' ? is_digit(text.data[at]) : text.data[at] == shape[at];
        if (!same && !separates) break;
    }
    return at;
}

static bool read_date(struct slice text, int64_t *ms) {
    char whole[64];
    size_t minutes = sizeof "0000-00-00T00:00" - 1;
    if (date_read_iso(text, ms)) return true;
    if (date_part(text) != minutes || text.length + 3 > sizeof whole) return false;
    memcpy(whole, text.data, minutes);
    memcpy(whole + minutes, ":00", 3);
    memcpy(whole + minutes + 3, text.data + minutes, text.length - minutes);
    return date_read_iso(slice_from(whole, text.length + 3), ms);
}

/* Where a reader would point to: behind what could be the beginning of either. */
static size_t wrong_byte(struct slice text) {
    size_t digits = 0, date = date_part(text);
    while (digits < text.length && (is_digit(text.data[digits]) || text.data[digits] == '.'))
        digits++;
    return date > digits && date < text.length ? date : date > digits ? 0 : digits;
}

bool moment_read(const char *name, const char *text, int64_t now_ms, int64_t *ms,
                 struct error *err) {
    struct slice typed = slice_of(text);
    int64_t length;
    if (read_date(typed, ms)) return true;
    /* A bare number could be seconds, days or a year. */
    bool bare = typed.length && is_digit(typed.data[typed.length - 1]);
    if (!bare && parse_duration(typed, &length)) {
        *ms = now_ms - MIN(length, now_ms);
        return true;
    }
    error_set(err, ERROR_USAGE, "\"%.60s\" is no time", text);
    error_suggest(err, "for example 15m, 24h, 7d, 2026-11-26 or 2026-11-26T18:00");
    error_locate(err, name, typed, wrong_byte(typed));
    return false;
}

bool span_read(const char *since, const char *until, int64_t now_ms, struct span *span,
               struct error *err) {
    *span = (struct span){ MOMENT_FIRST, MOMENT_LAST };
    if (since && !moment_read("--since", since, now_ms, &span->since_ms, err)) return false;
    if (until && !moment_read("--until", until, now_ms, &span->until_ms, err)) return false;
    return span->since_ms < span->until_ms ||
           error_set(err, ERROR_USAGE, "--since %.60s is not before --until %.60s", since, until);
}
