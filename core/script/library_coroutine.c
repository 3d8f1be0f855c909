/* Coroutines that share the budget of who resumes them: an error that ends the call is not theirs
 * to keep, and one that was stopped never runs again. */
#include "script/library_internal.h"
#include "script/sandbox.h"

/* A new coroutine has its own instruction counter. */
#define STEPS_TO_CREATE 300
#define STEPS_TO_RESUME 10

static lua_State *check_coroutine(lua_State *lua) {
    luaL_checktype(lua, 1, LUA_TTHREAD);
    return lua_tothread(lua, 1);
}

static int coroutine_create(lua_State *lua) {
    luaL_checktype(lua, 1, LUA_TFUNCTION);
    sandbox_charge(lua, STEPS_TO_CREATE);
    lua_State *co = lua_newthread(lua);
    lua_pushvalue(lua, 1);
    lua_xmove(lua, co, 1);
    return 1;
}

/* Refuses with a text on top, like an error inside. */
static int refuse(lua_State *lua, const char *why) {
    lua_pushstring(lua, why);
    return -1;
}

/* Runs `co` with the topmost `count` values. What it yields or returns is on top and counted; or -1
 * with the error on top. */
static int run(lua_State *lua, lua_State *co, int count) {
    int results = 0;
    sandbox_charge(lua, STEPS_TO_RESUME + (uint64_t)count);
    if (lua_status(co) > LUA_YIELD) return refuse(lua, "cannot resume dead coroutine");
    if (!lua_checkstack(co, count)) return refuse(lua, "too many arguments to resume");
    if (!sandbox_enter_coroutine(lua, co, false)) return refuse(lua, "C stack overflow");
    lua_xmove(lua, co, count);
    int status = lua_resume(co, lua, count, &results);
    sandbox_leave_coroutine(lua, false);
    if (status != LUA_OK && status != LUA_YIELD) {
        /* What it died of stays with it, so that one that was stopped is known. */
        if (lua_status(co) > LUA_YIELD) lua_pushvalue(co, -1);
        lua_xmove(co, lua, 1);
        sandbox_recover(lua, status);
        return -1;
    }
    if (!lua_checkstack(lua, results + 1)) {
        lua_pop(co, results);
        return refuse(lua, "too many results to resume");
    }
    lua_xmove(co, lua, results);
    return results;
}

static int coroutine_resume(lua_State *lua) {
    lua_State *co = check_coroutine(lua);
    int count = run(lua, co, lua_gettop(lua) - 1);
    lua_pushboolean(lua, count >= 0);
    lua_insert(lua, count >= 0 ? -(count + 1) : -2);
    return count >= 0 ? count + 1 : 2;
}

/* Runs what the coroutine has to close; true, or false and the error, are on top. */
static int close_coroutine(lua_State *lua, lua_State *co) {
    if (sandbox_stopped(co)) luaL_error(lua, "this coroutine was stopped for good");
    if (!sandbox_enter_coroutine(lua, co, true))
        luaL_error(lua, "coroutines that close each other are nested too deeply");
    int status = lua_resetthread(co);
    sandbox_leave_coroutine(lua, true);
    lua_pushboolean(lua, status == LUA_OK);
    if (status == LUA_OK) return 1;
    lua_xmove(co, lua, 1);
    sandbox_recover(lua, status);
    return 2;
}

/* upvalue: the coroutine */
static int continue_wrapped(lua_State *lua) {
    lua_State *co = lua_tothread(lua, lua_upvalueindex(1));
    int count = run(lua, co, lua_gettop(lua));
    if (count >= 0) return count;
    if (lua_status(co) > LUA_YIELD) close_coroutine(lua, co); /* the error is on top again */
    if (lua_type(lua, -1) == LUA_TSTRING) {
        luaL_where(lua, 1);
        lua_insert(lua, -2);
        lua_concat(lua, 2);
    }
    return lua_error(lua);
}

static int coroutine_wrap(lua_State *lua) {
    coroutine_create(lua);
    lua_pushcclosure(lua, continue_wrapped, 1);
    return 1;
}

static int coroutine_yield(lua_State *lua) { return lua_yield(lua, lua_gettop(lua)); }

static const char *status_of(lua_State *lua, lua_State *co) {
    lua_Debug record;
    if (lua == co) return "running";
    if (lua_status(co) == LUA_YIELD) return "suspended";
    if (lua_status(co) != LUA_OK) return "dead";
    if (lua_getstack(co, 0, &record)) return "normal"; /* it runs another */
    return lua_gettop(co) ? "suspended" : "dead";
}

static int coroutine_status(lua_State *lua) {
    lua_pushstring(lua, status_of(lua, check_coroutine(lua)));
    return 1;
}

static int coroutine_isyieldable(lua_State *lua) {
    lua_State *co = lua_isthread(lua, 1) ? lua_tothread(lua, 1) : lua;
    lua_pushboolean(lua, lua_isyieldable(co));
    return 1;
}

static int coroutine_running(lua_State *lua) {
    bool is_main = lua_pushthread(lua);
    lua_pushboolean(lua, is_main);
    return 2;
}

static int coroutine_close(lua_State *lua) {
    lua_State *co = check_coroutine(lua);
    const char *status = status_of(lua, co);
    if (*status != 's' && *status != 'd')
        return luaL_error(lua, "cannot close a %s coroutine", status);
    return close_coroutine(lua, co);
}

const luaL_Reg library_coroutine_functions[] = {
    { "create", coroutine_create },
    { "resume", coroutine_resume },
    { "wrap", coroutine_wrap },
    { "yield", coroutine_yield },
    { "status", coroutine_status },
    { "isyieldable", coroutine_isyieldable },
    { "running", coroutine_running },
    { "close", coroutine_close },
    { NULL, NULL },
};
