/* What a reply of S3 means, and what is to be done about it. Pure.
 *
 * Source: "Error responses" of the S3 API reference. */
#ifndef AWS_S3_ERROR_H
#define AWS_S3_ERROR_H

#include "base/arena.h"
#include <stdbool.h>

enum s3_action {
    S3_TAKE,      /* it is done */
    S3_ASK_AGAIN, /* busy, or its own fault: later, unchanged */
    S3_REFRESH,   /* the keys have expired */
    S3_FIX_CLOCK, /* the clocks differ too much */
    S3_RELOCATE,  /* the bucket is in another region */
    S3_GIVE_UP,   /* no other answer is to be expected */
};

struct s3_said {
    int status;
    struct slice body;          /* of a 2xx reply only when an error can be in it */
    struct slice bucket_region; /* header x-amz-bucket-region */
    struct slice location;      /* header location */
    struct slice request_id;    /* header x-amz-request-id */
};

/* Slices of the reply or in the arena. */
struct s3_error {
    enum s3_action action;
    struct slice code, message; /* empty code: the reply names none */
    struct slice request_id;
    struct slice region; /* S3_RELOCATE: where to; empty when it was not told */
};

/* An error in a 200 counts as one, too. */
struct s3_error s3_error_read(const struct s3_said *said, struct arena *arena);

#endif
