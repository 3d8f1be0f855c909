/* When a range of time begins, as people type it. */
#ifndef CLI_SINCE_H
#define CLI_SINCE_H

#include "base/compiler.h"
#include <stdbool.h>
#include <stdint.h>

/* "24h", "90m", "7d" before now, or a date or instant as ISO 8601; in milliseconds since 1970 UTC.
 */
bool since_read(const char *text, int64_t now_ms, int64_t *ms) MUST_CHECK;

#endif
