/* What `linnet` offers to functions, beside the declarations: clamp, null, regex, now, hash, log,
 * count; and the lexicon that a scorer's function gets. */
#ifndef SCRIPT_API_H
#define SCRIPT_API_H

#include "sentiment/lexicon.h"
#include <lua.h>

struct api_function {
    const char *name;
    const char *signature; /* for editors */
    const char *help;
    lua_CFunction call;
};
extern const struct api_function api_functions[]; /* ends without a name */

/* Adds all of them, and linnet.null, to the table on top. */
void api_add(lua_State *lua);

/* A lexicon for scripts: lexicon[word] is its number (valence or polarity), or nil. Read-only. */
void lexicon_userdata_open(lua_State *lua);
void lexicon_userdata_push(lua_State *lua, const struct lexicon *lexicon);

#endif
