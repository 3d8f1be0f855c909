/* message.raw: the record as Lua tables. */
#include "script/message_methods.h"
#include "script/sandbox.h"
#include "json/number.h"
#include "json/walk.h"
#include <lauxlib.h>

/* A metatable by which an empty array is known from an empty object. */
static const char array_key;

static void mark_array(lua_State *lua) {
    if (lua_rawgetp(lua, LUA_REGISTRYINDEX, &array_key) == LUA_TNIL) {
        lua_pop(lua, 1);
        lua_newtable(lua);
        lua_pushliteral(lua, "array");
        lua_setfield(lua, -2, "__metatable");
        lua_pushvalue(lua, -1);
        lua_rawsetp(lua, LUA_REGISTRYINDEX, &array_key);
    }
    lua_setmetatable(lua, -2);
}

/* Containers lie on the Lua stack, the innermost on top; above an object lies the name of its next
 * member. */
struct building {
    lua_State *lua;
    bool in_array[JSON_WALK_DEPTH + 1];
    int depth;
};

/* The value on top goes into the container below it. */
static void put_value(struct building *building) {
    lua_State *lua = building->lua;
    if (building->depth == 0) return; /* the root stays */
    if (building->in_array[building->depth]) {
        lua_rawseti(lua, -2, (lua_Integer)lua_rawlen(lua, -2) + 1);
        return;
    }
    lua_pushvalue(lua, -2);
    bool repeated = lua_rawget(lua, -4) != LUA_TNIL;
    lua_pop(lua, 1);
    if (repeated)
        lua_pop(lua, 2); /* the first of duplicate keys wins */
    else
        lua_rawset(lua, -3);
}

static void on_begin(void *context, bool array) {
    struct building *building = context;
    luaL_checkstack(building->lua, 8, "a deep record");
    lua_newtable(building->lua);
    if (array) mark_array(building->lua);
    building->in_array[++building->depth] = array;
}

static void on_end(void *context, bool array) {
    struct building *building = context;
    (void)array;
    building->depth--;
    put_value(building);
}

static void on_name(void *context, struct slice name) {
    struct building *building = context;
    lua_pushlstring(building->lua, name.data, name.length);
}

static void push_number(lua_State *lua, struct slice text) {
    int64_t whole;
    double number = 0;
    if (number_integer(text, &whole))
        lua_pushinteger(lua, whole);
    else {
        bool finite = number_double(text, &number);
        (void)finite; /* 1e999 is 0: JSON has no infinity */
        lua_pushnumber(lua, number);
    }
}

static void on_scalar(void *context, enum json_type type, struct slice text) {
    struct building *building = context;
    lua_State *lua = building->lua;
    switch (type) {
    case JSON_STRING: lua_pushlstring(lua, text.data, text.length); break;
    case JSON_NUMBER: push_number(lua, text); break;
    case JSON_TRUE: lua_pushboolean(lua, 1); break;
    case JSON_FALSE: lua_pushboolean(lua, 0); break;
    default: lua_pushlightuserdata(lua, SCRIPT_NULL);
    }
    put_value(building);
}

void message_push_raw(lua_State *lua, const struct script_call *call) {
    struct slice raw = call->message->raw;
    sandbox_charge(lua, 100 + raw.length / 8);
    if (raw.length == 0 || raw.data[0] != '{' || call->projector == NULL) {
        lua_pushnil(lua);
        return;
    }
    struct building building = { .lua = lua };
    struct json_events events = { &building, on_begin, on_end, on_name, on_scalar };
    int top = lua_gettop(lua);
    if (json_walk(call->projector, raw, call->arena, &events)) return;
    lua_settop(lua, top);
    lua_pushnil(lua);
}
