/* What an error reply of AWS says, in whichever of its ways. */
#ifndef AWS_FAULT_H
#define AWS_FAULT_H

#include "base/arena.h"

struct aws_fault {
    struct slice code;    /* "ExpiredToken"; "": it says none */
    struct slice message; /* for people; "": none */
};

/* Of a reply's body (XML, JSON, or neither) and its header x-amzn-errortype (empty: none). Texts
 * are in the arena. */
struct aws_fault aws_fault_read(struct slice body, struct slice type, struct arena *arena);
/* Whether it tells that the keys are no longer good, or not yet known. */
bool aws_fault_is_of_keys(const struct aws_fault *fault);

#endif
