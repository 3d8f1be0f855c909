/* The metadata service of an EC2 machine, version 2 only: a token first, which a request that was
 * smuggled past a proxy cannot get. On the loop thread.
 *
 * Source: "Use the Instance Metadata Service" of the EC2 user guide. */
#ifndef AWS_MACHINE_H
#define AWS_MACHINE_H

#include "aws/key_ask.h"
#include "base/arena.h"
#include "base/error.h"

enum machine_wanted { MACHINE_KEYS, MACHINE_REGION };

/* Lives inside its owner, zeroed. */
struct machine {
    struct key_ask ask; /* its loop and http are set by the owner */
    struct arena *arena;
    const char *url; /* "http://169.254.169.254" */
    enum machine_wanted wanted;
    /* Once. `said`: JSON with keys, or the region's name, valid during the call; data NULL: *err.
     */
    void (*done)(struct machine *machine, struct slice said, int64_t now_ms,
                 const struct error *err);
    struct slice role;
    struct http_field header;
    unsigned tokens; /* that were asked for */
};

void machine_start(struct machine *machine);
void machine_stop(struct machine *machine);

#endif
