/* Where a bucket's objects are: names and URLs. Pure.
 *
 * Source: "Bucket naming rules" and "Virtual hosting of buckets" of the S3 user guide. */
#ifndef AWS_S3_PLACE_H
#define AWS_S3_PLACE_H

#include "aws/s3.h"
#include "base/arena.h"

#define S3_REGION_BYTES 32 /* of a region's name with its NUL */

struct s3_where {
    struct slice bucket;
    struct slice region;   /* of the bucket, as far as is known */
    struct slice endpoint; /* "https://host[:port]"; empty: AWS's own */
    enum s3_addressing addressing;
};

struct s3_place {
    struct slice origin; /* "https://host[:port]" */
    struct slice path;   /* encoded, from "/" */
};

/* Both in the arena. An empty key: the bucket itself. */
struct s3_place s3_place(const struct s3_where *where, struct slice key, struct arena *arena);

bool s3_is_bucket(struct slice name);
bool s3_is_region(struct slice name);
/* The region in the name of one of AWS's S3 hosts, "bucket.s3.eu-west-1.amazonaws.com"; empty when
 * there is none, or the host is somebody else's. */
struct slice s3_region_of_host(struct slice host);

#endif
