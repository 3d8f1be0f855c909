/* What the files of source x share. On the loop thread.
 *
 *   x.c          created, started, resumed, stopped
 *   x_stream.c   connects, waits, gives up: one stream after the other
 *   x_take.c     what the stream says becomes batches
 *   x_request.c  what X is asked, with which keys
 *   x_token.c    a bearer token for key and secret */
#ifndef SOURCES_X_INTERNAL_H
#define SOURCES_X_INTERNAL_H

#include "flow/source.h"
#include "net/http_client.h"
#include "net/line_stream.h"
#include "sources/x_memory.h"
#include "sources/x_settings.h"
#include "sources/x_verdict.h"

struct x {
    const struct x_settings *settings;
    struct source_port *port;
    struct http_client *client;
    bool v1;

    struct http_call *stream; /* NULL: there is none */
    bool connected;           /* its head has come */
    bool told;                /* the ledger knows that it is heard */
    struct line_stream lines;
    uint64_t heard_ns;
    uint64_t missed;          /* v1.1: what this connection has told of posts held back */
    struct x_verdict ending;  /* what a message of it means; X_GO_ON: it goes on */
    struct x_verdict over;    /* it has ended, what came before is still taken; X_GO_ON: it has not */
    char *form;               /* what is sent with it */
    struct timer take;        /* what came becomes batches */
    struct timer watch;       /* it was silent too long */
    struct timer stable;      /* it stands: what failed before is forgotten */
    struct timer wait;        /* for the next try */

    struct ladder ladder;
    struct x_memory memory; /* as it is written */
    bool urgent;            /* it is to be on disk soon */
    int64_t not_before_ms;  /* X lets nobody connect so often */

    struct http_call *token_call;
    struct x_token *token; /* NULL: the settings have it, or it is not there yet */
    bool renewed;          /* since the last stream that stood */

    char reason[256]; /* why nothing is heard; "": it is */
    char said[256];   /* what the log was told last, and when */
    uint64_t said_ns;
    bool done;
};

/* x_stream.c */
void x_connect_soon(struct x *x, uint64_t wait_ms);
/* What is done when there is no stream any more, or none came. */
void x_lose(struct x *x, struct x_verdict verdict);
void x_close(struct x *x);
void x_stream_init(struct x *x);
/* Writes what is remembered, with no posts, so that it is on disk soon. */
void x_remember(struct x *x);

/* x_take.c */
bool x_take_piece(void *context, struct slice bytes);
bool x_is_full(void *context);
void x_take(struct x *x);
void x_take_init(struct x *x);

/* x_request.c */
#define X_MOST_HEADERS 4
struct x_request {
    const char *method, *url;
    struct http_field headers[X_MOST_HEADERS];
    size_t header_count;
    struct slice body;
};
/* All in the arena, which holds keys afterwards. */
struct x_request x_stream_request(struct x *x, struct arena *arena);
struct x_request x_token_request(struct x *x, struct arena *arena);
/* The settings' host, or X's own. */
const char *x_host(const struct x *x);
struct http_ask x_ask(const struct x_request *request);
/* Takes secrets out of a text that somebody else wrote. */
void x_hide_secrets(const struct x *x, char *text);

/* x_token.c */
/* Whether a token has to be fetched first. */
bool x_token_missing(const struct x *x);
/* Then connects, or loses. */
void x_token_fetch(struct x *x);
void x_token_forget(struct x *x);
struct slice x_bearer(const struct x *x);

#endif
