/* SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104) as signing needs them: many short inputs under a
 * key that stays. Any thread, each with its own struct. */
#ifndef AWS_DIGEST_H
#define AWS_DIGEST_H

#include "base/slice.h"
#include <openssl/evp.h>

#define DIGEST_BYTES 32
#define DIGEST_HEX_BYTES 64 /* without a NUL */

struct digest {
    unsigned char bytes[DIGEST_BYTES];
};

/* Of bytes that come piece by piece. */
struct sha256 {
    EVP_MD_CTX *context;
};
void sha256_begin(struct sha256 *sha);
void sha256_add(struct sha256 *sha, struct slice bytes);
/* Ends it; sha256_begin is next. */
struct digest sha256_end(struct sha256 *sha);
void sha256_free(struct sha256 *sha);
struct digest sha256_of(struct slice bytes);

/* A key that is ready to be used; zeroed before the first hmac_set. */
struct hmac {
    EVP_MD_CTX *inner, *outer; /* behind their padded keys */
    EVP_MD_CTX *work;
};
void hmac_set(struct hmac *hmac, struct slice key);
struct digest hmac_of(const struct hmac *hmac, struct slice bytes);
void hmac_free(struct hmac *hmac);

/* Lower case. */
void digest_hex(const struct digest *digest, char out[DIGEST_HEX_BYTES]);
static inline struct slice digest_slice(const struct digest *digest) {
    return slice_from((const char *)digest->bytes, DIGEST_BYTES);
}

#endif
