/* net/oauth1.h */
#include "net/oauth1.h"
#include "base/base64.h"
#include "base/compiler.h"
#include "net/uri.h"
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#define SHA1_BYTES 20
#define OWN_FIELDS 6

/* Encoded already. */
struct pair {
    struct slice name, value;
};

static int slice_order(struct slice a, struct slice b) {
    int order = memcmp(a.data, b.data, MIN(a.length, b.length));
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

static int pair_order(const void *a, const void *b) {
    const struct pair *left = a, *right = b;
    int order = slice_order(left->name, right->name);
    return order ? order : slice_order(left->value, right->value);
}

static struct pair encoded(struct slice name, struct slice value, struct arena *arena) {
    return (struct pair){ uri_encode(name, false, arena), uri_encode(value, false, arena) };
}

/* "a=1&b=2", sorted. */
static struct slice join_sorted(struct pair *pairs, size_t count, struct arena *arena) {
    struct slice *parts = arena_alloc(arena, count * 4 * sizeof *parts);
    size_t made = 0;
    qsort(pairs, count, sizeof *pairs, pair_order);
    for (size_t i = 0; i < count; i++) {
        if (i) parts[made++] = SLICE("&");
        parts[made++] = pairs[i].name;
        parts[made++] = SLICE("=");
        parts[made++] = pairs[i].value;
    }
    return arena_join(arena, parts, made);
}

static struct slice signature(const struct oauth1_request *request, const struct oauth1_keys *keys,
                              struct slice parameters, struct arena *arena) {
    struct slice base = ARENA_JOIN(arena, slice_of(request->method), SLICE("&"),
                                   uri_encode(request->url, false, arena), SLICE("&"),
                                   uri_encode(parameters, false, arena));
    struct slice key = ARENA_JOIN(arena, uri_encode(keys->consumer_secret, false, arena),
                                  SLICE("&"), uri_encode(keys->token_secret, false, arena));
    unsigned char digest[SHA1_BYTES];
    unsigned length = sizeof digest;
    HMAC(EVP_sha1(), key.data, (int)key.length, (const unsigned char *)base.data, base.length,
         digest, &length);
    return base64_text(slice_from((const char *)digest, length), arena);
}

struct slice oauth1_authorization(const struct oauth1_request *request,
                                  const struct oauth1_keys *keys, struct arena *arena) {
    struct slice time = arena_format(arena, "%lld", (long long)request->time_s);
    const struct oauth1_field own[OWN_FIELDS] = {
        { SLICE("oauth_consumer_key"), keys->consumer_key },
        { SLICE("oauth_nonce"), request->nonce },
        { SLICE("oauth_signature_method"), SLICE("HMAC-SHA1") },
        { SLICE("oauth_timestamp"), time },
        { SLICE("oauth_token"), keys->token },
        { SLICE("oauth_version"), SLICE("1.0") },
    };
    size_t count = 0;
    struct pair *pairs = arena_alloc(arena, (OWN_FIELDS + request->field_count) * sizeof *pairs);
    struct slice header = SLICE("OAuth ");
    for (size_t i = 0; i < OWN_FIELDS; i++) {
        struct pair pair = encoded(own[i].name, own[i].value, arena);
        pairs[count++] = pair;
        header = ARENA_JOIN(arena, header, pair.name, SLICE("=\""), pair.value, SLICE("\", "));
    }
    for (size_t i = 0; i < request->field_count; i++)
        pairs[count++] = encoded(request->fields[i].name, request->fields[i].value, arena);
    struct slice signed_with = signature(request, keys, join_sorted(pairs, count, arena), arena);
    return ARENA_JOIN(arena, header, SLICE("oauth_signature=\""),
                      uri_encode(signed_with, false, arena), SLICE("\""));
}
