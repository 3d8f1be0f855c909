/* Where deliveries bring what their sinks refused for good: a thread of its own writes it to
 * STATE/dead.db before the cursor moves on. On the loop thread. */
#ifndef FLOW_DEAD_BOX_H
#define FLOW_DEAD_BOX_H

#include "net/loop.h"
#include "store/record.h"

struct dead_box;

/* `folder` is copied. Nothing is opened before the first letter. */
struct dead_box *dead_box_create(struct loop *loop, unsigned threads,
                                 const char *folder) MUST_CHECK;
/* Before those who wait for it. */
void dead_box_destroy(struct dead_box *box);

/* Letters of one delivery, copied when they are added; the delivery's own. */
struct burial;
struct burial *burial_create(struct dead_box *box) MUST_CHECK;
/* Not while it is under way. */
void burial_add(struct burial *burial, const char *sink, const struct record *record,
                struct slice reason);
/* `done` is told once; when they are not stored (said in the log), try again later. */
void burial_start(struct burial *burial, void (*done)(void *owner, bool stored), void *owner);
/* Not while it is under way, unless the box is gone. */
void burial_free(struct burial *burial);

#endif
