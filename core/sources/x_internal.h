/* What the files of source x share. On the loop thread.
 *
 *   x.c          created, started, resumed, stopped
 *   x_stream.c   connects, waits, gives up: one stream after the other
 *   x_take.c     what the stream says becomes batches
 *   x_events.c   what it says that changes nothing is counted
 *   x_match.c    the rules of the stream are those of the queries
 *   x_fill.c     gaps are closed by recent search
 *   x_thrift.c   budgets
 *   x_access.h   what X is asked, with which keys */
#ifndef SOURCES_X_INTERNAL_H
#define SOURCES_X_INTERNAL_H

#include "flow/source.h"
#include "net/line_stream.h"
#include "sources/x_access.h"
#include "sources/x_memory.h"
#include "sources/x_spend.h"
#include "sources/x_sync.h"

#define X_EVENTS 9

struct x {
    const struct x_settings *settings;
    struct source_port *port;
    struct x_access access;

    /* one stream after the other */
    struct http_call *stream; /* NULL: there is none */
    char *form;               /* what is sent with it */
    struct line_stream lines;
    uint64_t heard_ns;
    uint64_t events[X_EVENTS]; /* that changed nothing, since the start */
    uint64_t missed;           /* v1.1: what this connection has told of posts held back */
    struct x_verdict ending;   /* what a message of it means; X_GO_ON: it goes on */
    struct x_verdict over;  /* it has ended, what came before is still taken; X_GO_ON: it has not */
    struct timer take;      /* what came becomes batches */
    struct timer watch;     /* it was silent too long */
    struct timer stable;    /* it stands: what failed before is forgotten */
    struct timer wait;      /* for the next try */
    int64_t not_before_ms;  /* X lets nobody connect so often */
    struct x_memory memory; /* as it is written */

    /* its rules */
    struct x_sync *sync; /* NULL: they are not being looked at */
    struct timer sync_wait;
    size_t refused; /* of the current queries' rules */

    /* what it missed, what it pays */
    struct x_fill *fill; /* NULL: no gap is being closed */
    struct timer fill_wait;
    struct timer thrift_look;

    uint64_t said_ns; /* when the log was told `said` */
    struct ladder ladder, sync_ladder;
    unsigned backfill_minutes; /* asked for with the stream */
    enum x_thrift thrift;
    bool no_minutes;  /* X refuses backfill_minutes */
    bool connected;   /* the stream's head has come */
    bool told;        /* the ledger knows that it is heard */
    bool rules_known; /* X has had those of the current queries */
    bool sync_again;  /* queries changed meanwhile */
    bool urgent;      /* `memory` is to be on disk soon */
    bool renewed;     /* the bearer token was, since the last stream that stood */
    bool done;
    char reason[256]; /* why nothing is heard; "": it is */
    char said[256];   /* what the log was told last */
    char filled[80];  /* what became of the last gap; "": nothing */
    char note[960];   /* what status is told */
};

/* x_stream.c */
void x_connect_soon(struct x *x, uint64_t wait_ms);
/* What is done when there is no stream any more, or none came. */
void x_lose(struct x *x, struct x_verdict verdict);
/* Whether another bearer token may help, which is fetched with the next stream. */
bool x_needs_token(const struct x *x, const struct x_verdict *verdict);
void x_close(struct x *x);
void x_stream_init(struct x *x);
/* Writes what is remembered, with no posts, so that it is on disk soon. */
void x_remember(struct x *x);

/* x_fill.c */
void x_fill_init(struct x *x);
/* How many minutes the stream itself is to give again; 0: none. */
unsigned x_fill_minutes(struct x *x);
/* The stream stands again: what it missed is looked for, in time. */
void x_fill_plan(struct x *x);
/* There are batches again. */
void x_fill_go_on(struct x *x);
void x_fill_stop(struct x *x);

/* x_thrift.c */
void x_thrift_init(struct x *x);
/* After posts were read, and now and then: true when the stream was left for it. */
bool x_thrift_mind(struct x *x);
/* What rules ask for of what they find, in per cent. */
unsigned x_thrift_sample(const struct x *x);

/* x_match.c */
void x_match_init(struct x *x);
/* Whether rules are to be looked at before there is a stream; then it connects, or loses. */
bool x_match_first(struct x *x);
/* Queries may have changed; over the open stream. */
void x_rules_changed(struct x *x);
void x_match_stop(struct x *x);

/* x_events.c */
/* Of a record that is no post. */
void x_events_note(struct x *x, struct slice record);
/* "" when there was none. */
void x_events_print(const struct x *x, char *out, size_t size);

/* x_take.c */
bool x_take_piece(void *context, struct slice bytes);
bool x_is_full(void *context);
void x_take(struct x *x);
void x_take_init(struct x *x);

#endif
