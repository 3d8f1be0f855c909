/* script/library.h: Lua's own functions by name, ours beside them, behind closed tables. */
#include "script/library.h"
#include "base/compiler.h"
#include "script/library_internal.h"
#include <lualib.h>
#include <string.h>

struct library {
    const char *name;
    lua_CFunction open;       /* Lua's own */
    const char *const *taken; /* of Lua's own; ends with NULL */
    const luaL_Reg *ours;
};

static const char *const base_names[] = { "type",     "tostring", "tonumber", "select", "error",
                                          "assert",   "next",     "pairs",    "ipairs", "rawget",
                                          "rawequal", "rawlen",   NULL };
static const char *const string_names[] = { "byte",  "char",    "format", "len", "lower",
                                            "upper", "reverse", "sub",    NULL };
static const char *const table_names[] = { "pack", NULL };
static const char *const math_names[] = {
    "abs",  "acos", "asin", "atan",      "ceil", "cos",        "deg",        "exp",  "floor",
    "fmod", "huge", "log",  "max",       "min",  "maxinteger", "mininteger", "modf", "pi",
    "rad",  "sin",  "sqrt", "tointeger", "tan",  "type",       "ult",        NULL,
};
static const char *const utf8_names[] = { "char", "charpattern", "codepoint", "codes",
                                          "len",  "offset",      NULL };
static const char *const no_names[] = { NULL };
static const luaL_Reg no_functions[] = { { NULL, NULL } };

static const struct library base = { "", luaopen_base, base_names, library_base_functions };
static const struct library libraries[] = {
    { "string", luaopen_string, string_names, library_string_functions },
    { "table", luaopen_table, table_names, library_table_functions },
    { "math", luaopen_math, math_names, no_functions },
    { "utf8", luaopen_utf8, utf8_names, no_functions },
    { "coroutine", luaopen_coroutine, no_names, library_coroutine_functions },
};

static const char shared_key; /* its address is the key in the registry: name → closed table */

/* ---- closed tables -------------------------------------------------------------------------- */

/* upvalue: the library's name */
static int refuse_name(lua_State *lua) {
    const char *library = lua_tostring(lua, lua_upvalueindex(1));
    const char *name = luaL_tolstring(lua, 2, NULL);
    if (strcmp(library, "math") == 0 && strncmp(name, "random", 6) == 0)
        return luaL_error(lua, "there is no math.%s: results must not depend on chance", name);
    return luaL_error(lua, "there is no %s.%s", library, name);
}

static int refuse_change(lua_State *lua) {
    const char *library = lua_tostring(lua, lua_upvalueindex(1));
    return luaL_error(lua, "%s cannot be changed: all scripts share it", library);
}

static void set_closure(lua_State *lua, lua_CFunction function, const char *name,
                        const char *event) {
    lua_pushstring(lua, name);
    lua_pushcclosure(lua, function, 1);
    lua_setfield(lua, -2, event);
}

/* Pushes a new table with what the library offers, whose missing names are errors. */
static void push_functions(lua_State *lua, const struct library *library) {
    lua_newtable(lua);
    lua_pushcfunction(lua, library->open);
    lua_call(lua, 0, 1);
    for (const char *const *name = library->taken; *name; name++) {
        lua_getfield(lua, -1, *name);
        lua_setfield(lua, -3, *name);
    }
    lua_pop(lua, 1);
    luaL_setfuncs(lua, library->ours, 0);
}

/* Pushes an empty table that reads from the one on top. */
static void push_closed(lua_State *lua, const char *name) {
    lua_newtable(lua);
    lua_newtable(lua);
    lua_pushvalue(lua, -3);
    lua_setfield(lua, -2, "__index");
    set_closure(lua, refuse_change, name, "__newindex");
    lua_pushstring(lua, name);
    lua_setfield(lua, -2, "__metatable");
    lua_setmetatable(lua, -2);
}

/* A text's methods are those of the string library on top, not those of Lua's own. */
static void give_texts_methods(lua_State *lua) {
    lua_pushliteral(lua, "");
    lua_getmetatable(lua, -1);
    lua_pushvalue(lua, -3);
    lua_setfield(lua, -2, "__index");
    lua_pushliteral(lua, "string");
    lua_setfield(lua, -2, "__metatable");
    lua_pop(lua, 2);
}

/* Into the table on top. */
static void add_library(lua_State *lua, const struct library *library) {
    push_functions(lua, library);
    lua_newtable(lua);
    set_closure(lua, refuse_name, library->name, "__index");
    lua_setmetatable(lua, -2);
    if (library->open == luaopen_string) give_texts_methods(lua);
    push_closed(lua, library->name);
    lua_setfield(lua, -3, library->name);
    lua_pop(lua, 1);
}

/* Lua's own opener fills the table of globals: it must not stay there. */
static void forget_globals(lua_State *lua) {
    lua_newtable(lua);
    lua_rawseti(lua, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
}

/* Pushes what all library_push have in common. */
static void push_shared(lua_State *lua) {
    if (lua_rawgetp(lua, LUA_REGISTRYINDEX, &shared_key) != LUA_TNIL) return;
    lua_pop(lua, 1);
    push_functions(lua, &base);
    forget_globals(lua);
    for (size_t i = 0; i < LENGTH(libraries); i++)
        add_library(lua, &libraries[i]);
    lua_pushvalue(lua, -1);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &shared_key);
}

void library_push(lua_State *lua) {
    luaL_checkstack(lua, 20, "libraries");
    lua_newtable(lua);
    push_shared(lua);
    for (lua_pushnil(lua); lua_next(lua, -2);) {
        lua_pushvalue(lua, -2);
        lua_insert(lua, -2);
        lua_rawset(lua, -5);
    }
    lua_pop(lua, 1);
}
