/* What fuzz targets share: a claim that ends the run when it is wrong, and padded copies. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "json/projection.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void require(bool holds) {
    if (!holds) abort();
}

/* A copy that ends where memory does, but for the padding that records have. */
static inline struct slice padded_copy(struct arena *arena, const uint8_t *data, size_t size) {
    char *bytes = arena_alloc(arena, size + JSON_PADDING);
    if (size) memcpy(bytes, data, size);
    memset(bytes + size, '}', JSON_PADDING);
    return slice_from(bytes, size);
}

#endif
