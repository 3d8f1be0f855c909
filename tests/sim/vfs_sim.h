/* SQLite on the simulated disk. */
#ifndef SIM_VFS_SIM_H
#define SIM_VFS_SIM_H

/* From now on every database of the process is there. */
void vfs_sim_install(void);

#endif
