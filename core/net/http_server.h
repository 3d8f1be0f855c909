/* HTTP/1.1 on the loop: whole requests in, answers out. What they mean is its service's matter.
 *
 * On the loop thread, without one of its own. HTTP_CLIENTS connections are served at a time, so
 * many as HTTP_REFUSED more are told 503, and further ones wait in the listener's queue. A client
 * that has not sent its whole request HTTP_PATIENCE_MS after it came or was answered is cut off, as
 * is one that has not read its answer HTTP_READING_MS after it was given. */
#ifndef NET_HTTP_SERVER_H
#define NET_HTTP_SERVER_H

#include "base/error.h"
#include "net/address.h"
#include "net/loop.h"

#define HTTP_CLIENTS 64
#define HTTP_REFUSED 192
#define HTTP_PATIENCE_MS 10000
#define HTTP_REFUSED_PATIENCE_MS 2000
#define HTTP_READING_MS 30000
#define HTTP_HEAD_BYTES 16384           /* of a request; longer ones get 431 or 414 */
#define HTTP_BODY_BYTES ((size_t)65536) /* longer ones get 413 */

struct http_server;
struct http_request;

struct http_service {
    /* The head of a request is there. What is answered here is refused before its body is read. */
    void (*begun)(void *context, struct http_request *request);
    /* All of it is there. Answered now or later, once; a client that leaves meanwhile is not told
     * of. */
    void (*asked)(void *context, struct http_request *request);
    void *context;
    uint64_t patience_ms; /* 0: HTTP_PATIENCE_MS */
};

struct http_header {
    const char *name, *value;
};

struct http_answer {
    unsigned code;
    struct slice body;                 /* copied */
    const struct http_header *headers; /* ends without a name; NULL: none */
};

struct http_server *http_server_create(struct loop *loop,
                                       const struct http_service *service) MUST_CHECK;
/* Cuts all clients off; nothing is answered any more. */
void http_server_destroy(struct http_server *server);
/* Listens there from now on, and nowhere else; clients of before are let go with their next answer.
 * False with *err and nowhere. */
bool http_server_listen(struct http_server *server, const struct address *address,
                        struct error *err) MUST_CHECK;
void http_server_listen_nowhere(struct http_server *server);
/* 0: it listens nowhere. */
unsigned http_server_port(const struct http_server *server);
/* Connections now, those that are refused too; and so far all that were refused or cut off. */
struct http_counts {
    unsigned clients;
    uint64_t requests, refused, cut;
};
struct http_counts http_server_counts(const struct http_server *server);

/* Valid until the request is answered. */
struct slice http_method(const struct http_request *request);
/* As it was sent, without its query: nothing is decoded. */
struct slice http_path(const struct http_request *request);
/* Data NULL when there is no such header; of one that comes more than once ",", which nobody takes.
 */
struct slice http_header(const struct http_request *request, const char *name);
struct slice http_body(const struct http_request *request);
void http_answer(struct http_request *request, const struct http_answer *answer);

#endif
