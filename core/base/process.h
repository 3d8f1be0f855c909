/* What this process uses of the machine, as /proc says. Any thread. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stdint.h>

/* 0 where /proc does not say. */
struct process_use {
    uint64_t cpu_ns;
    uint64_t resident_bytes, virtual_bytes;
    uint64_t threads;
    uint64_t descriptors, most_descriptors;
};

struct process_use process_look(void);

#endif
