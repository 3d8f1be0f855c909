/* What verbs do before their own work: find linnet's Lua, load a configuration. */
#ifndef CLI_SETUP_H
#define CLI_SETUP_H

#include "cli/verbs.h"
#include "config/snapshot.h"

/* The folder that holds plugins/, lua/ and config/: $LINNET_SHARE, the program's own, or
 * PREFIX/share/linnet. Static. */
const char *share_folder(void);

/* How a verb comes to its configuration. */
enum setup {
    SETUP_NEEDED,   /* -c, or one that is found; none is an error */
    SETUP_OPTIONAL, /* -c, or one that is found, or the defaults */
    SETUP_DEFAULTS, /* -c, or the defaults: the command names its input */
};

/* Whether -c names a configuration or one is found. */
bool setup_found(const struct arguments *arguments);
/* Loads by the flags -c -i -o -e --set --scorer; `sources` replaces -i when it is not NULL. NULL
 * after the error was printed and *exit_code set. */
struct snapshot *setup_snapshot(const struct arguments *arguments, enum setup how,
                                const char *const *sources, int *exit_code);

#endif
