/* Finding Lua files by name: `require` for scripts, KIND/NAME.lua for plugins. Inside loader_run
 * only. */
#ifndef SCRIPT_REQUIRE_H
#define SCRIPT_REQUIRE_H

#include "script/loader.h"

/* Pushes the function that scripts call as `require`. */
void require_push(struct loader *loader);

#endif
