/* Dates of HTTP headers (RFC 9110, 5.6.7). Pure. */
#ifndef NET_HTTP_DATE_H
#define NET_HTTP_DATE_H

#include "base/compiler.h"
#include "base/slice.h"
#include <stdint.h>

/* Milliseconds since 1970 UTC; false when it is no date. */
bool http_date_read(struct slice value, int64_t *ms) MUST_CHECK;

#endif
