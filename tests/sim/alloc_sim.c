/* tests/sim/alloc_sim.h, below base/alloc_libc.c: the linker puts it before the C library. */
#include "alloc_sim.h"
#include "wrap.h"
#include <stdbool.h>
#include <stddef.h>

static uint64_t count, failing;

void alloc_sim_fail(uint64_t at) {
    count = 0;
    failing = at;
}

uint64_t alloc_sim_count(void) { return count; }

static bool fails(void) { return ++count == failing; }

WRAP(void *, malloc, size_t bytes) { return fails() ? NULL : __real_malloc(bytes); }

WRAP(void *, calloc, size_t items, size_t bytes) {
    return fails() ? NULL : __real_calloc(items, bytes);
}

WRAP(void *, realloc, void *block, size_t bytes) {
    return fails() ? NULL : __real_realloc(block, bytes);
}

WRAP(void *, aligned_alloc, size_t step, size_t bytes) {
    return fails() ? NULL : __real_aligned_alloc(step, bytes);
}
