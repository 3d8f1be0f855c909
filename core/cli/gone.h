/* Sinks that a configuration no longer has: what comes is kept for them until somebody says that
 * they do not come back. */
#ifndef CLI_GONE_H
#define CLI_GONE_H

#include "config/snapshot.h"
#include "flow/sums.h"

/* Calls `each` with the name of every such sink that the state folder knows; with none when that
 * cannot be read. */
void gone_each(const struct snapshot *snapshot,
               void (*each)(const struct snapshot *snapshot, const char *name));
/* Likewise for `linnet run`: warns of each, in the log. */
void gone_warn(const struct snapshot *snapshot);
/* Marks those of a stopped linnet, as far as a configuration file says that it is of this folder.
 */
void gone_mark(const struct snapshot *snapshot, const char *folder, struct reader_sums *readers,
               size_t count);

#endif
