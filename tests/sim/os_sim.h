/* A disk in memory behind base/os.h, for tests that kill, fail and cut the power.
 *
 * A file is its durable bytes plus what was written since its last sync; a folder its durable names
 * plus those made, moved and removed since. All of it lies in memory that a forked child shares. */
#ifndef SIM_OS_SIM_H
#define SIM_OS_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sim_calls {
    SIM_OPEN = 1, /* of what is there */
    SIM_CREATE = 2,
    SIM_READ = 4,
    SIM_WRITE = 8,
    SIM_SYNC = 16,
    SIM_SYNC_FOLDER = 32,
    SIM_TRUNCATE = 64,
    SIM_RENAME = 128,
    SIM_REMOVE = 256,
    SIM_LIST = 512,
    SIM_STAT = 1024,
    SIM_ANY = 2047,
    SIM_CHANGES = SIM_CREATE | SIM_WRITE | SIM_SYNC | SIM_SYNC_FOLDER | SIM_TRUNCATE | SIM_RENAME |
                  SIM_REMOVE,
};

struct sim_fault {
    unsigned calls;   /* which are counted */
    const char *path; /* of them, those on a path that holds this; NULL: all */
    uint64_t at;      /* the call that fails, from 1; 0: none */
    int error;        /* its errno */
    bool forever;     /* and all that follow fail too */
    int later_error;  /* with this errno; 0: the same */
    /* The process ends before this call: it and the calls after it have no effect any more, and
     * fail, until sim_restart. */
    uint64_t kill_at;
    bool half; /* a write that does not happen has happened by half */
};

/* An empty disk with a folder "/" and no faults. */
void sim_reset(void);
/* Replaces the fault before; counts from 0 again. */
void sim_inject(struct sim_fault fault);
uint64_t sim_count(void);
bool sim_is_dead(void);
/* A new process after a kill or an end: files as they were, descriptors and locks gone, no fault.
 */
void sim_restart(void);
/* The same after a power cut. What was not synced is: with 0 lost, 1 kept, 2 kept but for the end
 * of each last write; with others each operation, or sector of 512 bytes, kept, lost or zeros. */
void sim_cut_power(uint64_t seed);

/* The next number of a seed's. */
uint64_t sim_draw(uint64_t *seed);

/* All of the disk, to come back to; free() it. */
void *sim_save(void);
void sim_restore(const void *image);

/* The bytes of a file, to look at; NULL when missing. */
const char *sim_bytes(const char *path, size_t *length);
/* What a hand, or a bad disk, made of it: durable at once. The file is there. */
void sim_put(const char *path, const void *bytes, size_t length);
/* A name that a hand removed. */
void sim_take_away(const char *path);

#endif
