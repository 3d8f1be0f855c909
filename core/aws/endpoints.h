/* Where services are when they are not where AWS has them. Any thread. */
#ifndef AWS_ENDPOINTS_H
#define AWS_ENDPOINTS_H

#include "aws/profiles.h"

/* What AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL name for `service` ("s3"), else the profile, first
 * in its services, then for all. NULL: nothing does. `profiles` NULL: only the environment is
 * asked, else the arena may be needed. */
const char *endpoint_find(const char *service, const struct profiles *profiles, const char *profile,
                          struct arena *arena);

#endif
