/* Signing a request as OAuth 1.0a does (RFC 5849; X: "Creating a signature"): HMAC-SHA1 over the
 * method, the address and all parameters, those of the query and those of a form. Pure. */
#ifndef NET_OAUTH1_H
#define NET_OAUTH1_H

#include "base/arena.h"
#include <stdint.h>

struct oauth1_keys {
    struct slice consumer_key, consumer_secret, token, token_secret;
};

struct oauth1_field {
    struct slice name, value;
};

struct oauth1_request {
    const char *method; /* upper case */
    struct slice url;   /* without query and fragment; scheme and host in lower case */
    const struct oauth1_field *fields; /* of the query and the form, as they are, not encoded */
    size_t field_count;
    struct slice nonce; /* letters and digits, another one for each request */
    int64_t time_s;     /* since 1970 UTC */
};

/* The value of the header Authorization, in the arena. */
struct slice oauth1_authorization(const struct oauth1_request *request,
                                  const struct oauth1_keys *keys, struct arena *arena);

#endif
