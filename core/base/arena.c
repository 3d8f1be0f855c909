/* base/arena.h: a chain of blocks; the chain is kept from batch to batch. */
#include "base/arena.h"
#include "base/alloc.h"
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

struct arena_block {
    struct arena_block *next;
    size_t bytes; /* of `data` */
    _Alignas(16) char data[];
};

void arena_init(struct arena *arena) { *arena = (struct arena){ 0 }; }

static void arena_enter(struct arena *arena, struct arena_block *block) {
    arena->current = block;
    arena->newest = NULL;
    arena->next = block ? block->data : NULL;
    arena->end = block ? block->data + block->bytes : NULL;
}

void *arena_alloc_slow(struct arena *arena, size_t bytes) {
    bytes = MIN(bytes, SIZE_MAX / 2); /* more than any heap gives; sums of it cannot wrap */
    struct arena_block *follower = arena->current ? arena->current->next : arena->first;
    if (follower == NULL || follower->bytes < bytes + 15) {
        size_t room = bytes + 16 > ARENA_BLOCK_BYTES ? bytes + 16 : ARENA_BLOCK_BYTES;
        struct arena_block *block = memory_alloc(sizeof *block + room);
        *block = (struct arena_block){ .next = follower, .bytes = room };
        if (arena->current)
            arena->current->next = block;
        else
            arena->first = block;
        follower = block;
    }
    arena_enter(arena, follower);
    arena->newest = arena->next;
    arena->next += (bytes + 15) & ~(size_t)15;
    return arena->newest;
}

static void blocks_free(struct arena_block *block) {
    while (block) {
        struct arena_block *next = block->next;
        memory_free(block);
        block = next;
    }
}

void arena_reset(struct arena *arena, size_t keep_bytes) {
    struct arena_block **link = &arena->first;
    size_t kept = 0;
    while (*link && kept + (*link)->bytes <= keep_bytes) {
        kept += (*link)->bytes;
        link = &(*link)->next;
    }
    blocks_free(*link);
    *link = NULL;
    arena_enter(arena, arena->first);
}

void arena_free(struct arena *arena) {
    blocks_free(arena->first);
    arena_init(arena);
}

/* Blocks that came since stay in the chain. */
void arena_rewind(struct arena *arena, struct arena mark) {
    if (mark.current == NULL) {
        arena_enter(arena, arena->first);
        return;
    }
    mark.first = arena->first;
    *arena = mark;
}

size_t arena_size(const struct arena *arena) {
    size_t bytes = 0;
    for (const struct arena_block *block = arena->first; block; block = block->next)
        bytes += block->bytes;
    return bytes;
}

void *arena_zeroed(struct arena *arena, size_t count, size_t bytes) {
    size_t total;
    if (__builtin_mul_overflow(count, bytes, &total)) total = SIZE_MAX;
    void *piece = arena_alloc(arena, total);
    return total ? memset(piece, 0, total) : piece;
}

struct slice arena_copy(struct arena *arena, struct slice slice) {
    char *copy = arena_alloc(arena, slice.length + 1);
    if (slice.length) memcpy(copy, slice.data, slice.length);
    copy[slice.length] = '\0';
    return (struct slice){ copy, slice.length };
}

struct slice arena_join(struct arena *arena, const struct slice *parts, size_t count) {
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        length += parts[i].length;
    char *joined = arena_alloc(arena, length + 1), *to = joined;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].length) memcpy(to, parts[i].data, parts[i].length);
        to += parts[i].length;
    }
    *to = '\0';
    return slice_from(joined, length);
}

struct slice arena_format(struct arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = arena_alloc(arena, (size_t)length + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return (struct slice){ text, (size_t)length };
}
