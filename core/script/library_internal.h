/* The functions that are ours and not Lua's own. Private to script/library*.c. */
#ifndef SCRIPT_LIBRARY_INTERNAL_H
#define SCRIPT_LIBRARY_INTERNAL_H

#include <lauxlib.h>

/* A longer text is not made. */
#define MAX_TEXT_BYTES ((size_t)1 << 20)

/* Each ends with { NULL, NULL }. */
extern const luaL_Reg library_base_functions[];
extern const luaL_Reg library_string_functions[];
extern const luaL_Reg library_table_functions[];
extern const luaL_Reg library_coroutine_functions[];

#endif
