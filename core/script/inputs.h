/* What a load read, and what it looked for in vain: the files that a reload has to wait for.
 *
 * Filled by the loader, whether the load succeeds or not; then only read. One owner, one thread at
 * a time. */
#ifndef SCRIPT_INPUTS_H
#define SCRIPT_INPUTS_H

#include "base/arena.h"
#include <stdint.h>

struct input {
    const char *path;  /* absolute */
    const char *shown; /* as errors show it */
    bool missing;      /* it was looked for; were it there, it would have been read */
    uint64_t hash;     /* hash_bytes of its content */
};

struct inputs {
    struct arena arena;
    struct input *items;
    size_t count, capacity;
};

void inputs_init(struct inputs *inputs);
void inputs_free(struct inputs *inputs);
/* Each path once: what is known stays as it was first seen. */
void inputs_add(struct inputs *inputs, const char *path, struct slice content);
void inputs_add_missing(struct inputs *inputs, const char *path);
/* NULL when it was not read. */
const struct input *inputs_find(const struct inputs *inputs, const char *path);

#endif
