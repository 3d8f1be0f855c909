/* aws/s3_place.h, and what "s3://..." names. */
#include "aws/s3_place.h"
#include "net/uri.h"

#define DOMAIN ".amazonaws.com"
#define DOMAIN_OF_CHINA ".amazonaws.com.cn"

static bool is_name_byte(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-';
}

bool s3_is_bucket(struct slice name) {
    if (name.length < 3 || name.length > 63) return false;
    for (size_t i = 0; i < name.length; i++) {
        bool edge = i == 0 || i + 1 == name.length;
        bool dot = name.data[i] == '.' && !edge && name.data[i - 1] != '.';
        if (!dot && (!is_name_byte(name.data[i]) || (edge && name.data[i] == '-'))) return false;
    }
    return true;
}

bool s3_is_region(struct slice name) {
    for (size_t i = 0; i < name.length; i++)
        if (!is_name_byte(name.data[i])) return false;
    return name.length > 0 && name.length < S3_REGION_BYTES;
}

bool s3_read_url(struct slice text, struct slice *bucket, struct slice *key, struct error *err) {
    struct slice rest = text;
    if (slice_starts(rest, SLICE("s3:"))) rest = slice_skip(rest, 3);
    if (!slice_starts(rest, SLICE("//")))
        return error_set(err, ERROR_FAILED, "\"%.*s\" is not of the form s3://bucket/key",
                         SLICE_ARGS(slice_first(text, 200)));
    rest = slice_skip(rest, 2);
    const char *slash = rest.length ? memchr(rest.data, '/', rest.length) : NULL;
    *bucket = slash ? slice_first(rest, (size_t)(slash - rest.data)) : rest;
    *key = slice_skip(rest, bucket->length + 1);
    return s3_is_bucket(*bucket) ||
           error_set(err, ERROR_FAILED,
                     "\"%.*s\" cannot be a bucket: 3 to 63 of a-z, 0-9, - and single dots",
                     SLICE_ARGS(slice_first(*bucket, 80)));
}

bool s3_read_option(const char *option, const char *value, struct slice *bucket, struct slice *key,
                    struct error *err) {
    struct error why;
    return s3_read_url(slice_of(value), bucket, key, &why) ||
           error_set(err, ERROR_CONFIG, "%s: %s", option, why.text);
}

/* AWS's certificates are for one label before "s3". */
static bool in_path(const struct s3_where *where) {
    if (where->addressing != S3_AUTO) return where->addressing == S3_IN_PATH;
    return where->endpoint.length > 0 || memchr(where->bucket.data, '.', where->bucket.length);
}

static struct slice own_host(const struct s3_where *where, struct arena *arena) {
    bool china = slice_starts(where->region, SLICE("cn-"));
    return ARENA_JOIN(arena, SLICE("s3."), where->region,
                      slice_of(china ? DOMAIN_OF_CHINA : DOMAIN));
}

/* "https://" and what stands behind it. */
static void split_endpoint(struct slice endpoint, struct slice *scheme, struct slice *host) {
    size_t length = slice_starts(endpoint, SLICE("http://")) ? 7 : 8;
    *scheme = slice_first(endpoint, length);
    *host = slice_skip(endpoint, length);
    while (host->length && host->data[host->length - 1] == '/')
        host->length--;
}

struct s3_place s3_place(const struct s3_where *where, struct slice key, struct arena *arena) {
    struct slice scheme = SLICE("https://"), host;
    struct slice name = uri_encode(key, true, arena);
    if (where->endpoint.length)
        split_endpoint(where->endpoint, &scheme, &host);
    else
        host = own_host(where, arena);
    if (!in_path(where))
        return (struct s3_place){ ARENA_JOIN(arena, scheme, where->bucket, SLICE("."), host),
                                  ARENA_JOIN(arena, SLICE("/"), name) };
    struct slice slash = slice_first(SLICE("/"), key.length > 0);
    return (struct s3_place){ ARENA_JOIN(arena, scheme, host),
                              ARENA_JOIN(arena, SLICE("/"), where->bucket, slash, name) };
}

struct slice s3_region_of_host(struct slice host) {
    struct slice tail =
        slice_ends(host, SLICE(DOMAIN_OF_CHINA)) ? SLICE(DOMAIN_OF_CHINA) : SLICE(DOMAIN);
    if (!slice_ends(host, tail)) return SLICE("");
    host.length -= tail.length;
    size_t at = host.length;
    while (at > 0 && host.data[at - 1] != '.')
        at--;
    struct slice last = slice_skip(host, at), before = slice_first(host, at ? at - 1 : 0);
    /* "s3-eu-west-1" is an older form of "s3.eu-west-1". */
    if (slice_starts(last, SLICE("s3-")))
        last = slice_skip(last, 3);
    else if (!slice_is(before, "s3") && !slice_ends(before, SLICE(".s3")))
        return SLICE("");
    return s3_is_region(last) ? last : SLICE("");
}
