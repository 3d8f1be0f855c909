/* aws/digest.h. OpenSSL looks an algorithm up anew for each EVP_sha256(): here it is fetched once.
 */
#include "aws/digest.h"
#include <openssl/crypto.h>
#include <stdatomic.h>
#include <stdlib.h>

#define BLOCK_BYTES 64

/* What OpenSSL cannot do without memory ends the process, as everywhere. */
static void need(bool done) {
    if (!done) abort();
}

static const EVP_MD *algorithm(void) {
    static _Atomic(EVP_MD *) fetched;
    EVP_MD *made = atomic_load_explicit(&fetched, memory_order_acquire), *none = NULL;
    if (made) return made;
    made = EVP_MD_fetch(NULL, "SHA256", NULL);
    need(made != NULL);
    if (atomic_compare_exchange_strong(&fetched, &none, made)) return made;
    EVP_MD_free(made); /* another thread was faster */
    return none;
}

void sha256_begin(struct sha256 *sha) {
    if (sha->context == NULL) sha->context = EVP_MD_CTX_new();
    need(sha->context && EVP_DigestInit_ex2(sha->context, algorithm(), NULL));
}

void sha256_add(struct sha256 *sha, struct slice bytes) {
    need(EVP_DigestUpdate(sha->context, bytes.data, bytes.length));
}

struct digest sha256_end(struct sha256 *sha) {
    struct digest digest;
    need(EVP_DigestFinal_ex(sha->context, digest.bytes, NULL));
    return digest;
}

void sha256_free(struct sha256 *sha) {
    EVP_MD_CTX_free(sha->context);
    sha->context = NULL;
}

struct digest sha256_of(struct slice bytes) {
    struct digest digest;
    need(EVP_Digest(bytes.data, bytes.length, digest.bytes, NULL, algorithm(), NULL));
    return digest;
}

static void pad(struct sha256 *half, const unsigned char *key, unsigned char with) {
    unsigned char block[BLOCK_BYTES];
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        block[i] = key[i] ^ with;
    sha256_begin(half);
    sha256_add(half, slice_from((const char *)block, sizeof block));
    OPENSSL_cleanse(block, sizeof block);
}

void hmac_set(struct hmac *hmac, struct slice key) {
    unsigned char block[BLOCK_BYTES] = { 0 };
    struct sha256 inner = { hmac->inner }, outer = { hmac->outer };
    if (key.length > BLOCK_BYTES) {
        struct digest digest = sha256_of(key);
        memcpy(block, digest.bytes, sizeof digest.bytes);
    } else if (key.length)
        memcpy(block, key.data, key.length);
    pad(&inner, block, 0x36);
    pad(&outer, block, 0x5c);
    OPENSSL_cleanse(block, sizeof block);
    hmac->inner = inner.context;
    hmac->outer = outer.context;
    if (hmac->work == NULL) hmac->work = EVP_MD_CTX_new();
}

struct digest hmac_of(const struct hmac *hmac, struct slice bytes) {
    struct sha256 work = { hmac->work };
    need(EVP_MD_CTX_copy_ex(hmac->work, hmac->inner));
    sha256_add(&work, bytes);
    struct digest digest = sha256_end(&work);
    need(EVP_MD_CTX_copy_ex(hmac->work, hmac->outer));
    sha256_add(&work, digest_slice(&digest));
    return sha256_end(&work);
}

void hmac_free(struct hmac *hmac) {
    EVP_MD_CTX_free(hmac->inner);
    EVP_MD_CTX_free(hmac->outer);
    EVP_MD_CTX_free(hmac->work);
    *hmac = (struct hmac){ 0 };
}

void digest_hex(const struct digest *digest, char out[DIGEST_HEX_BYTES]) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        out[2 * i] = digits[digest->bytes[i] >> 4];
        out[2 * i + 1] = digits[digest->bytes[i] & 15];
    }
}
