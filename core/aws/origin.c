/* aws/origin.h */
#include "aws/origin.h"
#include "net/address.h"

#define HTTPS SLICE("https://")
#define HTTP SLICE("http://")

static bool is_of_host(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || (byte && strchr(".-_:[]", byte));
}

/* An address; one of IPv4 that is written as one of IPv6 is what it is. */
static bool address_of(struct slice name, struct address *address) {
    static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
    if (!host_parse(name, address)) return false;
    if (address->length == 16 && memcmp(address->bytes, mapped, sizeof mapped) == 0) {
        memmove(address->bytes, address->bytes + sizeof mapped, 4);
        address->length = 4;
    }
    return true;
}

static bool is_this_machine(struct slice name) {
    struct address address;
    return slice_is(name, "localhost") ||
           (address_of(name, &address) && address_is_local(&address));
}

/* 169.254.0.0/16, fe80::/10, and fd00:ec2::/32, where AWS has its services of a machine. */
static bool is_of_the_link(struct slice name) {
    struct address address;
    if (!address_of(name, &address)) return false;
    const unsigned char *bytes = address.bytes;
    if (address.length == 4) return bytes[0] == 169 && bytes[1] == 254;
    return (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) ||
           memcmp(bytes, "\xfd\x00\x0e\xc2", 4) == 0;
}

/* "2852039166", "0xA9FE.43518": libcurl takes them for an address, nobody writes them honestly. */
static bool is_odd_address(struct slice name) {
    struct address address;
    size_t at = name.length;
    while (at && name.data[at - 1] != '.')
        at--;
    bool number = at < name.length && name.data[at] >= '0' && name.data[at] <= '9';
    return number && !host_parse(name, &address);
}

static struct slice without_slash(const char *configured) {
    struct slice text = slice_of(configured);
    while (slice_ends(text, SLICE("/")))
        text.length--;
    return text;
}

/* Reads it without asking where it leads. */
static bool read_parts(struct slice text, struct origin *origin, struct slice *name) {
    bool https = slice_starts(text, HTTPS), http = slice_starts(text, HTTP);
    struct slice host = slice_skip(text, https ? HTTPS.length : HTTP.length);
    struct slice own_port = https ? SLICE(":443") : SLICE(":80");
    if (!(https || http) || !authority_read(host, name)) return false;
    bool is_own_port = host.length - name->length == own_port.length && slice_ends(host, own_port);
    *origin = (struct origin){ .scheme = https ? SLICE("https") : SLICE("http"),
                               .host = is_own_port ? *name : host };
    for (size_t i = 0; i < host.length; i++)
        if (!is_of_host(host.data[i])) return false;
    return !is_odd_address(*name);
}

bool origin_read(struct slice text, const char *configured, struct origin *origin,
                 struct error *err) {
    struct slice name, shown = slice_first(text, 200);
    if (!read_parts(text, origin, &name))
        return error_set(err, ERROR_CONFIG, "\"%.*s\" is no \"https://host[:port]\"",
                         SLICE_ARGS(shown));
    if (configured && slice_equal(text, without_slash(configured))) return true;
    if (is_of_the_link(name))
        return error_set(err, ERROR_FAILED,
                         "%.*s: what is signed is not sent to addresses of the link",
                         SLICE_ARGS(shown));
    if (slice_is(origin->scheme, "http") && !is_this_machine(name))
        return error_set(err, ERROR_FAILED,
                         "%.*s: what is signed is sent over https:// only, but to this machine",
                         SLICE_ARGS(shown));
    return true;
}
