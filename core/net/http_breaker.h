/* Leaves a host alone that keeps failing, so that many who ask for it do not hammer it.
 *
 * After BREAKER_FAILURES in a row a host rests, each time longer, up to BREAKER_REST_MS; then one
 * request may try, and what becomes of it decides. Pure: time comes from the caller. */
#ifndef NET_HTTP_BREAKER_H
#define NET_HTTP_BREAKER_H

#include "base/slice.h"
#include <stdint.h>

#define BREAKER_FAILURES 5
#define BREAKER_FIRST_MS 500
#define BREAKER_REST_MS 30000

struct breaker {
    unsigned failures; /* in a row */
    uint64_t until_ns; /* resting */
    bool trying;       /* one request finds out */
};

/* Whether a request may go out now. */
bool breaker_allows(struct breaker *breaker, uint64_t now_ns);
/* What became of one: `failed` when the host could not be reached, or answered 5xx. `random`: any
 * bits, which spread the moments at which hosts are tried again. */
void breaker_note(struct breaker *breaker, bool failed, uint64_t now_ns, uint64_t random);
/* One that was allowed ended without telling anything of the host. */
void breaker_forget(struct breaker *breaker);

#endif
