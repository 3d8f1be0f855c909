/* Instants as milliseconds since 1970 UTC, and the ways networks write them. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "base/compiler.h"
#include "base/slice.h"
#include <stdbool.h>
#include <stdint.h>

#define DATE_BYTES 32

/* "2018-10-10T20:19:24.000Z" and a NUL; years are clipped to 0000 … 9999. Returns the length, 24.
 */
size_t date_write(int64_t ms, char out[DATE_BYTES]);
/* ISO 8601 / RFC 3339: date, or date "T" time with optional fraction and "Z" or an offset; a bare
 * time is UTC. */
bool date_read_iso(struct slice text, int64_t *ms) MUST_CHECK;
/* "Wed Oct 10 20:19:24 +0000 2018", as X v1.1 writes created_at. */
bool date_read_x1(struct slice text, int64_t *ms) MUST_CHECK;
/* A whole number of milliseconds, within the years 0000 … 9999. */
bool date_read_epoch_ms(struct slice text, int64_t *ms) MUST_CHECK;

#endif
