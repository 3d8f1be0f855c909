/* Columns for errors that Lua gives a line only. */
#ifndef SCRIPT_SYNTAX_H
#define SCRIPT_SYNTAX_H

#include "script/place.h"
#include <lua.h>

/* Turns the message on top of the stack, of a chunk that did not load, into *err with its place.
 * Always false. */
bool syntax_error(lua_State *lua, const struct script_file *file, struct arena *arena,
                  struct error *err);
/* Puts column, quoted line and caret of err->line: the first name that the sentence quotes and the
 * line holds, else where the line's text starts. */
void syntax_find_column(const struct script_file *file, struct arena *arena, struct error *err);

#endif
