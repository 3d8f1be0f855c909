/* base/alloc.h on the C library. */
#include "base/alloc.h"
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void (*farewell)(void);

void memory_share_heaps(void) { (void)mallopt(M_ARENA_MAX, 2); }

void memory_set_farewell(void (*call)(void)) { farewell = call; }

static void *required(void *block) {
    static const char said[] = "linnet: out of memory\n";
    if (UNLIKELY(block == NULL)) {
        if (farewell) farewell();
        ssize_t ignored = write(STDERR_FILENO, said, sizeof said - 1);
        (void)ignored;
        _exit(1);
    }
    return block;
}

void *memory_alloc(size_t bytes) { return required(malloc(bytes ? bytes : 1)); }

void *memory_alloc_aligned(size_t step, size_t bytes) {
    return required(aligned_alloc(step, (bytes + step - 1) / step * step));
}

void *memory_zeroed(size_t count, size_t bytes) {
    return required(calloc(count ? count : 1, bytes ? bytes : 1));
}

void *memory_resize(void *block, size_t bytes) {
    return required(realloc(block, bytes ? bytes : 1));
}

void *memory_try_resize(void *block, size_t bytes) { return realloc(block, bytes ? bytes : 1); }

char *memory_copy_text(const char *text) {
    size_t bytes = strlen(text) + 1;
    return memcpy(memory_alloc(bytes), text, bytes);
}

void memory_free(void *block) { free(block); }
