/* What Lua's own library is for plugin code: `string`, `table`, `math`, `utf8`, `coroutine` and the
 * globals that touch nothing outside.
 *
 * Library tables are shared by all scripts of a state and read-only. Functions that can take long
 * count their work (sandbox_charge). There is nothing that depends on chance, reads files, loads
 * code or looks into other functions. Inside sandbox_run only, of a sandbox's state. */
#ifndef SCRIPT_LIBRARY_H
#define SCRIPT_LIBRARY_H

#include <lua.h>

/* Pushes a new table: name → function or library. */
void library_push(lua_State *lua);

#endif
