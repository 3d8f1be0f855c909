/* aws/plan.h: where the service of a container may be. */
#include "aws/plan.h"
#include "net/address.h"

#define ECS "http://169.254.170.2"
#define HOST_END "/?#"

static bool is_allowed(struct slice host) {
    static const char *const services[] = { "localhost", "169.254.170.2", "169.254.170.23",
                                            "[fd00:ec2::23]" };
    struct address address;
    for (size_t i = 0; i < LENGTH(services); i++)
        if (slice_is(host, services[i])) return true;
    return host_parse(host, &address) && address_is_local(&address);
}

/* Without a port; data NULL when it is none: names, digits and brackets, nothing before an '@'. */
static struct slice host_of(struct slice rest) {
    size_t length = 0;
    while (length < rest.length && strchr(HOST_END, rest.data[length]) == NULL)
        length++;
    struct slice host = slice_first(rest, length);
    size_t end = host.length;
    while (end && host.data[end - 1] >= '0' && host.data[end - 1] <= '9')
        end--;
    return end && host.data[end - 1] == ':' ? slice_first(host, end - 1) : host;
}

static bool has_only_bytes_of_urls(struct slice url) {
    for (size_t i = 0; i < url.length; i++)
        if ((unsigned char)url.data[i] <= 0x20 || (unsigned char)url.data[i] >= 0x7f) return false;
    return true;
}

const char *plan_container_url(const char *relative, const char *full, struct arena *arena,
                               struct error *err) {
    const char *name =
        relative ? "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" : "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    struct slice given = slice_of(relative ? relative : full);
    if (!has_only_bytes_of_urls(given)) {
        error_set(err, ERROR_CONFIG, "%s has bytes that no URL has", name);
        return NULL;
    }
    if (relative && relative[0] == '/') return ARENA_JOIN(arena, SLICE(ECS), given).data;
    if (relative) {
        error_set(err, ERROR_CONFIG, "%s does not begin with \"/\"", name);
        return NULL;
    }
    bool https = slice_starts(given, SLICE("https://")),
         http = slice_starts(given, SLICE("http://"));
    struct slice host = host_of(slice_skip(given, https ? 8 : 7));
    if ((https && host.length) || (http && is_allowed(host))) return full;
    error_set(err, ERROR_CONFIG,
              "%s must be https, or http to this machine or to a service of ECS or EKS", name);
    return NULL;
}
