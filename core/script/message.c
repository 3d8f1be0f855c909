/* script/message.h: the userdata, and what it answers to a name. */
#include "script/message.h"
#include "script/message_methods.h"
#include <lauxlib.h>

/* Addresses are registry keys. */
static const char metatable_key, present_key;

struct handle {
    uint64_t serial;
    const struct script_call *lasting; /* NULL: of the call with this serial */
};

static struct script_present *present_of(lua_State *lua) {
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &present_key);
    struct script_present *present = lua_touserdata(lua, -1);
    lua_pop(lua, 1);
    return present;
}

static bool is_message(lua_State *lua, int index) {
    if (!lua_getmetatable(lua, index)) return false;
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &metatable_key);
    bool same = lua_rawequal(lua, -1, -2);
    lua_pop(lua, 2);
    return same;
}

static const struct script_call *check_alive(lua_State *lua, const struct handle *handle,
                                             const struct script_present *present) {
    if (present->call && handle->serial == present->serial) return present->call;
    if (handle->lasting) return handle->lasting;
    luaL_error(lua, "message used after its function returned");
    return NULL;
}

const struct script_call *message_check(lua_State *lua, int index) {
    if (lua_type(lua, index) != LUA_TUSERDATA || !is_message(lua, index))
        luaL_error(lua, "a message is wanted here, not a %s: write message:is, not message.is",
                   luaL_typename(lua, index));
    return check_alive(lua, lua_touserdata(lua, index), present_of(lua));
}

const struct script_call *message_at(lua_State *lua, int index) {
    if (lua_type(lua, index) != LUA_TUSERDATA || !is_message(lua, index)) return NULL;
    const struct handle *handle = lua_touserdata(lua, index);
    const struct script_present *present = present_of(lua);
    bool alive = present->call && handle->serial == present->serial;
    return alive ? present->call : handle->lasting;
}

/* upvalues: name → field number or method, present. The receiver is a message: nobody else has this
 * metatable. */
static int message_index(lua_State *lua) {
    struct script_present *present = lua_touserdata(lua, lua_upvalueindex(2));
    const struct script_call *call = check_alive(lua, lua_touserdata(lua, 1), present);
    lua_pushvalue(lua, 2);
    int type = lua_rawget(lua, lua_upvalueindex(1));
    if (type != LUA_TNUMBER) return 1; /* a method, or nil for what no message has */
    message_fields[lua_tointeger(lua, -1)].push(lua, call);
    return 1;
}

static int message_newindex(lua_State *lua) {
    return luaL_error(lua, "a message cannot be changed");
}

static int message_tostring(lua_State *lua) {
    const struct message *message = message_check(lua, 1)->message;
    lua_pushfstring(lua, "message %s",
                    lua_pushlstring(lua, message->key.data, message->key.length));
    return 1;
}

static void push_names(lua_State *lua) {
    lua_newtable(lua);
    for (const struct message_method *method = message_methods; method->name; method++) {
        lua_pushcfunction(lua, method->call);
        lua_setfield(lua, -2, method->name);
    }
    for (int i = 0; message_fields[i].name; i++) {
        lua_pushinteger(lua, i);
        lua_setfield(lua, -2, message_fields[i].name);
    }
}

/* A score that is asked for another: message:score "vader" on a scored message calls a number. */
static int call_number(lua_State *lua) {
    lua_remove(lua, 1);
    return message_score(lua);
}

static void make_numbers_callable(lua_State *lua) {
    lua_pushinteger(lua, 0);
    lua_newtable(lua);
    lua_pushcfunction(lua, call_number);
    lua_setfield(lua, -2, "__call");
    lua_pushliteral(lua, "number");
    lua_setfield(lua, -2, "__metatable");
    lua_setmetatable(lua, -2); /* all numbers have one metatable */
    lua_pop(lua, 1);
}

void message_open(lua_State *lua, struct script_present *present) {
    make_numbers_callable(lua);
    lua_pushlightuserdata(lua, present);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &present_key);
    lua_newtable(lua);
    push_names(lua);
    lua_pushlightuserdata(lua, present);
    lua_pushcclosure(lua, message_index, 2);
    lua_setfield(lua, -2, "__index");
    lua_pushcfunction(lua, message_newindex);
    lua_setfield(lua, -2, "__newindex");
    lua_pushcfunction(lua, message_tostring);
    lua_setfield(lua, -2, "__tostring");
    lua_pushliteral(lua, "message");
    lua_setfield(lua, -2, "__metatable");
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &metatable_key);
}

static void push_handle(lua_State *lua, struct handle value) {
    struct handle *handle = lua_newuserdatauv(lua, sizeof *handle, 0);
    *handle = value;
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &metatable_key);
    lua_setmetatable(lua, -2);
}

void message_push(lua_State *lua) {
    push_handle(lua, (struct handle){ present_of(lua)->serial, NULL });
}

void message_push_lasting(lua_State *lua, const struct script_call *call) {
    push_handle(lua, (struct handle){ UINT64_MAX, call });
}
