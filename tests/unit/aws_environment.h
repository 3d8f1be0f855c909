/* The variables and the home folder that say where AWS keys are, of a test alone. */
#ifndef TESTS_AWS_ENVIRONMENT_H
#define TESTS_AWS_ENVIRONMENT_H

#include "own_folder.h"

/* None of them, and a home that is own_folder. */
static inline void clear_environment(void) {
    static const char *const names[] = { "AWS_ACCESS_KEY_ID",
                                         "AWS_SECRET_ACCESS_KEY",
                                         "AWS_SESSION_TOKEN",
                                         "AWS_SECURITY_TOKEN",
                                         "AWS_CREDENTIAL_EXPIRATION",
                                         "AWS_PROFILE",
                                         "AWS_DEFAULT_PROFILE",
                                         "AWS_REGION",
                                         "AWS_DEFAULT_REGION",
                                         "AWS_CONFIG_FILE",
                                         "AWS_SHARED_CREDENTIALS_FILE",
                                         "AWS_ENDPOINT_URL",
                                         "AWS_ENDPOINT_URL_S3",
                                         "AWS_ENDPOINT_URL_STS",
                                         "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                                         "AWS_CA_BUNDLE",
                                         "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                                         "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                                         "AWS_WEB_IDENTITY_TOKEN_FILE",
                                         "AWS_ROLE_ARN",
                                         "AWS_ROLE_SESSION_NAME",
                                         "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                                         "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                                         "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                                         "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unsetenv(names[i]);
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    setenv("HOME", own_folder, 1);
}

#endif
