/* aws/s3.h: the bucket. */
#include "aws/s3_internal.h"
#include "base/alloc.h"
#include <stdio.h>

#define CONNECTIONS 8

struct s3 *s3_open(struct loop *loop, const struct s3_options *options, struct error *err) {
    const struct aws_client_options client =
        aws_settings_options(&options->aws, CONNECTIONS, options->threads);
    struct aws_client *made = aws_client_create(loop, &client, err);
    if (made == NULL) return NULL;
    struct s3 *s3 = memory_zeroed(1, sizeof *s3);
    s3->loop = loop;
    s3->client = made;
    s3->crew = crew_create(loop, options->threads, 1);
    s3->addressing = options->addressing;
    s3->tries = options->tries ? options->tries : S3_TRIES;
    s3->multipart_above = options->multipart_above ? options->multipart_above : S3_MULTIPART_ABOVE;
    snprintf(s3->bucket, sizeof s3->bucket, "%.*s", SLICE_ARGS(options->bucket));
    crew_name(s3->crew, "s3");
    return s3;
}

void s3_close(struct s3 *s3) {
    crew_destroy(s3->crew);
    s3_free_uploads(s3);
    aws_client_destroy(s3->client);
    memory_free(s3);
}
