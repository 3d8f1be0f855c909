/* What the two readers of this folder share of simdjson On-Demand 3.0.1; private to them. */
#ifndef JSON_PARSER_H
#define JSON_PARSER_H

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

namespace ondemand = simdjson::ondemand;

struct projector {
    ondemand::parser parser;
};

/* A bit in each byte of `word` that equals `byte`; exact up to the first such byte. */
inline uint64_t bytes_equal(uint64_t word, char byte) {
    uint64_t other = word ^ UINT64_C(0x0101010101010101) * static_cast<unsigned char>(byte);
    return (other - UINT64_C(0x0101010101010101)) & ~other & UINT64_C(0x8080808080808080);
}

/* The length of the key at `raw`, which ends at an unescaped quote; *escaped tells of backslashes.
 * Reads eight bytes at a time: the padding behind a record allows it. */
inline size_t key_length(const char *raw, bool *escaped) {
    *escaped = false;
    for (size_t length = 0;;) {
        uint64_t word;
        memcpy(&word, raw + length, sizeof word);
        uint64_t found = bytes_equal(word, '"') | bytes_equal(word, '\\');
        if (found == 0) {
            length += sizeof word;
            continue;
        }
        length += static_cast<size_t>(__builtin_ctzll(found)) / 8;
        if (raw[length] == '"') return length;
        *escaped = true;
        length += 2;
    }
}

/* The place of the next token is out of bounds when there is none. */
inline bool is_read_whole(ondemand::document &document) {
    return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

#endif
