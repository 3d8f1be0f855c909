/* What the simulator's loop adds to net/loop.h. */
#ifndef SIM_LOOP_SIM_H
#define SIM_LOOP_SIM_H

/* Called after everything that happens; NULL: nothing. */
extern void (*loop_sim_step)(void);

#endif
