/* Globals that differ from Lua's own: what catches errors lets go of what is over, and nothing gets
 * round a closed table. */
#include "script/library_internal.h"
#include "script/sandbox.h"
#include <string.h>

/* Stack: true and the results, or true and the error. */
static int end_pcall(lua_State *lua, int status, lua_KContext context) {
    (void)context;
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(lua);
    sandbox_recover(lua, status);
    lua_pushboolean(lua, 0);
    lua_insert(lua, -2);
    return 2;
}

static int base_pcall(lua_State *lua) {
    luaL_checkany(lua, 1);
    lua_pushboolean(lua, 1); /* the first result */
    lua_insert(lua, 1);
    int status = lua_pcallk(lua, lua_gettop(lua) - 2, LUA_MULTRET, 0, 0, end_pcall);
    return end_pcall(lua, status, 0);
}

static int end_handler(lua_State *lua, int status, lua_KContext context) {
    (void)status, (void)context;
    return lua_gettop(lua) - 1;
}

/* Stack: the handler, true, the results or the error. The handler runs where xpcall was called, so
 * that it has the budget of any function. */
static int end_xpcall(lua_State *lua, int status, lua_KContext context) {
    (void)context;
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(lua) - 1;
    sandbox_recover(lua, status);
    lua_pushboolean(lua, 0);
    lua_replace(lua, 2);
    lua_pushvalue(lua, 1);
    lua_insert(lua, -2); /* handler, false, handler, error */
    lua_callk(lua, 1, LUA_MULTRET, 0, end_handler);
    return end_handler(lua, LUA_OK, 0);
}

static int base_xpcall(lua_State *lua) {
    luaL_checktype(lua, 2, LUA_TFUNCTION);
    lua_pushvalue(lua, 2);
    lua_pushboolean(lua, 1);
    lua_pushvalue(lua, 1);
    lua_rotate(lua, 3, 3); /* function, handler, handler, true, function, arguments */
    lua_remove(lua, 1);
    lua_remove(lua, 1); /* handler, true, function, arguments */
    int status = lua_pcallk(lua, lua_gettop(lua) - 3, LUA_MULTRET, 0, 0, end_xpcall);
    return end_xpcall(lua, status, 0);
}

static int base_rawset(lua_State *lua) {
    luaL_checktype(lua, 1, LUA_TTABLE);
    luaL_checkany(lua, 2);
    luaL_checkany(lua, 3);
    if (luaL_getmetafield(lua, 1, "__metatable") != LUA_TNIL)
        return luaL_error(lua, "this table cannot be changed");
    lua_settop(lua, 3);
    lua_rawset(lua, 1);
    return 1;
}

/* Finalizers would run at any time, in anybody's budget. Weak keys can make one step of a
 * collection as long as their number squared, and nothing can interrupt it. (Lua reads __mode when
 * it collects: a metatable that is changed later gets round this.) */
static void check_metatable(lua_State *lua, int index) {
    lua_pushliteral(lua, "__gc");
    if (lua_rawget(lua, index) != LUA_TNIL) luaL_error(lua, "__gc is not offered");
    lua_pushliteral(lua, "__mode");
    if (lua_rawget(lua, index) == LUA_TSTRING && strchr(lua_tostring(lua, -1), 'k'))
        luaL_error(lua, "weak keys are not offered, weak values are: __mode = \"v\"");
    lua_pop(lua, 2);
}

static int base_setmetatable(lua_State *lua) {
    luaL_checktype(lua, 1, LUA_TTABLE);
    luaL_argexpected(lua, lua_isnil(lua, 2) || lua_istable(lua, 2), 2, "nil or table");
    if (luaL_getmetafield(lua, 1, "__metatable") != LUA_TNIL)
        return luaL_error(lua, "cannot change a protected metatable");
    lua_settop(lua, 2);
    if (!lua_isnil(lua, 2)) check_metatable(lua, 2);
    lua_setmetatable(lua, 1);
    return 1;
}

/* A metatable that is not protected may be one's own only: those of tables. */
static int base_getmetatable(lua_State *lua) {
    luaL_checkany(lua, 1);
    if (!lua_getmetatable(lua, 1)) lua_pushnil(lua);
    if (lua_isnil(lua, -1)) return 1;
    if (luaL_getmetafield(lua, 1, "__metatable") != LUA_TNIL) return 1;
    if (lua_istable(lua, 1)) return 1;
    lua_pushstring(lua, luaL_typename(lua, 1));
    return 1;
}

const luaL_Reg library_base_functions[] = {
    { "pcall", base_pcall },
    { "xpcall", base_xpcall },
    { "rawset", base_rawset },
    { "setmetatable", base_setmetatable },
    { "getmetatable", base_getmetatable },
    { NULL, NULL },
};
