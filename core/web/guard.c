/* web/guard.h */
#include "web/guard.h"
#include "net/address.h"
#include <strings.h>

/* Takes as long whatever the first difference is. */
static bool is_token(struct slice token, struct slice said) {
    unsigned char different = token.length != said.length;
    for (size_t i = 0; i < said.length && token.length; i++)
        different |= (unsigned char)(said.data[i] ^ token.data[i % token.length]);
    return token.length > 0 && different == 0;
}

static bool has_token(const struct guard *guard, struct slice authorization) {
    struct slice scheme = SLICE("Bearer ");
    return slice_starts(authorization, scheme) &&
           is_token(guard->token, slice_trim(slice_skip(authorization, scheme.length)));
}

bool guard_knows(const struct guard *guard, struct slice authorization) {
    return guard->token.length == 0 || has_token(guard, authorization);
}

/* "name:port" without its port. */
static struct slice without_port(struct slice host) {
    size_t at = host.length;
    while (at > 0 && host.data[at - 1] >= '0' && host.data[at - 1] <= '9')
        at--;
    return at > 0 && at < host.length && host.data[at - 1] == ':' ? slice_first(host, at - 1)
                                                                  : host;
}

/* A name that leads here may be anybody's; an address is not looked up. */
static bool is_our_host(const struct guard *guard, const struct knock *knock) {
    struct slice host = without_port(knock->host);
    struct address address;
    if (slice_is(host, "localhost")) return true;
    if (host_parse(host, &address)) return !guard->local || address_is_local(&address);
    return host.length > 0 && has_token(guard, knock->authorization);
}

static bool is_same_origin(struct slice origin, struct slice host) {
    struct slice plain = SLICE("http://"), secure = SLICE("https://");
    if (slice_starts(origin, plain)) return slice_equal(slice_skip(origin, plain.length), host);
    return slice_starts(origin, secure) && slice_equal(slice_skip(origin, secure.length), host);
}

static bool is_from_elsewhere(const struct knock *knock) {
    if (knock->origin.data && !is_same_origin(knock->origin, knock->host)) return true;
    return knock->site.data && !slice_is(knock->site, "same-origin") &&
           !slice_is(knock->site, "none");
}

static bool is_websocket(struct slice upgrade) {
    struct slice name = SLICE("websocket");
    return upgrade.length >= name.length && strncasecmp(upgrade.data, name.data, name.length) == 0;
}

unsigned guard_judge(const struct guard *guard, const struct knock *knock, const char **reason) {
    bool reads = slice_is(knock->method, "GET") || slice_is(knock->method, "HEAD");
    *reason = "this Host is not the one that answers here\n";
    if (!is_our_host(guard, knock)) return 403;
    *reason = "pages of other sites may not ask here\n";
    if (is_from_elsewhere(knock)) return 403;
    *reason = "there is no WebSocket here\n";
    if (is_websocket(knock->upgrade)) return 403;
    *reason = "a change needs the header X-Linnet: 1, or the token\n";
    bool signed_by = knock->own.data || has_token(guard, knock->authorization);
    if (!reads && !signed_by) return 403;
    *reason = "this needs the token: Authorization: Bearer TOKEN\n";
    if (!(reads && knock->open) && !guard_knows(guard, knock->authorization)) return 401;
    return 0;
}
