/* Gets the keys that a plan tells of: from where it starts, and by one role after the other. On the
 * loop thread. */
#ifndef AWS_FETCH_H
#define AWS_FETCH_H

#include "aws/machine.h"
#include "aws/plan.h"
#include "aws/signers.h"

/* Lives inside its owner, zeroed. */
struct fetch {
    struct loop *loop;
    struct http_client *http;
    struct plan *plan; /* stays until it is done */
    /* Once. Keys that are the callee's to release, or NULL with *err. `now_ms`: of the clock of who
     * gave them, else of this machine. */
    void (*done)(struct fetch *fetch, struct key_set *keys, int64_t now_ms,
                 const struct error *err);
    struct arena arena;
    struct key_ask ask;
    struct machine machine;
    struct key_set *keys; /* so far */
    int64_t now_ms;
    size_t roles; /* taken */
    const struct plan_role *role;
    struct signers signers;
    struct signer_of *signer;
    int64_t signed_ms;
    bool clock_corrected;
    struct http_field headers[8];
};

void fetch_start(struct fetch *fetch);
/* `done` is not called any more. Also to be called when it was, at the earliest as its last deed.
 */
void fetch_stop(struct fetch *fetch);

/* ---- between the files of fetch ---- */

/* Asks STS for keys by the web identity, or by the next role; then fetch_next or fetch_fail. */
void fetch_by_web_identity(struct fetch *fetch);
void fetch_by_role(struct fetch *fetch);
/* The next step with the keys that were got, which are the fetch's now. */
void fetch_next(struct fetch *fetch, struct key_set *keys, int64_t now_ms);
void fetch_fail(struct fetch *fetch, const struct error *err);

#endif
