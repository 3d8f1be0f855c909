/* linnet as a process of the simulated world: forked, run until it ends or is killed. */
#ifndef SIM_PROCESS_H
#define SIM_PROCESS_H

#include "os_sim.h"

enum process_end {
    PROCESS_DONE,    /* everything is delivered */
    PROCESS_SHORT,   /* of memory: it ended at once */
    PROCESS_STOPPED, /* it was told to stop, and did */
    PROCESS_FAILED,  /* it said why it could not go on */
    PROCESS_KILLED,
    PROCESS_BROKEN, /* world->broken says what does not hold */
};

struct process {
    const char *spool_max;
    unsigned workers;
    bool no_store; /* its syncs of the folder would hide that ours are missing */
    struct sim_fault fault;
    uint64_t short_at; /* the allocation that fails, from 1; 0: none */
    /* When it is told to stop, is killed, and the wall clock steps; 0: never. */
    uint64_t stop_ns, kill_ns, step_ns;
};

/* On the disk as it is; afterwards the disk is as the process left it. */
enum process_end process_run(const struct process *process);

#endif
