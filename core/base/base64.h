/* Base64 (RFC 4648, with padding), as HTTP and AWS want bytes in text. Pure. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/slice.h"

static inline size_t base64_bytes(size_t bytes) { return (bytes + 2) / 3 * 4; }
/* Writes base64_bytes(bytes.length) and a NUL behind them; returns their number. */
size_t base64_write(struct slice bytes, char *out);

#endif
