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
    bool no_store;        /* its syncs of the folder would hide that ours are missing */
    bool archive, bucket; /* the one in a folder, or in a bucket */
    bool bulk;            /* an index behind HTTP beside the other */
    struct sim_fault fault;
    uint64_t short_at; /* the allocation that fails, from 1; 0: none */
    /* When it is told to stop, is killed, the wall clock steps, and another configuration is
     * adopted, and then another again and again; 0: never. */
    uint64_t stop_ns, kill_ns, step_ns, reload_ns;
};

/* Sinks come and go, queries change; at a start all is as it was, but for sinks that must be there
 * in the end. */
void process_vary(void);
void process_complete(void);
/* On the disk as it is; afterwards the disk is as the process left it. */
enum process_end process_run(const struct process *process);

#endif
