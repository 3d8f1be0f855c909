/* Percent-encoding after RFC 3986: every byte but A-Z a-z 0-9 - _ . ~ becomes %XX, in upper case.
 */
#ifndef NET_URI_H
#define NET_URI_H

#include "base/arena.h"
#include <stdbool.h>
#include <stdint.h>

/* At most three bytes for one, written to `out`; returns their number. `keep_slash`: for a path. */
size_t uri_write(struct slice text, bool keep_slash, char *out);
/* The same into an arena. */
struct slice uri_encode(struct slice text, bool keep_slash, struct arena *arena);
/* %XX becomes its byte; what is no such escape stays. */
struct slice uri_decode(struct slice text, struct arena *arena);

#endif
