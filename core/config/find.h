/* Where a configuration is looked for when nobody names one. */
#ifndef CONFIG_FIND_H
#define CONFIG_FIND_H

#include "base/arena.h"
#include "base/error.h"

/* ./config/linnet.lua, then $XDG_CONFIG_HOME/linnet/linnet.lua (without it ~/.config/linnet/), then
 * /etc/linnet/linnet.lua: the first that is there, in the arena. NULL with *err naming them all. */
const char *configuration_find(struct arena *arena, struct error *err) MUST_CHECK;

/* The folder that `state = "..."` names in a configuration file, even one that does not load; in
 * the arena, NULL when the file says nothing, or says it so that only a run of it would tell: then,
 * or when it cannot be read, that is `unclear`. */
const char *configuration_state(const char *path, struct arena *arena, bool *unclear);
/* Where linnet keeps its state when the configuration does not say: $STATE_DIRECTORY, else
 * $XDG_STATE_HOME/linnet, else ~/.local/state/linnet, in the arena; NULL when none is set. */
const char *state_folder_find(struct arena *arena);

#endif
