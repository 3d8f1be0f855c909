/* A pipeline run from the command line: signals, an optional beat, the summary. */
#ifndef CLI_JOB_H
#define CLI_JOB_H

#include "flow/reload.h"

struct daemon;
struct live;

struct job {
    const struct snapshot *snapshot; /* the current one */
    struct live *live;               /* NULL: the configuration stays as it was read */
    bool one_by_one;                 /* sources after each other */
    bool spooled;                    /* what is kept waits on disk, in the state folder */
    /* Optional: called every `beat_ms` and once more at the end. */
    void (*beat)(struct job *job);
    uint64_t beat_ms;
    /* Optional: as in pipeline_options. */
    void (*released)(struct job *job, const struct batch *batch);
    /* Optional: a reload ended, see reload_options; false: it is to be logged. */
    bool (*reloaded)(struct job *job, const struct snapshot *snapshot,
                     const struct reload_status *status);
    /* Optional: the pipeline has ended and its sums are final. */
    void (*at_end)(struct job *job);
    uint64_t stop_after_ms; /* 0: never */

    /* filled by job_run */
    struct pipeline *pipeline;
    struct daemon *daemon;
    bool interrupted; /* INT came */
    uint64_t started_ns, cpu_started_ns;
};

/* Takes over the caller's reference to the snapshot and runs to the end. Returns the exit code: 0,
 * 1 after a failure (which was printed), 130 after INT.
 */
int job_run(struct job *job);

/* Posts received and records delivered, malformed ones with their reasons, to standard error. */
void job_summary(const struct job *job);

#endif
