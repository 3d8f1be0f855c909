/* Whether X lets a source x in: `linnet check --online`. On the loop thread. */
#ifndef X_ONLINE_H
#define X_ONLINE_H

#include "flow/online.h"

/* For struct online_ops: fetches a token where one is to be fetched, and asks for the rules. A
 * stream is not connected to: there is one, and another linnet may read it. */
void *x_online_begin(const void *settings, struct online *online, struct error *err);
void x_online_end(void *trying);

#endif
