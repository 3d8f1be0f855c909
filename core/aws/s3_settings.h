/* What every part that speaks to S3 lets a user set, for its option table; beside aws/settings.h.
 */
#ifndef AWS_S3_SETTINGS_H
#define AWS_S3_SETTINGS_H

#include "aws/s3.h"

/* A member of the part's settings. */
struct s3_settings {
    struct aws_settings aws;
    const char *addressing;
};

/* Rows of the option table of the type `owner`, whose `member` is a struct s3_settings. */
#define S3_SERVICE_OPTIONS(owner, member)                                                          \
    AWS_SERVICE_OPTIONS(owner, member.aws),                                                        \
        { .name = "addressing",                                                                    \
          .type = OPTION_CHOICE,                                                                   \
          .offset = offsetof(owner, member.addressing),                                            \
          .standard = "auto",                                                                      \
          .choices = "auto|path|host",                                                             \
          .help = "where the bucket's name stands in URLs; auto: in the path with an endpoint" }

/* For s3_open. */
static inline struct s3_options s3_settings_options(const struct s3_settings *settings,
                                                    struct slice bucket, unsigned threads) {
    enum s3_addressing addressing = S3_AUTO;
    if (strcmp(settings->addressing, "path") == 0) addressing = S3_IN_PATH;
    if (strcmp(settings->addressing, "host") == 0) addressing = S3_IN_HOST;
    return (struct s3_options){
        .bucket = bucket, .aws = settings->aws, .addressing = addressing, .threads = threads
    };
}

#endif
