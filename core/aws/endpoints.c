/* aws/endpoints.h */
#include "aws/endpoints.h"
#include "base/os.h"
#include <stdio.h>

static struct slice of_environment(const char *service) {
    char name[64];
    int length = snprintf(name, sizeof name, "AWS_ENDPOINT_URL_%s", service);
    for (char *at = name; *at; at++)
        if (*at >= 'a' && *at <= 'z') *at = (char)(*at - 'a' + 'A');
    struct slice own = slice_of(length < (int)sizeof name ? os_environment(name) : NULL);
    if (own.length == 0) own = slice_of(os_environment("AWS_ENDPOINT_URL"));
    return own.length ? own : slice_from(NULL, 0);
}

static struct slice of_profile(const char *service, const struct profiles *profiles,
                               const char *profile) {
    char name[64];
    struct slice services = profile_value(profiles, profile, "services");
    if (services.length) {
        snprintf(name, sizeof name, "%s.endpoint_url", service);
        struct slice own = profiles_service(profiles, services, name);
        if (own.length) return own;
    }
    return profile_value(profiles, profile, "endpoint_url");
}

const char *endpoint_find(const char *service, const struct profiles *profiles, const char *profile,
                          struct arena *arena) {
    const char *ignored = os_environment("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    if (ignored && strcasecmp(ignored, "true") == 0) return NULL;
    struct slice found = of_environment(service);
    if (found.length || profiles == NULL) return found.data;
    found = of_profile(service, profiles, profile);
    return found.length ? arena_copy(arena, found).data : NULL;
}
