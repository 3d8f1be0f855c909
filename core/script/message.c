/* script/message.h: the userdata, and what it answers to a name. */
#include "script/message.h"
#include "script/message_methods.h"
#include <lauxlib.h>

static const char metatable_key; /* its address is the key in the registry */

struct handle {
    const struct script_present *present;
    uint64_t serial;
    const struct script_call *lasting; /* NULL: of the call with this serial */
};

static bool is_message(lua_State *lua, int index) {
    if (!lua_getmetatable(lua, index)) return false;
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &metatable_key);
    bool same = lua_rawequal(lua, -1, -2);
    lua_pop(lua, 2);
    return same;
}

/* NULL when its function has returned. */
static const struct script_call *find_call(const struct handle *handle) {
    const struct script_present *present = handle->present;
    if (present->call && handle->serial == present->serial) return present->call;
    return handle->lasting;
}

const struct script_call *message_alive(lua_State *lua, int index) {
    const struct script_call *call = find_call(lua_touserdata(lua, index));
    if (call == NULL) luaL_error(lua, "message used after its function returned");
    return call;
}

const struct script_call *message_check(lua_State *lua, int index) {
    if (lua_type(lua, index) != LUA_TUSERDATA || !is_message(lua, index))
        luaL_error(lua, "a message is wanted here, not a %s: write message:is, not message.is",
                   luaL_typename(lua, index));
    return message_alive(lua, index);
}

const struct script_call *message_at(lua_State *lua, int index) {
    if (lua_type(lua, index) != LUA_TUSERDATA || !is_message(lua, index)) return NULL;
    return find_call(lua_touserdata(lua, index));
}

/* upvalue: name → field number or method. The receiver is a message: nobody else has this
 * metatable. */
static int message_index(lua_State *lua) {
    const struct script_call *call = message_alive(lua, 1);
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

void message_open(lua_State *lua) {
    make_numbers_callable(lua);
    lua_newtable(lua);
    push_names(lua);
    lua_pushcclosure(lua, message_index, 1);
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

void message_push(lua_State *lua, const struct script_present *present) {
    push_handle(lua, (struct handle){ present, present->serial, NULL });
}

void message_push_lasting(lua_State *lua, const struct script_call *call) {
    static const struct script_present none;
    push_handle(lua, (struct handle){ &none, 0, call });
}
