/* What the files of aws/credentials.h share; private to them. */
#ifndef AWS_CREDENTIALS_INTERNAL_H
#define AWS_CREDENTIALS_INTERNAL_H

#include "aws/credentials.h"
#include "aws/fetch.h"
#include "aws/plan.h"

struct credentials {
    struct loop *loop;
    struct http_client *http;
    struct crew *crew;
    struct plan_options options; /* texts are owned */
    struct timer turn;           /* what is to be done in the loop's next round */

    /* the round */
    struct task task;
    struct plan next; /* the thread's while `planning` */
    struct plan plan; /* the last one */
    struct error next_wrong, wrong;
    bool next_good, good, planning, fetching;
    bool wanted;  /* keys, by the next round */
    bool failing; /* it was said */
    bool asking_region;
    uint64_t planned_ns; /* 0: its keys are used */
    struct fetch fetch;

    struct key_set *keys; /* NULL: none yet, or they were refused */
    uint64_t retry_ns, refused_ns;
    struct key_wait *waiting, *answered;

    struct machine machine; /* asked for the region */
    struct arena arena;     /* of `machine` */
    struct arena lasting;   /* of what others may keep: */
    const char *region;     /* NULL: not known yet */
    const struct plan_endpoint *endpoints;
    struct place_wait *asking, *told;
};

/* Takes what the plan says of it. */
void credentials_settle_place(struct credentials *credentials);
/* Tells those who ask what the last plan says; the machine may have to be asked first. */
void credentials_tell_place(struct credentials *credentials);

#endif
