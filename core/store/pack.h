/* Numbers and texts in the spool's files: little-endian, a text behind its length in four bytes.
 *
 * Packing is into room that was made before; unpacking is out of bytes that may say anything. */
#ifndef STORE_PACK_H
#define STORE_PACK_H

#include "base/slice.h"
#include <endian.h>
#include <stdint.h>

static inline char *pack_u32(char *at, uint32_t value) {
    value = htole32(value);
    memcpy(at, &value, sizeof value);
    return at + sizeof value;
}

static inline char *pack_u64(char *at, uint64_t value) {
    value = htole64(value);
    memcpy(at, &value, sizeof value);
    return at + sizeof value;
}

static inline size_t packed_text(struct slice text) { return 4 + text.length; }

static inline char *pack_text(char *at, struct slice text) {
    at = pack_u32(at, (uint32_t)text.length);
    if (text.length) memcpy(at, text.data, text.length);
    return at + text.length;
}

static inline uint32_t read_u32(const char *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return le32toh(value);
}

static inline uint64_t read_u64(const char *at) {
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return le64toh(value);
}

struct unpacker {
    struct slice left;
    bool bad; /* more was asked for than there is: everything since is 0 or empty */
};

static inline struct slice unpack_bytes(struct unpacker *from, size_t count) {
    if (count > from->left.length) {
        *from = (struct unpacker){ .bad = true };
        return (struct slice){ 0 };
    }
    struct slice bytes = slice_first(from->left, count);
    from->left = slice_skip(from->left, count);
    return bytes;
}

static inline uint32_t unpack_u32(struct unpacker *from) {
    struct slice bytes = unpack_bytes(from, 4);
    return bytes.data ? read_u32(bytes.data) : 0;
}

static inline uint64_t unpack_u64(struct unpacker *from) {
    struct slice bytes = unpack_bytes(from, 8);
    return bytes.data ? read_u64(bytes.data) : 0;
}

static inline struct slice unpack_text(struct unpacker *from) {
    return unpack_bytes(from, unpack_u32(from));
}

/* How many items of at least `bytes` each follow; a number that cannot be true is bad. */
static inline uint32_t unpack_count(struct unpacker *from, size_t bytes) {
    uint32_t count = unpack_u32(from);
    if (count <= from->left.length / bytes) return count;
    *from = (struct unpacker){ .bad = true };
    return 0;
}

#endif
