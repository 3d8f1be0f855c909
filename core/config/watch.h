/* Waits for changes of the files that a configuration was read from.
 *
 * On the loop thread. Every folder on the way to a file is watched, also those that hold a symbolic
 * link on it, so that rename-writes, swapped links and folders, and files that come back are seen.
 * What decides is content: a file that was only touched has not changed. */
#ifndef CONFIG_WATCH_H
#define CONFIG_WATCH_H

#include "net/loop.h"
#include "script/inputs.h"

/* A burst has settled when nothing happened for so long, or it has gone on for the longest. */
#define SETTLE_MS 200
#define LONGEST_BURST_MS 1000

struct watcher;

/* Calls `changed` when a burst has settled and left a file other than it was read. */
struct watcher *watcher_create(struct loop *loop, void (*changed)(void *context),
                               void *context) MUST_CHECK;
void watcher_destroy(struct watcher *watcher);
/* These files from now on, as they were read; they are compared again soon, so that a change before
 * this call is not lost. */
void watcher_follow(struct watcher *watcher, const struct inputs *inputs);

#endif
