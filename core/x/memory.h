/* What a source x remembers across restarts, as the position that goes with its posts: so that a
 * crash loop cannot hammer X, a gap is closed from where it was left, and what was paid for is
 * counted. Pure. */
#ifndef X_MEMORY_H
#define X_MEMORY_H

#include "base/arena.h"
#include "base/compiler.h"
#include "net/ladder.h"
#include "x/gap.h"
#include <stdbool.h>

/* Posts of a day or a month of UTC, by its number since 1970. */
struct x_count {
    int64_t period;
    uint64_t posts;
};

/* Posts read: [0] in the period that the clock was last in, [1] in the one where it was before. */
struct x_read {
    struct x_count day[2], month[2];
};

struct x_memory {
    int64_t heard_ms; /* when the stream was last heard; 0: never */
    int64_t until_ms; /* no connection before; 0: any time */
    int64_t wait_ms;  /* how long that was when it was said: the clock may be set back */
    struct ladder ladder;
    uint32_t keys;    /* whom and with what keys it was said to, see x_access_digest */
    uint64_t last_id; /* of the posts that it gave; 0: none */
    int64_t quiet_ms; /* since when it stands and has given none; 0: it has */
    struct x_read read;
    struct x_gaps gaps;
};

struct slice x_memory_write(const struct x_memory *memory, struct arena *arena);
/* False, and all is 0, when it is something else; moments that cannot be at `now_ms` are bounded.
 */
bool x_memory_read(struct slice text, int64_t now_ms, struct x_memory *memory) MUST_CHECK;

/* A clock that jumps loses none of them: no period is new that comes before the last one. When it
 * goes back, posts of the later period count in the earlier one, and what is then read in both. */
void x_read_add(struct x_read *read, uint64_t posts, int64_t now_ms);

#endif
