/* A fast 64-bit hash of bytes, for tables in memory and for ids; not for secrets.
 *
 * Multiply-and-fold in the manner of wyhash (Wang Yi, public domain description). The value of a
 * given text is part of the spool's format later on, so it never changes. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/slice.h"
#include <stdint.h>

static inline uint64_t hash_fold(uint64_t a, uint64_t b) {
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_read(const char *data, size_t length) {
    uint64_t word = 0;
    memcpy(&word, data, length);
    return word;
}

#define HASH_SEED UINT64_C(0xa0761d6478bd642f)
#define HASH_STEP UINT64_C(0xe7037ed1a0b428db)

static inline uint64_t hash_bytes(struct slice bytes) {
    uint64_t state = HASH_SEED ^ bytes.length;
    const char *at = bytes.data;
    size_t left = bytes.length;
    while (left > 8) {
        state = hash_fold(state ^ hash_read(at, 8), HASH_STEP);
        at += 8;
        left -= 8;
    }
    if (left) state ^= hash_read(at, left);
    return hash_fold(state ^ HASH_STEP, HASH_SEED);
}

#endif
