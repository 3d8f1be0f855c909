/* What the files of source x share. On the loop thread.
 *
 *   x.c          created, started, resumed, stopped
 *   stream.c   connects, waits, gives up: one stream after the other
 *   take.c     what the stream says becomes batches
 *   events.c   what it says that changes nothing is counted
 *   match.c    the rules of the stream are those of the queries
 *   missed.c   gaps, and which way each is closed: by the stream itself,
 *   fill.c     by recent search,
 *   recover.c  by a second stream
 *   thrift.c   budgets
 *   access.h   what X is asked, with which keys */
#ifndef X_INTERNAL_H
#define X_INTERNAL_H

#include "flow/source.h"
#include "net/line_stream.h"
#include "x/access.h"
#include "x/memory.h"
#include "x/spend.h"
#include "x/sync.h"

/* A gap that is shorter is none: posts take as long to come. */
#define X_LEAST_GAP_MS 1000
/* A sentence that says what became of a gap. */
#define X_HOW_BYTES 256
#define X_EVENTS 9

struct x {
    const struct x_settings *settings;
    struct source_port *port;
    struct x_access access;

    /* one stream after the other */
    struct http_call *stream; /* NULL: there is none */
    char *form;               /* what is sent with it */
    struct line_stream lines;
    struct projection *post; /* the id of one */
    struct projector *reader;
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
    size_t refused;           /* of the current queries' rules */
    size_t unruled, left_out; /* queries without one, rules without a place */
    size_t foreign;           /* rules of others */

    /* what it missed, what it pays */
    struct x_fill *fill;         /* NULL: nothing is searched for */
    struct x_recovery *recovery; /* NULL: there is none */
    struct timer missed_wait;
    struct timer thrift_look;

    uint64_t said_ns; /* when the log was told `said` */
    struct ladder ladder, sync_ladder;
    unsigned backfill_minutes; /* asked for with the stream */
    enum x_thrift thrift;
    bool no_minutes;  /* X refuses backfill_minutes */
    bool no_recovery; /* X refuses recovery */
    bool gives_again; /* the stream is to begin with what it gave, or missed, before */
    bool connected;   /* the stream's head has come */
    bool told;        /* the ledger knows that it is heard */
    bool rules_known; /* X has had those of the current queries */
    bool sync_again;  /* queries changed meanwhile */
    bool no_rules;    /* why there is no stream: X has none, or wrong ones */
    bool urgent;      /* `memory` is to be on disk soon */
    bool renewed;     /* the bearer token was, since the last stream that stood */
    bool done;
    char reason[256];              /* why nothing is heard; "": it is */
    char said[256];                /* what the log was told last */
    char filled[X_HOW_BYTES + 16]; /* what became of the last gap; "": nothing */
    char note[960];                /* what status is told */
};

/* stream.c */
void x_connect_soon(struct x *x, uint64_t wait_ms);
/* What is done when there is no stream any more, or none came. */
void x_lose(struct x *x, struct x_verdict verdict);
/* Nothing more is read, of that which has come all is taken: then it is lost, as x->over says. */
void x_stream_leave(struct x *x);
/* Whether another bearer token may help, which is fetched with the next stream. */
bool x_needs_token(const struct x *x, const struct x_verdict *verdict);
void x_close(struct x *x);
void x_stream_init(struct x *x);
/* Writes what is remembered, with no posts, so that it is on disk soon. */
void x_remember(struct x *x);

/* missed.c */
void x_missed_init(struct x *x);
/* Nothing is heard from now on, unless that was so already. */
void x_missed_begin(struct x *x);
/* How many minutes the stream itself is to give again; 0: none. */
unsigned x_missed_minutes(struct x *x);
/* The stream stands again: what it missed is asked for, in time. */
void x_missed_plan(struct x *x);
/* A post of this id came: when it is newer than what the stream gives again, that is all here. */
void x_missed_heard(struct x *x, uint64_t id);
/* What the stream was to give again is here. */
void x_missed_given(struct x *x);
/* What became of the gap that began then. `later`: another stream may have another go at it. */
void x_missed_end(struct x *x, int64_t from_ms, bool later, const char *how);
/* X has no recovery: what it was asked for is to be searched for. */
void x_missed_elsewise(struct x *x);
/* There are batches again. */
void x_missed_go_on(struct x *x);
/* Nothing more is asked for, and then: false as long as something that came is not handed on. */
void x_missed_leave(struct x *x);
bool x_missed_taken(struct x *x);
void x_missed_stop(struct x *x);

/* fill.c, recover.c: the same of one gap's search or recovery. */
void x_fill_start(struct x *x, const struct x_gap *gap);
void x_fill_go_on(struct x *x);
void x_fill_leave(struct x *x);
bool x_fill_taken(struct x *x);
void x_fill_stop(struct x *x);
void x_recover_start(struct x *x, const struct x_gap *gap);
void x_recover_go_on(struct x *x);
void x_recover_leave(struct x *x);
bool x_recover_taken(struct x *x);
void x_recover_stop(struct x *x);

/* thrift.c */
void x_thrift_init(struct x *x);
/* After posts were read, and now and then: true when the stream was left for it. */
bool x_thrift_mind(struct x *x);
/* What rules ask for of what they find, in per cent. */
unsigned x_thrift_sample(const struct x *x);

/* match.c */
void x_match_init(struct x *x);
/* Whether rules are to be looked at before there is a stream; then it connects, or loses. */
bool x_match_first(struct x *x);
/* The stream stands: rules that were not looked at yet are now. */
void x_match_connected(struct x *x);
bool x_has_queries(const struct x *x);
/* Queries may have changed; over the open stream. */
void x_rules_changed(struct x *x);
void x_match_stop(struct x *x);

/* events.c */
/* Of a record that is no post. */
void x_events_note(struct x *x, struct slice record);
/* "" when there was none. */
void x_events_print(const struct x *x, char *out, size_t size);

/* take.c */
bool x_take_piece(void *context, struct slice bytes);
bool x_is_full(void *context);
bool x_is_full_of(const struct x *x, const struct line_stream *lines);
void x_take(struct x *x);
void x_take_init(struct x *x);
void x_take_end(struct x *x);
/* Records of a stream, as many as are there, go into a batch; what a message of it means into
 * *ending. */
struct x_taken {
    uint64_t posts;   /* how many of them are posts */
    uint64_t last_id; /* of the filtered stream: the last one's; 0: not known */
};
struct x_taken x_take_records(struct x *x, struct line_stream *lines, struct batch *batch,
                              struct x_verdict *ending);
/* They are paid for, and handed on. */
void x_take_submit(struct x *x, struct batch *batch, const struct x_taken *taken);

#endif
