/* Makes the rules of X's filtered stream what a snapshot's queries want: asks for those that are
 * there, adds what is missing, deletes what is stale. On the loop thread; a request at a time. */
#ifndef X_SYNC_H
#define X_SYNC_H

#include "x/access.h"
#include "x/rules.h"

struct x_sync;

struct x_sync_options {
    struct x_access *access;
    const struct snapshot *snapshot; /* held while it goes on */
    bool only_look;                  /* change nothing */
    unsigned sample;                 /* per cent of what queries find; 0: all */
    /* What X says of a rule; NULL: of none by itself. */
    void (*refused)(void *context, const struct x_rule *rule, const char *why);
    /* Once; `verdict` NULL: all is done. The plan is that of the beginning, valid during the call.
     */
    void (*done)(void *context, const struct x_verdict *verdict, const struct x_wanted *wanted,
                 const struct x_rule_plan *plan);
    void *context;
};

struct x_sync *x_sync_start(const struct x_sync_options *options);
/* The one that it was started with. */
const struct snapshot *x_sync_snapshot(const struct x_sync *sync);
/* `done` is not called any more. */
void x_sync_cancel(struct x_sync *sync);

#endif
