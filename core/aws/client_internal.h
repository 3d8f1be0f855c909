/* What the files of aws/client.h share; private to them. */
#ifndef AWS_CLIENT_INTERNAL_H
#define AWS_CLIENT_INTERNAL_H

#include "aws/client.h"
#include "aws/origin.h"
#include "aws/signers.h"

struct aws_client {
    struct loop *loop;
    struct http_client *http;
    struct credentials *credentials;
    struct signers signers;
    char *endpoint;
    bool anonymous;
    struct aws_call *calls, *idle;
    unsigned idle_count;
};

struct aws_call {
    struct aws_client *client;
    struct aws_ask ask; /* with copies of its own, but for the body */
    struct arena arena;
    struct origin origin;
    struct http_field *headers; /* Host, then those of `ask` */
    struct place_wait region_wait;
    struct key_wait key_wait;
    struct key_set *keys; /* what it was signed with; NULL: it is not signed */
    struct signer_of *signer;
    int64_t signed_ms;
    struct http_call *http; /* under way */
    struct timer unsent;    /* answers what was not sent, for `why` */
    struct error why;
    bool keyless, clock_corrected, keys_renewed;
    struct aws_call *next, **link;
};

/* Takes it from where it is started to its answer: waits for keys, signs, sends, and again. */
void call_want_keys(struct aws_call *call);
void call_send(struct aws_call *call);
/* Answers in the next round that nothing was sent, for call->why. */
void call_give_up(struct aws_call *call);
/* Its last moment. */
void call_free(struct aws_call *call);

#endif
