/* The signers of a client, one for each service and region, so that the key of a day is made once;
 * and what is known of how wrong this machine's clock is. On the loop thread. */
#ifndef AWS_SIGNERS_H
#define AWS_SIGNERS_H

#include "aws/sigv4.h"

#define SIGNERS_MOST 8

struct signer_of {
    struct slice service, region; /* owned */
    unsigned style;
    struct sigv4_signer *signer; /* NULL: an empty place */
    int64_t ahead_ms;            /* the service's clock before ours */
    uint64_t used;               /* the greater the later */
};

struct signers {
    struct signer_of of[SIGNERS_MOST];
    uint64_t uses;
};

/* Zeroed is none. The one whose last use is longest ago makes room. */
struct signer_of *signers_find(struct signers *signers, struct slice service, struct slice region,
                               unsigned style);
void signers_free(struct signers *signers);

/* The service's time, as far as it is known. */
int64_t signer_now_ms(const struct signer_of *signer);
/* Takes the header Date of a reply to what was signed at `signed_ms`: true when the clock was so
 * wrong that this alone is a reason to refuse it; it is right from now on. */
bool signer_correct(struct signer_of *signer, struct slice date, int64_t signed_ms);

#endif
