/* What changed from one snapshot to the next, in words, for the report of a reload.
 *
 * A pure function over two snapshots; any thread. */
#ifndef CONFIG_DIFFERENCE_H
#define CONFIG_DIFFERENCE_H

#include "config/snapshot.h"
#include "script/inputs.h"

/* A snapshot and the files that it was made from. */
struct version {
    const struct snapshot *snapshot;
    const struct inputs *inputs;
};

/* One line a part that changed, newlines between them, in the arena; counts with up to three
 * examples:
 *
 *   queries: 2 added (rust, zig), 1 removed (cobol)
 *   words of vader: 1 added (stonks), 1 changed (good)
 *   scorer for en: vader -> finance
 *   workers: 1 -> 2, takes effect at the next start
 *
 * "nothing changed" when nothing did. */
struct slice snapshot_difference(const struct version *before, const struct version *after,
                                 struct arena *arena);

#endif
