/* What the sink `firehose` and the look whether it can be used share. */
#ifndef SINKS_FIREHOSE_H
#define SINKS_FIREHOSE_H

#include "aws/settings.h"
#include "flow/online.h"

struct firehose_settings {
    const char *stream, *records, *delimiter;
    struct aws_settings aws;
    int64_t pack, requests;
};

/* "https://host", in the arena, once the client knows its place; empty when nothing names a region.
 */
struct slice firehose_origin(const struct aws_client *client, struct arena *arena);
#define FIREHOSE_NO_REGION "neither the configuration, AWS_REGION nor the profile names one"

/* firehose_online.c, for `linnet check --online`: whether the stream is there and active. */
void *firehose_online_begin(const void *settings, struct online *online, struct error *err);
void firehose_online_end(void *trying);

#endif
