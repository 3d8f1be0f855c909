/* Where a signed request may go. Pure. */
#ifndef AWS_ORIGIN_H
#define AWS_ORIGIN_H

#include "base/compiler.h"
#include "base/error.h"

struct origin {
    struct slice scheme; /* "https" or "http" */
    struct slice host;   /* as the header Host has it: without a port that is the scheme's own */
};

/* Reads "https://host[:port]". Refuses what would show keys or requests to others: http, but to
 * this machine; addresses of the link alone, where metadata services are. What the operator
 * configured himself, `configured` (NULL: nothing), is refused for none of this. */
bool origin_read(struct slice text, const char *configured, struct origin *origin,
                 struct error *err) MUST_CHECK;

#endif
