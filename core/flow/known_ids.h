/* The last ids of some kind: 8-byte hashes of message keys. On the loop thread.
 *
 * Of kept ones the last 1,048,576 are remembered, of deletes and edits the last 65,536 of each
 * kind. Tables grow with their content, so a short run stays small. */
#ifndef FLOW_KNOWN_IDS_H
#define FLOW_KNOWN_IDS_H

#include "base/compiler.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KNOWN_IDS ((size_t)1 << 20)
#define KNOWN_DELETES ((size_t)1 << 16)

/* A set of the last `capacity` hashes put into it. */
struct id_window;

struct id_window *id_window_create(size_t capacity) MUST_CHECK;
void id_window_destroy(struct id_window *window);
bool id_window_has(const struct id_window *window, uint64_t hash);
/* Adds a hash that is not there; the oldest makes room. */
void id_window_add(struct id_window *window, uint64_t hash);

#endif
