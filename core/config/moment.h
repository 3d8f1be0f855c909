/* Instants as people type them: `--since 24h`, `--until 2026-11-26T18:00`. */
#ifndef CONFIG_MOMENT_H
#define CONFIG_MOMENT_H

#include "base/error.h"
#include <stdint.h>

/* What nobody said. */
#define MOMENT_FIRST INT64_MIN
#define MOMENT_LAST INT64_MAX

/* From `since` up to, but not with, `until`: milliseconds since 1970 UTC. */
struct span {
    int64_t since_ms, until_ms;
};

/* A duration before `now_ms` ("15m", "24h", "7d"), or a date or an instant of ISO 8601 (UTC unless
 * it says otherwise; seconds may be left out). The error is of kind ERROR_USAGE and shows the place
 * in `text` under `name`, which is what it was given for. */
bool moment_read(const char *name, const char *text, int64_t now_ms, int64_t *ms,
                 struct error *err) MUST_CHECK;
/* Both ends; a text that is NULL leaves its end open. */
bool span_read(const char *since, const char *until, int64_t now_ms, struct span *span,
               struct error *err) MUST_CHECK;

#endif
