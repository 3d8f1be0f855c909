/* A text's bytes as bits, so that words are found by counting bits instead of looking at bytes.
 *
 * Sixteen bytes are looked at in one step, whatever stands in them. Private to core/text; pure,
 * any thread. */
#ifndef TEXT_BYTE_MAP_H
#define TEXT_BYTE_MAP_H

#include "base/arena.h"
#include "base/slice.h"
#include <stdint.h>

/* Bit n % 64 of item n / 64 is about byte n; the bit behind the last byte is in both. */
struct byte_map {
    uint64_t *words;  /* ASCII letters, digits and "_": up to CLASS_DIGIT */
    uint64_t *starts; /* these, CLASS_SIGN and CLASS_HIGH; and the end, so that a search ends */
    char *lower;      /* the text with ASCII in lower case; BYTE_MAP_PADDING bytes more are there */
};

#define BYTE_MAP_PADDING ((size_t)16)

struct byte_map byte_map_make(struct slice text, struct arena *arena);

/* The first bit from `at` on that is set in `starts`; `at` is at most the text's length. */
static inline size_t byte_map_start(const struct byte_map *map, size_t at) {
    size_t item = at / 64;
    uint64_t bits = map->starts[item] & ~UINT64_C(0) << at % 64;
    while (bits == 0)
        bits = map->starts[++item];
    return item * 64 + (size_t)__builtin_ctzll(bits);
}

/* Where the word ends whose first byte is `at`. */
static inline size_t byte_map_word_end(const struct byte_map *map, size_t at) {
    size_t item = at / 64;
    uint64_t bits = ~map->words[item] & ~UINT64_C(0) << at % 64;
    while (bits == 0)
        bits = ~map->words[++item];
    return item * 64 + (size_t)__builtin_ctzll(bits);
}

#endif
