/* Counters that scripts name: linnet.count("shouting").
 *
 * One table for the whole process, summed over workers and kept through reloads. Any thread. */
#ifndef SCRIPT_COUNTERS_H
#define SCRIPT_COUNTERS_H

#include "base/compiler.h"
#include "base/slice.h"
#include <stdint.h>

#define MAX_COUNTERS 64
#define COUNTER_NAME_BYTES 48

struct script_counter {
    const char *name;
    uint64_t value;
};

/* False when there are MAX_COUNTERS others already, or the name is empty or too long. */
bool counter_add(struct slice name, uint64_t amount) MUST_CHECK;
/* All counters by name; returns how many. */
size_t script_counters(struct script_counter counters[MAX_COUNTERS]);

#endif
