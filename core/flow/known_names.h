/* Keys of kept posts by what deletes call them, for networks whose deletes do not name the key.
 *
 * The last KNOWN_NAMES of them, as long as KNOWN_NAME_BYTES hold their keys. On the loop thread;
 * memory is taken with the first one. */
#ifndef FLOW_KNOWN_NAMES_H
#define FLOW_KNOWN_NAMES_H

#include "base/compiler.h"
#include "base/slice.h"
#include <stdint.h>

#define KNOWN_NAMES ((size_t)1 << 16)
#define KNOWN_NAME_BYTES ((size_t)8 << 20)

struct name_window;

struct name_window *name_window_create(void) MUST_CHECK;
void name_window_destroy(struct name_window *window);
/* `name` is a hash; the oldest make room. */
void name_window_add(struct name_window *window, uint64_t name, struct slice key);
/* The newest key of that name, good until the next one is added; empty when there is none. */
struct slice name_window_find(const struct name_window *window, uint64_t name);

#endif
