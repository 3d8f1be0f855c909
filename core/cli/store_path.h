/* The embedded store that a verb means, and the times that it asks for. */
#ifndef CLI_STORE_PATH_H
#define CLI_STORE_PATH_H

#include "base/arena.h"
#include "cli/verbs.h"
#include "config/moment.h"

/* What `linnet demo` keeps, in the state folder. */
#define DEMO_FILE "demo.db"

/* --store, else the path of the configuration's first sqlite sink, else STATE/linnet.db; where that
 * is not there but `linnet demo` has left a store, that one, which is said. NULL: nobody names a
 * folder. In the arena or in `arguments`. */
const char *asked_store(const struct arguments *arguments, struct arena *arena);
/* --since and --until; false after the error was printed. */
bool asked_span(const struct arguments *arguments, struct span *span) MUST_CHECK;

#endif
