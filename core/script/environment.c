/* script/environment.h: two closed tables, whose missing names are errors with a suggestion. */
#include "script/environment.h"
#include "base/os.h"
#include "script/api.h"
#include "script/declaration.h"
#include "script/require.h"
#include <lauxlib.h>

static const char environment_key; /* its address is the key in the registry */

static const char *const environment_names[] = { "linnet", "require", "env" };

static const char *environment_name(const void *context, size_t i) {
    (void)context;
    return i < LENGTH(environment_names) ? environment_names[i] : NULL;
}

/* Raises `sentence` "NAME" for the key at index 2, which no table has. */
_Noreturn static void refuse_name(lua_State *lua, const char *sentence,
                                  const char *(*candidate)(const void *context, size_t i),
                                  const void *context) {
    struct error err;
    struct slice name = slice_of(luaL_tolstring(lua, 2, NULL));
    error_set(&err, ERROR_CONFIG, "%s \"%.60s\"", sentence, name.data);
    const char *near = nearest_name(name, candidate, context);
    if (near) error_suggest(&err, "did you mean \"%s\"?", near);
    sandbox_place(lua, &err);
    sandbox_raise(lua, &err);
}

/* upvalue: the table of what there is */
static bool push_known(lua_State *lua) {
    lua_settop(lua, 2);
    lua_pushvalue(lua, 2);
    return lua_rawget(lua, lua_upvalueindex(1)) != LUA_TNIL;
}

static int environment_index(lua_State *lua) {
    if (push_known(lua)) return 1;
    refuse_name(lua, "there is no", environment_name, NULL);
}

/* upvalues: the table of what there is, the loader */
static int linnet_index(lua_State *lua) {
    if (push_known(lua)) return 1;
    refuse_name(lua, "linnet has no", declaration_maker, lua_touserdata(lua, lua_upvalueindex(2)));
}

static int closed_set(lua_State *lua) {
    struct error err;
    const char *name = luaL_tolstring(lua, 2, NULL);
    error_set(&err, ERROR_CONFIG, "\"%.60s\" cannot be set here: scripts share no names", name);
    if (lua_toboolean(lua, lua_upvalueindex(1)))
        error_suggest(&err, "write \"local %.60s = ...\"", name);
    sandbox_place(lua, &err);
    sandbox_raise(lua, &err);
}

/* Replaces the table on top by an empty one that reads from it by `index`, which also gets the
 * loader. */
static void close_table(struct loader *loader, lua_CFunction index, bool takes_locals) {
    lua_State *lua = loader->lua;
    lua_newtable(lua);
    lua_newtable(lua);
    lua_pushvalue(lua, -3);
    lua_pushlightuserdata(lua, loader);
    lua_pushcclosure(lua, index, 2);
    lua_setfield(lua, -2, "__index");
    lua_pushboolean(lua, takes_locals);
    lua_pushcclosure(lua, closed_set, 1);
    lua_setfield(lua, -2, "__newindex");
    lua_pushliteral(lua, "linnet");
    lua_setfield(lua, -2, "__metatable");
    lua_setmetatable(lua, -2);
    lua_remove(lua, -2);
}

static int read_environment(lua_State *lua) {
    const char *value = os_environment(luaL_checkstring(lua, 1));
    lua_pushstring(lua, value); /* nil for NULL */
    return 1;
}

void environment_push(struct loader *loader) {
    lua_State *lua = loader->lua;
    if (lua_rawgetp(lua, LUA_REGISTRYINDEX, &environment_key) != LUA_TNIL) return;
    lua_pop(lua, 1);
    lua_newtable(lua);
    lua_newtable(lua);
    declaration_add_makers(loader);
    api_add(lua);
    close_table(loader, linnet_index, false);
    lua_setfield(lua, -2, "linnet");
    require_push(loader);
    lua_setfield(lua, -2, "require");
    lua_pushcfunction(lua, read_environment);
    lua_setfield(lua, -2, "env");
    close_table(loader, environment_index, true);
    lua_pushvalue(lua, -1);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &environment_key);
}
