/* base/base64.h by libcrypto. */
#include "base/base64.h"
#include <openssl/evp.h>

/* EVP counts in int: pieces of whole groups of three. */
#define PIECE_BYTES ((size_t)3 << 20)

size_t base64_write(struct slice bytes, char *out) {
    size_t length = 0;
    do {
        struct slice piece = slice_first(bytes, PIECE_BYTES);
        length += (size_t)EVP_EncodeBlock((unsigned char *)out + length,
                                          (const unsigned char *)piece.data, (int)piece.length);
        bytes = slice_skip(bytes, piece.length);
    } while (bytes.length);
    return length;
}
