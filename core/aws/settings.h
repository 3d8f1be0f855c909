/* What every part that speaks to AWS lets a user set, for its option table. */
#ifndef AWS_SETTINGS_H
#define AWS_SETTINGS_H

#include "aws/client.h"
#include "config/option.h"
#include <stddef.h>

/* A member of the part's settings. */
struct aws_settings {
    const char *region, *profile, *endpoint, *ca_file;
    bool anonymous;
};

/* Rows of the option table of the type `owner`, whose `member` is a struct aws_settings. Of a part
 * that is given a whole URL: what signing needs. */
#define AWS_SIGNING_OPTIONS(owner, member)                                                         \
    { .name = "region",                                                                            \
      .type = OPTION_TEXT,                                                                         \
      .offset = offsetof(owner, member.region),                                                    \
      .standard = "",                                                                              \
      .help = "AWS region; else AWS_REGION's, the profile's, the machine's own" },                 \
        { .name = "profile",                                                                       \
          .type = OPTION_TEXT,                                                                     \
          .offset = offsetof(owner, member.profile),                                               \
          .standard = "",                                                                          \
          .help = "AWS profile whose keys are taken; else AWS_PROFILE's" }
/* Of a part that finds the service by its region. */
#define AWS_SERVICE_OPTIONS(owner, member)                                                         \
    AWS_SIGNING_OPTIONS(owner, member),                                                            \
        { .name = "endpoint",                                                                      \
          .type = OPTION_TEXT,                                                                     \
          .offset = offsetof(owner, member.endpoint),                                              \
          .standard = "",                                                                          \
          .help = "https://host[:port] of a service that speaks like AWS" },                       \
        { .name = "ca_file",                                                                       \
          .type = OPTION_PATH,                                                                     \
          .offset = offsetof(owner, member.ca_file),                                               \
          .standard = "",                                                                          \
          .help = "certificates (PEM) to trust instead of the system's",                           \
          .certificates = true },                                                                  \
        { .name = "anonymous",                                                                     \
          .type = OPTION_BOOLEAN,                                                                  \
          .offset = offsetof(owner, member.anonymous),                                             \
          .standard = "false",                                                                     \
          .help = "nothing is signed: for what is open to all" }

/* For aws_client_create. */
static inline struct aws_client_options aws_settings_options(const struct aws_settings *settings,
                                                             unsigned connections,
                                                             unsigned threads) {
    return (struct aws_client_options){ .profile = settings->profile,
                                        .region = settings->region,
                                        .endpoint = settings->endpoint,
                                        .ca_file = settings->ca_file,
                                        .connections = connections,
                                        .threads = threads,
                                        .anonymous = settings->anonymous };
}

/* Whether they can be right at all; for the part's `check`. */
bool aws_settings_check(const struct aws_settings *settings, struct error *err) MUST_CHECK;

#endif
