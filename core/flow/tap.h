/* Who looks on: copies of what a running linnet keeps, as it is kept, for clients of its control
 * socket.
 *
 * On the loop. A client gets {"tap":true}, then a line a kept post,
 *   {"received":…,"label":…,"score":…,"queries":"a,b","document":{…}}
 * with the document last, in the configuration's schema; and {"lost":N} for what it was too slow
 * for. Nothing waits for it: it loses what comes while it is behind, and what comes in a batch
 * after its query took TAP_BUDGET_NS there. */
#ifndef FLOW_TAP_H
#define FLOW_TAP_H

#include "flow/pipeline.h"
#include "net/local_server.h"

#define MAX_TAPS 8 /* of LOCAL_CLIENTS: status and reload always find a place */
#define TAP_BUDGET_NS UINT64_C(2000000)

struct taps;

struct taps *taps_create(struct pipeline *pipeline) MUST_CHECK;
/* The clients are not closed. */
void taps_destroy(struct taps *taps);
/* `query` empty: everything. False with *err, and the client is still to be answered. */
bool taps_add(struct taps *taps, struct local_client *client, struct slice query,
              struct error *err) MUST_CHECK;
/* It may be one that has no tap. */
void taps_remove(struct taps *taps, const struct local_client *client);
/* The client reads again: it is told what it lost. */
void taps_drained(struct taps *taps, struct local_client *client);

#endif
