/* What verbs do before their own work: find linnet's Lua, load a configuration. */
#ifndef CLI_SETUP_H
#define CLI_SETUP_H

#include "cli/verbs.h"
#include "config/snapshot.h"

/* The folder that holds plugins/, lua/ and config/: $LINNET_SHARE, the program's own, or
 * PREFIX/share/linnet. Static. */
const char *share_folder(void);

/* The kinds of the registries, in the form the configuration takes. Static. */
const struct parts *all_parts(void);
/* The folder of the configuration that -c names or that is found, in the arena; NULL: none. */
const char *setup_folder(const struct arguments *arguments, struct arena *arena);

/* How a verb comes to its configuration. */
enum setup {
    SETUP_NEEDED,   /* -c, or one that is found; none is an error */
    SETUP_OPTIONAL, /* -c, or one that is found, or the defaults; secrets are not read */
    SETUP_DEFAULTS, /* -c, or the defaults: the command names its input */
};

/* Whether -c names a configuration or one is found. */
bool setup_found(const struct arguments *arguments);
/* What those flags ask for; *request points into `arguments` and `sources`. */
void setup_request(const struct arguments *arguments, enum setup how, const char *const *sources,
                   struct snapshot_request *request);
/* NULL after the error was printed and *exit_code set. */
struct snapshot *setup_load(const struct snapshot_request *request, int *exit_code);
/* Loads by the flags -c -i -o -e --set --scorer; `sources` replaces -i when it is not NULL. NULL
 * after the error was printed and *exit_code set. */
struct snapshot *setup_snapshot(const struct arguments *arguments, enum setup how,
                                const char *const *sources, int *exit_code);

#endif
