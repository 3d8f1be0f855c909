/* Signs requests for AWS: Signature Version 4, in headers or in the query.
 *
 * Source: "Signing AWS API requests" of the IAM user guide and "Authenticating Requests" of the S3
 * API reference. Pure: the clock, the keys and the hash of the payload come from the caller. One
 * thread at a time. */
#ifndef AWS_SIGV4_H
#define AWS_SIGV4_H

#include "base/arena.h"
#include "base/compiler.h"
#include "net/http_field.h"
#include <stdint.h>

struct aws_keys {
    struct slice access, secret;
    struct slice token; /* of temporary keys; empty: none */
};

/* Instead of a hash of the payload. */
#define SIGV4_UNSIGNED "UNSIGNED-PAYLOAD"
/* The hash of no payload. */
#define SIGV4_EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct sigv4_request {
    struct slice method;
    struct slice path; /* as it goes over the wire: encoded once, from "/" */
    const struct http_field *query;
    size_t query_count;
    /* "host" must be among the headers. A name may come twice. What proxies and libraries change
     * (user-agent, expect, connection, ...) is not signed. */
    const struct http_field *headers;
    size_t header_count;
    struct slice payload; /* SHA-256 of the body in hex, or SIGV4_UNSIGNED */
};

/* All in the caller's arena. */
struct sigv4_signed {
    struct slice
        query; /* for the wire, without '?'; with the signature when that is in the query */
    /* To be sent beside the request's own: x-amz-date, authorization, and what else was signed. */
    struct http_field headers[4];
    size_t header_count;
    struct slice canonical, to_sign, signature; /* on the way */
};

struct sigv4_signer;

/* How services differ. */
enum {
    SIGV4_PATH_AS_IS = 1,     /* else encoded twice, without dot segments and double slashes */
    SIGV4_PAYLOAD_HEADER = 2, /* wants x-amz-content-sha256 */
    SIGV4_S3 = SIGV4_PATH_AS_IS | SIGV4_PAYLOAD_HEADER
};
/* `service`: "s3", "es", "firehose", ... */
struct sigv4_signer *sigv4_signer_create(struct slice region, struct slice service,
                                         unsigned style) MUST_CHECK;
void sigv4_signer_destroy(struct sigv4_signer *signer);

void sigv4_sign(struct sigv4_signer *signer, const struct sigv4_request *request,
                const struct aws_keys *keys, int64_t now_ms, struct arena *arena,
                struct sigv4_signed *out);
/* For a URL that works without other headers than the request's, for `expires_s` seconds. */
void sigv4_presign(struct sigv4_signer *signer, const struct sigv4_request *request,
                   const struct aws_keys *keys, int64_t now_ms, uint32_t expires_s,
                   struct arena *arena, struct sigv4_signed *out);

#endif
