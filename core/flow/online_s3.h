/* flow/online.h for parts that have a bucket. */
#ifndef FLOW_ONLINE_S3_H
#define FLOW_ONLINE_S3_H

#include "aws/s3.h"
#include "flow/online.h"

/* Lists below `prefix` and, with `write`, puts and aborts. */
void *s3_online_begin(const struct s3_options *options, struct slice prefix, bool write,
                      struct online *online, struct error *err);
void s3_online_end(void *trying);

#endif
