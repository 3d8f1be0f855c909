/* Memory of one batch: taken piece by piece, given back all at once.
 *
 * One thread at a time. Pieces are aligned to 16 bytes and stay where they are until arena_reset.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/slice.h"
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *first; /* kept through arena_reset, newest last */
    struct arena_block *current;
    char *next, *end; /* the free part of `current` */
    char *newest;     /* the piece that was taken last */
};

#define ARENA_BLOCK_BYTES ((size_t)256 * 1024)

void arena_init(struct arena *arena);
/* All pieces are gone; up to `keep_bytes` of blocks stay for the next round. */
void arena_reset(struct arena *arena, size_t keep_bytes);
void arena_free(struct arena *arena);
/* Gives back all pieces that were taken since `mark` was copied from *arena. */
void arena_rewind(struct arena *arena, struct arena mark);
/* Bytes of all blocks, used or not. */
size_t arena_size(const struct arena *arena);

void *arena_alloc_slow(struct arena *arena, size_t bytes);

static inline void *arena_alloc(struct arena *arena, size_t bytes) {
    size_t room = (bytes + 15 + !bytes) & ~(size_t)15; /* no piece is empty */
    if ((size_t)(arena->end - arena->next) < room || room < bytes)
        return arena_alloc_slow(arena, bytes);
    arena->newest = arena->next;
    arena->next += room;
    return arena->newest;
}

/* `count` zeroed items of `bytes` each. */
void *arena_zeroed(struct arena *arena, size_t count, size_t bytes);
/* A copy of `slice`, followed by a NUL that its length does not count. */
struct slice arena_copy(struct arena *arena, struct slice slice);
/* The texts one behind the other. */
struct slice arena_join(struct arena *arena, const struct slice *parts, size_t count);
#define ARENA_JOIN(arena, ...)                                                                     \
    arena_join(arena, (const struct slice[]){ __VA_ARGS__ },                                       \
               sizeof((const struct slice[]){ __VA_ARGS__ }) / sizeof(struct slice))
/* Text made by printf's rules. */
struct slice arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Gives back the unused tail of a piece that was taken with room for more than `used`; does nothing
 * when another was taken since. */
static inline void arena_shrink(struct arena *arena, void *piece, size_t used) {
    if (piece && piece == arena->newest) arena->next = arena->newest + ((used + 15) & ~(size_t)15);
}

#endif
