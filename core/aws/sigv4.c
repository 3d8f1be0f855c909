/* aws/sigv4.h. The key of a day is made once: four of the six hashes of a signature. */
#include "aws/sigv4.h"
#include "aws/digest.h"
#include "aws/sigv4_canonical.h"
#include "base/alloc.h"
#include "base/date.h"
#include <openssl/crypto.h>

#define ALGORITHM "AWS4-HMAC-SHA256"
#define DAY_BYTES 8
#define STAMP_BYTES 16 /* "20150830T123600Z" */
#define QUERY_MEMBERS 6

struct sigv4_signer {
    struct slice region, service;
    unsigned style;
    struct hmac key; /* of `day`, region and service, under `secret` */
    struct slice secret;
    char day[DAY_BYTES]; /* "": none yet */
    struct hmac scratch;
};

static struct slice copy(struct slice text) {
    char *made = memory_alloc(text.length + 1);
    if (text.length) memcpy(made, text.data, text.length);
    return slice_from(made, text.length);
}

struct sigv4_signer *sigv4_signer_create(struct slice region, struct slice service,
                                         unsigned style) {
    struct sigv4_signer *signer = memory_zeroed(1, sizeof *signer);
    signer->region = copy(region);
    signer->service = copy(service);
    signer->style = style;
    return signer;
}

static void forget_secret(struct sigv4_signer *signer) {
    if (signer->secret.length) OPENSSL_cleanse((char *)signer->secret.data, signer->secret.length);
    memory_free((char *)signer->secret.data);
    signer->secret = (struct slice){ 0 };
}

void sigv4_signer_destroy(struct sigv4_signer *signer) {
    forget_secret(signer);
    hmac_free(&signer->key);
    hmac_free(&signer->scratch);
    memory_free((char *)signer->region.data);
    memory_free((char *)signer->service.data);
    memory_free(signer);
}

/* ---- the key of a day ---- */

static struct digest hash_under(struct sigv4_signer *signer, struct slice key, struct slice text) {
    hmac_set(&signer->scratch, key);
    return hmac_of(&signer->scratch, text);
}

static void make_key(struct sigv4_signer *signer, struct slice secret, struct slice day,
                     struct arena *arena) {
    if (memcmp(signer->day, day.data, DAY_BYTES) == 0 && slice_equal(signer->secret, secret))
        return;
    struct slice first = ARENA_JOIN(arena, SLICE("AWS4"), secret);
    struct digest key = hash_under(signer, first, day);
    OPENSSL_cleanse((char *)first.data, first.length);
    key = hash_under(signer, digest_slice(&key), signer->region);
    key = hash_under(signer, digest_slice(&key), signer->service);
    key = hash_under(signer, digest_slice(&key), SLICE("aws4_request"));
    hmac_set(&signer->key, digest_slice(&key));
    OPENSSL_cleanse(&key, sizeof key);
    memcpy(signer->day, day.data, DAY_BYTES);
    forget_secret(signer);
    signer->secret = copy(secret);
}

/* ---- one signature ---- */

/* What is made of the request, the keys and the time, before it is known where it goes. */
struct signing {
    struct sigv4_signer *signer;
    const struct sigv4_request *request;
    const struct aws_keys *keys;
    struct arena *arena;
    struct slice stamp, scope;
    struct http_field *headers; /* to be signed */
    size_t header_count;
    struct canonical_headers canonical;
};

/* "20150830T123600Z" of "2015-08-30T12:36:00.000Z". */
static struct slice make_stamp(int64_t now_ms, struct arena *arena) {
    char iso[DATE_BYTES], *stamp = arena_alloc(arena, STAMP_BYTES);
    date_write(now_ms, iso);
    size_t length = 0;
    for (size_t i = 0; i < 19; i++)
        if (iso[i] != '-' && iso[i] != ':') stamp[length++] = iso[i];
    stamp[length++] = 'Z';
    return slice_from(stamp, length);
}

static struct signing begin(struct sigv4_signer *signer, const struct sigv4_request *request,
                            const struct aws_keys *keys, int64_t now_ms, struct arena *arena) {
    struct slice stamp = make_stamp(now_ms, arena), day = slice_first(stamp, DAY_BYTES);
    make_key(signer, keys->secret, day, arena);
    struct signing signing = {
        .signer = signer,
        .request = request,
        .keys = keys,
        .arena = arena,
        .stamp = stamp,
        .scope = ARENA_JOIN(arena, day, SLICE("/"), signer->region, SLICE("/"), signer->service,
                            SLICE("/aws4_request")),
        .headers = arena_alloc(arena, (request->header_count + 4) * sizeof(struct http_field)),
        .header_count = request->header_count,
    };
    for (size_t i = 0; i < request->header_count; i++)
        signing.headers[i] = request->headers[i];
    return signing;
}

static void add_header(struct signing *signing, struct sigv4_signed *out, const char *name,
                       struct slice value) {
    struct http_field field = { slice_of(name), value };
    out->headers[out->header_count++] = field;
    signing->headers[signing->header_count++] = field;
}

static void sign(struct signing *signing, struct sigv4_signed *out) {
    const struct sigv4_request *request = signing->request;
    struct arena *arena = signing->arena;
    struct slice path = request->path, line = SLICE("\n");
    char hex[DIGEST_HEX_BYTES];
    if (!(signing->signer->style & SIGV4_PATH_AS_IS)) path = canonical_path(path, arena);
    out->canonical = ARENA_JOIN(arena, request->method, line, path, line, out->query, line,
                                signing->canonical.lines, line, signing->canonical.signed_names,
                                line, request->payload);
    struct digest digest = sha256_of(out->canonical);
    digest_hex(&digest, hex);
    out->to_sign = ARENA_JOIN(arena, SLICE(ALGORITHM "\n"), signing->stamp, line, signing->scope,
                              line, slice_from(hex, sizeof hex));
    digest = hmac_of(&signing->signer->key, out->to_sign);
    digest_hex(&digest, hex);
    out->signature = arena_copy(arena, slice_from(hex, sizeof hex));
}

void sigv4_sign(struct sigv4_signer *signer, const struct sigv4_request *request,
                const struct aws_keys *keys, int64_t now_ms, struct arena *arena,
                struct sigv4_signed *out) {
    struct signing signing = begin(signer, request, keys, now_ms, arena);
    *out = (struct sigv4_signed){ 0 };
    add_header(&signing, out, "x-amz-date", signing.stamp);
    if (keys->token.length) add_header(&signing, out, "x-amz-security-token", keys->token);
    if (signer->style & SIGV4_PAYLOAD_HEADER)
        add_header(&signing, out, "x-amz-content-sha256", request->payload);
    signing.canonical = canonical_headers(signing.headers, signing.header_count, arena);
    out->query = canonical_query(request->query, request->query_count, arena);
    sign(&signing, out);
    out->headers[out->header_count++] = (struct http_field){
        SLICE("authorization"),
        ARENA_JOIN(arena, SLICE(ALGORITHM " Credential="), keys->access, SLICE("/"), signing.scope,
                   SLICE(", SignedHeaders="), signing.canonical.signed_names, SLICE(", Signature="),
                   out->signature),
    };
}

void sigv4_presign(struct sigv4_signer *signer, const struct sigv4_request *request,
                   const struct aws_keys *keys, int64_t now_ms, uint32_t expires_s,
                   struct arena *arena, struct sigv4_signed *out) {
    struct signing signing = begin(signer, request, keys, now_ms, arena);
    *out = (struct sigv4_signed){ 0 };
    signing.canonical = canonical_headers(signing.headers, signing.header_count, arena);
    const struct http_field added[QUERY_MEMBERS] = {
        { SLICE("X-Amz-Algorithm"), SLICE(ALGORITHM) },
        { SLICE("X-Amz-Credential"), ARENA_JOIN(arena, keys->access, SLICE("/"), signing.scope) },
        { SLICE("X-Amz-Date"), signing.stamp },
        { SLICE("X-Amz-Expires"), arena_format(arena, "%u", expires_s) },
        { SLICE("X-Amz-SignedHeaders"), signing.canonical.signed_names },
        { SLICE("X-Amz-Security-Token"), keys->token },
    };
    size_t given = request->query_count;
    size_t more = keys->token.length ? QUERY_MEMBERS : QUERY_MEMBERS - 1;
    struct http_field *query = arena_alloc(arena, (given + more) * sizeof *query);
    for (size_t i = 0; i < given + more; i++)
        query[i] = i < given ? request->query[i] : added[i - given];
    out->query = canonical_query(query, given + more, arena);
    sign(&signing, out);
    out->query = ARENA_JOIN(arena, out->query, SLICE("&X-Amz-Signature="), out->signature);
}
