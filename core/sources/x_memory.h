/* What a source x remembers across restarts, as the position that goes with its posts: so that a
 * crash loop cannot hammer X, a gap is closed from where it began, and what was paid for is
 * counted. Pure. */
#ifndef SOURCES_X_MEMORY_H
#define SOURCES_X_MEMORY_H

#include "base/arena.h"
#include "base/compiler.h"
#include "net/ladder.h"
#include <stdbool.h>

/* Posts read, on the UTC day and in the UTC month that the last of them came in. */
struct x_read {
    int64_t day, month; /* since 1970 */
    uint64_t of_day, of_month;
};

struct x_memory {
    int64_t heard_ms; /* when the stream was last heard; 0: never */
    int64_t gap_ms;   /* since when posts are missing that are still to be looked for; 0: none */
    int64_t until_ms; /* no connection before; 0: any time */
    int64_t wait_ms;  /* how long that was when it was said: the clock may be set back */
    struct ladder ladder;
    struct x_read read;
};

struct slice x_memory_write(const struct x_memory *memory, struct arena *arena);
/* False, and all is 0, when it is something else; moments that cannot be at `now_ms` are bounded.
 */
bool x_memory_read(struct slice text, int64_t now_ms, struct x_memory *memory) MUST_CHECK;

void x_read_add(struct x_read *read, uint64_t posts, int64_t now_ms);

#endif
