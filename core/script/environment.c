/* script/environment.h: two closed tables, whose missing names are errors with a suggestion. */
#include "script/environment.h"
#include "base/os.h"
#include "script/api.h"
#include "script/declaration.h"
#include "script/library.h"
#include "script/require.h"
#include <lauxlib.h>

enum kind { KIND_CONFIGURATION, KIND_PLUGIN, KIND_TEST, KINDS };

static const char environment_keys[KINDS]; /* their addresses are keys in the registry */

static const char *const environment_names[] = { "linnet", "require", "env", "secret" };

static const char *environment_name(const void *context, size_t i) {
    (void)context;
    return i < LENGTH(environment_names) ? environment_names[i] : NULL;
}

/* What linnet has: the declarations and the functions. */
static const char *linnet_name(const void *context, size_t i) {
    size_t makers = 0;
    for (const char *name; (name = declaration_maker(context, makers)); makers++)
        if (makers == i) return name;
    for (size_t function = 0; api_functions[function].name; function++)
        if (makers + function == i) return api_functions[function].name;
    return NULL;
}

static const char *name_meant(const struct loader_setup *setup, struct slice name) {
    return setup->meant ? setup->meant(setup->context, name) : NULL;
}

/* Raises `sentence` "NAME" for the key at index 2, which no table has; `loader` if what others call
 * by that name helps. */
_Noreturn static void refuse_name(lua_State *lua, const char *sentence,
                                  const char *(*candidate)(const void *context, size_t i),
                                  const struct loader *loader) {
    struct error err;
    struct slice name = slice_of(luaL_tolstring(lua, 2, NULL));
    error_set(&err, ERROR_CONFIG, "%s \"%.60s\"", sentence, name.data);
    const char *near = loader ? name_meant(&loader->setup, name) : NULL;
    if (near == NULL) near = nearest_name(name, candidate, loader);
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

/* A configuration is data, and has none of Lua's library. */
static int configuration_index(lua_State *lua) {
    struct error err;
    if (push_known(lua)) return 1;
    lua_pop(lua, 1);
    library_push(lua);
    lua_pushvalue(lua, 2);
    if (lua_rawget(lua, -2) == LUA_TNIL) refuse_name(lua, "there is no", environment_name, NULL);
    error_set(&err, ERROR_CONFIG, "there is no \"%.60s\" beside the configuration, which is data",
              luaL_tolstring(lua, 2, NULL));
    error_suggest(&err, "plugins have it: files in filters/, scorers/, schemas/ and so on");
    sandbox_place(lua, &err);
    sandbox_raise(lua, &err);
}

/* upvalues: the table of what there is, the loader */
static int linnet_index(lua_State *lua) {
    if (push_known(lua)) return 1;
    refuse_name(lua, "linnet has no", linnet_name, lua_touserdata(lua, lua_upvalueindex(2)));
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

/* upvalue: the loader */
static int read_environment(lua_State *lua) {
    const struct loader_setup *setup =
        &((const struct loader *)lua_touserdata(lua, lua_upvalueindex(1)))->setup;
    const char *name = luaL_checkstring(lua, 1), *value = NULL;
    for (size_t i = 0; i < setup->variable_count; i++)
        if (strcmp(setup->variables[i].name, name) == 0) value = setup->variables[i].value;
    lua_pushstring(lua, value ? value : os_environment(name)); /* nil for NULL */
    return 1;
}

static enum kind kind_of(struct loader *loader, const char *path) {
    const struct loader_setup *setup = &loader->setup;
    if (setup->add_test_names && slice_ends(slice_of(path), SLICE("_test.lua"))) return KIND_TEST;
    bool beside = setup->folder && strcmp(path_folder(&loader->arena, path), setup->folder) == 0;
    return beside ? KIND_CONFIGURATION : KIND_PLUGIN;
}

/* Replaces the table of globals on top by the environment. */
static void finish(struct loader *loader, enum kind kind) {
    lua_State *lua = loader->lua;
    lua_newtable(lua);
    declaration_add_makers(loader);
    api_add(lua);
    if (kind == KIND_TEST) loader->setup.add_test_names(loader);
    close_table(loader, linnet_index, false);
    lua_setfield(lua, -2, "linnet");
    require_push(loader);
    lua_setfield(lua, -2, "require");
    lua_pushlightuserdata(lua, loader);
    lua_pushcclosure(lua, read_environment, 1);
    lua_setfield(lua, -2, "env");
    if (kind == KIND_CONFIGURATION) {
        declaration_push_secret(loader);
        lua_setfield(lua, -2, "secret");
    }
    close_table(loader, kind == KIND_CONFIGURATION ? configuration_index : environment_index, true);
}

void environment_push(struct loader *loader, const char *path) {
    lua_State *lua = loader->lua;
    enum kind kind = kind_of(loader, path);
    if (lua_rawgetp(lua, LUA_REGISTRYINDEX, &environment_keys[kind]) != LUA_TNIL) return;
    lua_pop(lua, 1);
    library_push(lua); /* also for a configuration: it gives texts their methods */
    if (kind == KIND_CONFIGURATION) {
        lua_pop(lua, 1);
        lua_newtable(lua);
    }
    finish(loader, kind);
    lua_pushvalue(lua, -1);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &environment_keys[kind]);
}
