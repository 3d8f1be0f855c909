/* What systemd hears of a run: that it is ready, reloads, stops, how far it is, and that it is
 * alive.
 *
 * The watchdog is fed only while work can go on: the loop turns, and no thread (workers, the disk,
 * the store) has been busy with one and the same task for HUNG_WATCHDOGS of the manager's watchdog
 * intervals. Waiting is no hang: a full disk, a sink that does not answer and a silent source are
 * waited for on the loop. On the loop thread; nothing happens when no manager listens. */
#ifndef CLI_DAEMON_H
#define CLI_DAEMON_H

#include "net/loop.h"

#define HUNG_WATCHDOGS 5

struct job;

/* Zeroed, then used by these functions only. */
struct daemon {
    struct loop *loop; /* NULL: nobody listens */
    struct job *job;
    struct timer beat;
    uint64_t beat_ms;
    unsigned patience; /* looks that may find one task; 0: there is no watchdog */
    bool hung, stopping, reload_failed;
};

/* The sources are open and the log takes posts. */
void daemon_ready(struct daemon *daemon, struct job *job, struct loop *loop);
void daemon_reloading(struct daemon *daemon);
void daemon_reloaded(struct daemon *daemon, bool good);
/* Told to stop, which may take `grace_ms`. */
void daemon_stopping(struct daemon *daemon, uint64_t grace_ms);
/* The loop has ended. */
void daemon_end(struct daemon *daemon);

#endif
