/* How long a server asks its clients to stay away. Pure. */
#ifndef NET_RETRY_AFTER_H
#define NET_RETRY_AFTER_H

#include "base/slice.h"
#include <stdint.h>

/* What a header Retry-After (RFC 9110, 10.2.3: seconds, or an HTTP date) asks for at `now_ms` of
 * the wall clock: 0 for one that lies in the past or cannot be read, at most `longest_ms`. */
uint64_t retry_after_ms(struct slice value, int64_t now_ms, uint64_t longest_ms);

#endif
