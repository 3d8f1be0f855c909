/* HTTP requests on the loop: bytes out, bytes in, over a pool of connections (HTTP/1.1, and 2 where
 * TLS offers it). What a reply means, and whether to ask again, is its caller's matter.
 *
 * On the loop thread; nothing here blocks it. Certificates are verified, names looked up by a
 * thread of libcurl's, the proxy is the environment's (http_proxy, https_proxy, no_proxy).
 * Redirects are replies like others and never followed: what a request carries is for the host it
 * named. A host that keeps failing is left alone for a while, see http_breaker.h. */
#ifndef NET_HTTP_CLIENT_H
#define NET_HTTP_CLIENT_H

#include "base/error.h"
#include "net/http_field.h"
#include "net/loop.h"

struct http_client;
struct http_call; /* one request that is under way */
struct http_reply;

enum http_outcome {
    HTTP_REPLIED,     /* whole, whatever its status says */
    HTTP_UNREACHABLE, /* nothing reached the server: no address, no connection, TLS refused */
    HTTP_CUT,         /* the server may have done it: no reply in time, or a part of it */
    HTTP_TOO_LONG,    /* the reply passes what was asked for at most */
    HTTP_RESTING,     /* the host failed too often lately, nothing was sent */
};

struct http_ask {
    const char *method;
    const char *url; /* as it goes over the wire, nothing is encoded or made shorter */
    const struct http_field *headers;
    size_t header_count;
    struct slice body;   /* must stay until the reply */
    uint32_t connect_ms; /* until there is a connection; 0: 10 s */
    uint32_t stall_ms;   /* without a byte in either direction; 0: 30 s */
    uint32_t total_ms;   /* for all of it; 0: no limit */
    size_t most_bytes;   /* of the reply's body */
    bool direct;         /* past any proxy: services of the link's own */
    bool compressed;     /* the reply may come compressed; pieces and body are what it was before */
    bool alone; /* its caller has a ladder of its own: the host's failures are not counted */
    /* Optional: the head of a reply with status 2xx is there, its body may take long to come. */
    void (*headed)(void *context, struct http_call *call);
    /* Optional: the body of a reply with status 2xx piece by piece, and not in the reply. False
     * cuts the request off. */
    bool (*piece)(void *context, struct slice bytes);
    /* Optional, asked before each piece: true when there is no room for it. Then the server is left
     * waiting, for as long as it likes, until http_call_go_on. */
    bool (*full)(void *context);
    /* Once, unless it is cancelled. The reply is valid during the call. */
    void (*replied)(void *context, const struct http_reply *reply);
    void *context;
};

struct http_reply {
    enum http_outcome outcome;
    int status; /* HTTP_REPLIED only */
    struct slice body;
    const char *reason; /* one sentence for people when there is no whole reply */
    struct http_call *call;
};

/* `ca_file`: PEM, instead of the system's; NULL: those. Hosts are given no more than `connections`
 * at a time. NULL with *err. */
struct http_client *http_client_create(struct loop *loop, const char *ca_file, unsigned connections,
                                       struct error *err) MUST_CHECK;
/* Cancels what is under way. */
void http_client_destroy(struct http_client *client);
/* Never answers before it returns. All but the body is copied. */
struct http_call *http_call_start(struct http_client *client, const struct http_ask *ask);
/* `replied` is not called any more; the server may do what it was asked all the same. */
void http_call_cancel(struct http_call *call);
/* There is room again. Pieces may come before it returns. */
void http_call_go_on(struct http_call *call);
/* From `headed`, or the first piece, on. */
int http_call_status(const struct http_call *call);
/* The first header of this name in the reply; data NULL when there is none. */
struct slice http_reply_header(const struct http_reply *reply, const char *name);
/* The same of a call, from `headed` on. */
struct slice http_call_header(const struct http_call *call, const char *name);

#endif
