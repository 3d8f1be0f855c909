/* Allocations that fail. */
#ifndef SIM_ALLOC_SIM_H
#define SIM_ALLOC_SIM_H

#include <stdint.h>

/* From now on they are counted, and the `at`-th fails; 0: none. */
void alloc_sim_fail(uint64_t at);
uint64_t alloc_sim_count(void);

#endif
