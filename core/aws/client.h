/* Requests to AWS, and to what speaks like it: keys, signature, one reply. On the loop thread;
 * nothing here blocks it.
 *
 * A request waits for keys (aws/credentials.h), is signed (aws/sigv4.h) and sent
 * (net/http_client.h). It is sent once more, by itself, when the reply shows that the clock of this
 * machine is wrong, or that the keys were refused and others are found. Everything else is the
 * caller's: what a reply means, and whether to ask again. Redirects are replies. A signed request
 * goes over TLS only, but to this machine itself and to an endpoint that the operator wrote with
 * "http://". */
#ifndef AWS_CLIENT_H
#define AWS_CLIENT_H

#include "aws/credentials.h"
#include "aws/sigv4.h"
#include "net/http_client.h"

struct aws_client;
struct aws_call; /* one request that waits or is under way */

struct aws_client_options {
    const char *profile;  /* NULL: AWS_PROFILE, else "default" */
    const char *region;   /* NULL: the environment's, the profile's, the metadata service's */
    const char *endpoint; /* as configured, "https://host[:port]"; NULL: none */
    const char *ca_file;  /* PEM, instead of the system's; NULL: AWS_CA_BUNDLE, else those */
    unsigned connections; /* to one host at a time */
    unsigned threads;     /* for what blocks: 1, or 0 when all work is on the loop */
    bool anonymous;       /* nothing is signed */
};

/* All texts are copied. NULL with *err. */
struct aws_client *aws_client_create(struct loop *loop, const struct aws_client_options *options,
                                     struct error *err) MUST_CHECK;
/* Cancels what waits or is under way. Not within a callback of the client's. */
void aws_client_destroy(struct aws_client *client);

/* Where to ask, which may have to be asked for itself: `wait->ready` is called once, later; see
 * struct place_wait. */
void aws_client_place(struct aws_client *client, struct place_wait *wait);
/* From then on. NULL: nothing names one. */
const char *aws_client_region(const struct aws_client *client);
/* "https://host[:port]" for a service ("s3"): configured, AWS_ENDPOINT_URL_S3's,
 * AWS_ENDPOINT_URL's, the profile's; NULL: AWS's own. */
const char *aws_client_endpoint(const struct aws_client *client, const char *service);

struct aws_reply {
    bool keyless;              /* there are no keys: nothing was sent */
    enum http_outcome outcome; /* HTTP_UNREACHABLE when nothing was sent */
    int status;                /* HTTP_REPLIED only */
    struct slice body;
    const char *reason;            /* one sentence for people when there is no whole reply */
    const struct http_reply *http; /* for http_reply_header; NULL when nothing was sent */
    struct aws_call *call;
};
/* data NULL when there is none. */
struct slice aws_reply_header(const struct aws_reply *reply, const char *name);

struct aws_ask {
    const char *method;
    struct slice origin;            /* "https://host" or "https://host:port" */
    struct slice path;              /* as it goes over the wire: encoded once, from "/" */
    const struct http_field *query; /* not encoded */
    size_t query_count;
    const struct http_field *headers; /* without host, and what signing adds */
    size_t header_count;
    struct slice body;         /* must stay until the reply; all else is copied */
    struct slice payload_hash; /* SHA-256 of the body in hex, or SIGV4_UNSIGNED; empty: made here */
    struct slice service;      /* "s3", "es", "firehose", ... */
    struct slice region;       /* empty: the client's */
    unsigned style;            /* SIGV4_S3, or 0 */
    uint32_t stall_ms, total_ms; /* see struct http_ask */
    size_t most_bytes;           /* of the reply's body */
    /* See struct http_ask. */
    bool (*piece)(void *context, struct slice bytes);
    bool (*full)(void *context);
    /* Once, unless it is cancelled. The reply is valid during the call. */
    void (*replied)(void *context, const struct aws_reply *reply);
    void *context;
};

/* Never answers before it returns. */
struct aws_call *aws_call_start(struct aws_client *client, const struct aws_ask *ask);
/* `replied` is not called any more; not within it. */
void aws_call_cancel(struct aws_call *call);
/* There is room again. Pieces may come before it returns. */
void aws_call_go_on(struct aws_call *call);
/* Of the reply, from the first piece on. */
int aws_call_status(const struct aws_call *call);
struct slice aws_call_header(const struct aws_call *call, const char *name);

#endif
