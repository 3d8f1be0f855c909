/* A job that reloads its configuration while it runs: watched files, HUP, the control socket. */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include "cli/job.h"
#include "cli/setup.h"
#include "flow/control.h"
#include "web/web.h"

/* Zeroed, then `request` and `inputs` by setup_live. */
struct live {
    struct snapshot_request request;
    struct inputs inputs;

    struct job *job;
    struct reloader *reloader;
    struct instance instance;
    struct control *control;
    struct web *web;
    struct signal_handler hangup;
};

/* Like setup_snapshot, and remembers in *live how to load it again: `arguments` and `sources` have
 * to outlive it. live_free after a snapshot was given. */
struct snapshot *setup_live(const struct arguments *arguments, enum setup how,
                            const char *const *sources, struct live *live, int *exit_code);
void live_free(struct live *live);

/* Between pipeline_create and pipeline_destroy of the job; nothing without a configuration file. */
void live_start(struct live *live, struct job *job, struct loop *loop);
void live_stop(struct live *live);

#endif
