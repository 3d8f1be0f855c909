/* text/byte_map.h on the compiler's vectors. */
#include "text/byte_map.h"
#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef unsigned char bytes __attribute__((vector_size(16)));

static bytes between(bytes some, unsigned char first, unsigned char last) {
    return (bytes)(some - first <= (unsigned char)(last - first));
}

/* One bit for each byte, which are 0 or 0xFF. */
static uint64_t bits_of(bytes flags) {
#ifdef __SSE2__
    return (uint64_t)_mm_movemask_epi8((__m128i)flags);
#else
    uint64_t bits = 0;
    for (unsigned i = 0; i < sizeof flags; i++)
        bits |= (uint64_t)(flags[i] & 1) << i;
    return bits;
#endif
}

/* Sixteen bytes at `from`, which go to `lower`; their bits are added from bit `at` on. */
static void map_some(const char *from, char *lower, unsigned at, uint64_t *words,
                     uint64_t *starts) {
    bytes some, capitals, letters, word, sign;
    memcpy(&some, from, sizeof some);
    capitals = between(some, 'A', 'Z');
    some |= capitals & 0x20;
    memcpy(lower, &some, sizeof some);
    letters = between(some, 'a', 'z');
    word = letters | between(some, '0', '9') | (bytes)(some == '_');
    sign = between(some, '#', '$') | (bytes)(some == '*') | (bytes)(some == '@');
    *words |= bits_of(word) << at;
    *starts |= bits_of(word | sign | (bytes)(some >= 0x80)) << at;
}

struct byte_map byte_map_make(struct slice text, struct arena *arena) {
    size_t items = text.length / 64 + 1;
    struct byte_map map = {
        .words = arena_zeroed(arena, items, 2 * sizeof *map.words),
        .lower = arena_alloc(arena, text.length + 2 * BYTE_MAP_PADDING),
    };
    map.starts = map.words + items;
    size_t at = 0;
    for (; at + 16 <= text.length; at += 16)
        map_some(text.data + at, map.lower + at, at % 64, &map.words[at / 64],
                 &map.starts[at / 64]);
    char rest[16] = { 0 };
    memcpy(rest, text.data + at, text.length - at);
    map_some(rest, map.lower + at, at % 64, &map.words[at / 64], &map.starts[at / 64]);
    memset(map.lower + at + 16, 0, BYTE_MAP_PADDING);
    map.starts[text.length / 64] |= UINT64_C(1) << text.length % 64;
    return map;
}
