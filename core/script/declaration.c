/* script/declaration.h: userdata with a struct inside and the given table as its user value. */
#include "script/declaration.h"
#include <lauxlib.h>

static const char declaration_key; /* its address is the metatable's key in the registry */

static const char *const script_makers[] = { "schema", "lexicon", "scorer",
                                             "filter", "dialect", "track" };

_Noreturn static void refuse_argument(lua_State *lua, const char *maker) {
    struct error err;
    bool text = strcmp(maker, "track") == 0;
    error_set(&err, ERROR_CONFIG, "linnet.%s takes %s", maker, text ? "one text" : "one table");
    error_suggest(&err, text ? "write linnet.%s \"a b,c\"" : "write linnet.%s { ... }", maker);
    sandbox_place(lua, &err);
    sandbox_raise(lua, &err);
}

/* upvalues: the loader, the maker's name */
static int make_declaration(lua_State *lua) {
    const struct loader *loader = lua_touserdata(lua, lua_upvalueindex(1));
    const char *maker = lua_touserdata(lua, lua_upvalueindex(2));
    int wanted = strcmp(maker, "track") == 0 ? LUA_TSTRING : LUA_TTABLE;
    bool any = strcmp(maker, "secret") == 0;
    if (any) lua_settop(lua, 1);
    if (!any && (lua_gettop(lua) != 1 || lua_type(lua, 1) != wanted)) refuse_argument(lua, maker);
    struct error place = { 0 };
    sandbox_place(lua, &place);
    struct declaration *declaration = lua_newuserdatauv(lua, sizeof *declaration, 1);
    *declaration = (struct declaration){ maker, loader_file(loader, place.file), place.line };
    lua_pushvalue(lua, 1);
    lua_setiuservalue(lua, -2, 1);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &declaration_key);
    lua_setmetatable(lua, -2);
    return 1;
}

/* upvalue: what the script tried */
static int refuse_access(lua_State *lua) {
    struct error err;
    const struct declaration *declaration = lua_touserdata(lua, 1);
    error_set(&err, ERROR_CONFIG, "linnet.%s{} is a declaration: it cannot be %s",
              declaration->maker, lua_tostring(lua, lua_upvalueindex(1)));
    sandbox_place(lua, &err);
    sandbox_raise(lua, &err);
}

static void push_refusal(lua_State *lua, const char *event, const char *tried) {
    lua_pushstring(lua, tried);
    lua_pushcclosure(lua, refuse_access, 1);
    lua_setfield(lua, -2, event);
}

/* Once: declarations of all environments are alike. */
static void make_metatable(lua_State *lua) {
    int known = lua_rawgetp(lua, LUA_REGISTRYINDEX, &declaration_key);
    lua_pop(lua, 1);
    if (known != LUA_TNIL) return;
    lua_newtable(lua);
    push_refusal(lua, "__index", "read by a script");
    push_refusal(lua, "__newindex", "changed");
    push_refusal(lua, "__call", "called");
    lua_pushliteral(lua, "linnet");
    lua_setfield(lua, -2, "__metatable");
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &declaration_key);
}

const char *declaration_maker(const void *context, size_t i) {
    const struct loader_setup *setup = &((const struct loader *)context)->setup;
    if (i < LENGTH(script_makers)) return script_makers[i];
    return setup->maker ? setup->maker(setup->context, i - LENGTH(script_makers)) : NULL;
}

void declaration_add_makers(struct loader *loader) {
    lua_State *lua = loader->lua;
    const char *name;
    make_metatable(lua);
    for (size_t i = 0; (name = declaration_maker(loader, i)); i++) {
        lua_pushlightuserdata(lua, loader);
        lua_pushlightuserdata(lua, (char *)name); /* only read again */
        lua_pushcclosure(lua, make_declaration, 2);
        lua_setfield(lua, -2, name);
    }
}

void declaration_push_secret(struct loader *loader) {
    lua_pushlightuserdata(loader->lua, loader);
    lua_pushlightuserdata(loader->lua, "secret");
    lua_pushcclosure(loader->lua, make_declaration, 2);
}

const struct declaration *declaration_at(lua_State *lua, int index) {
    const struct declaration *found = NULL;
    if (lua_type(lua, index) != LUA_TUSERDATA || !lua_getmetatable(lua, index)) return NULL;
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &declaration_key);
    int above = index > 0 ? index : index - 2;
    if (lua_rawequal(lua, -1, -2)) found = lua_touserdata(lua, above);
    lua_pop(lua, 2);
    return found;
}

void declaration_push_content(lua_State *lua, int index) { lua_getiuservalue(lua, index, 1); }

void declaration_set_index(lua_State *lua) {
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &declaration_key);
    lua_insert(lua, -2);
    lua_setfield(lua, -2, "__index");
    lua_pop(lua, 1);
}
