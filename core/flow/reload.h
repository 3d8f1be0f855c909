/* Live reload: load → prove → publish → drain, while the pipeline runs on.
 *
 * On the loop thread; loading and proving are on a thread of their own. A load that fails changes
 * nothing; its error is kept for whoever asks. Requests that come while one is under way become one
 * more. */
#ifndef FLOW_RELOAD_H
#define FLOW_RELOAD_H

#include "flow/pipeline.h"
#include "script/inputs.h"

struct reloader;

struct reload_status {
    uint64_t generation;
    int64_t since_ms; /* wall clock when it was published */
    uint64_t good, failed;
    double took_ms;     /* of the last one that was published, from its request */
    const char *report; /* what that one changed, in lines; "" before the first */
    struct error err;   /* of the last reload; ERROR_NONE when it was good */
    int64_t failed_ms;  /* wall clock of that error */
};

struct reload_options {
    struct loop *loop;
    struct pipeline *pipeline;
    /* How the first snapshot was loaded, with its path filled in; outlives the reloader. */
    const struct snapshot_request *request;
    const struct snapshot *snapshot; /* the first one; held as long as it is current */
    const struct inputs *inputs;     /* what it was read from; outlives the reloader */
    /* Optional: a reload begins. */
    void (*started)(void *context);
    /* Each reload that ended; `snapshot` is the new one, NULL when it failed. No batch of the one
     * before it is still to be released. */
    void (*ended)(void *context, const struct snapshot *snapshot,
                  const struct reload_status *status);
    void *context;
};

/* Watches what the first snapshot was read from. */
struct reloader *reloader_create(const struct reload_options *options) MUST_CHECK;
/* Waits for a load that is under way. Before pipeline_destroy. */
void reloader_destroy(struct reloader *reloader);
void reloader_request(struct reloader *reloader);
/* Valid until the next turn of the loop. */
const struct reload_status *reloader_status(const struct reloader *reloader);

/* Someone who wants to know how the next reload ends; lives until answered or taken back. */
struct reload_wait {
    void (*answer)(struct reload_wait *wait, const struct reload_status *status);
    struct reload_wait *next;
};
/* Requests a reload for it. */
void reloader_request_answered(struct reloader *reloader, struct reload_wait *wait);
void reloader_take_back(struct reloader *reloader, struct reload_wait *wait);

#endif
