/* A bounded queue of pointers between threads; the only place where threads wait for one another.
 */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include "base/compiler.h"
#include <stdbool.h>
#include <stddef.h>

struct queue;

struct queue *queue_create(size_t capacity) MUST_CHECK;
void queue_destroy(struct queue *queue);
/* False at once when the queue is full or closed. */
bool queue_push(struct queue *queue, void *item) MUST_CHECK;
/* Waits for an item; NULL once the queue is closed and empty. */
void *queue_pop(struct queue *queue);
/* NULL at once when there is none. */
void *queue_try_pop(struct queue *queue);
/* Wakes all who wait; items already inside are still handed out. */
void queue_close(struct queue *queue);

#endif
