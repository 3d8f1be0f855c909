/* What calling a script costs, in ns a call: nothing, a filter, a loop. Run from the root of the
 * repository; a fresh userdata is made for every call, as for a message. */
#include "script/library.h"
#include "script/sandbox.h"
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CALLS 1000000

static const struct {
    const char *what, *text;
    int calls;
} cases[] = {
    { "an empty function", "return function() end", CALLS },
    { "a filter: one field, two comparisons",
      "return function(message) return message.kind ~= 'retweet' and #message.text > 20 end",
      CALLS },
    { "a filter with upper and find",
      "local upper = string.upper\n"
      "return function(message) local t = message.text; return t == upper(t) or t:find 'e' end",
      CALLS },
    { "a filter with a pattern",
      "return function(message) return message.text:find('%f[%a]post%f[%A]') ~= nil end", CALLS },
    { "1,000 instructions in a loop",
      "return function() local x = 0; for i = 1, 333 do x = x + i; x = x ~ i end return x end",
      CALLS / 20 },
    { "a walk over 20 words",
      "local known = { words = 1, are = 2 }\n"
      "return function(message)\n"
      "  local sum = 0\n"
      "  for word in message.text:gmatch '%a+' do sum = sum + (known[word] or 0) end\n"
      "  return sum\nend",
      CALLS / 10 },
};

static const char post[] = "some words of a post that are here to be looked at by a filter, which "
                           "takes them one by one, or not at all";

static struct sandbox *sandbox;

static int message_index(lua_State *lua) {
    if (strcmp(lua_tostring(lua, 2), "text") == 0)
        lua_pushlstring(lua, post, sizeof post - 1);
    else
        lua_pushliteral(lua, "post");
    return 1;
}

static bool load(void *context, struct error *err) {
    lua_State *lua = sandbox_lua(sandbox);
    const char *text = context;
    if (luaL_loadbuffer(lua, text, strlen(text), "@bench.lua") != LUA_OK)
        return error_set(err, ERROR_CONFIG, "%s", lua_tostring(lua, -1));
    library_push(lua);
    lua_setupvalue(lua, -2, 1);
    lua_call(lua, 0, 1);
    lua_rawseti(lua, LUA_REGISTRYINDEX, 100);
    lua_newtable(lua);
    lua_pushcfunction(lua, message_index);
    lua_setfield(lua, -2, "__index");
    lua_rawseti(lua, LUA_REGISTRYINDEX, 101);
    return true;
}

static bool call(struct error *err) {
    lua_State *lua = sandbox_lua(sandbox);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, 100);
    lua_newuserdatauv(lua, sizeof(uint64_t), 0);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, 101);
    lua_setmetatable(lua, -2);
    bool done = sandbox_call(sandbox, 1, 1, err);
    lua_settop(lua, 0);
    return done;
}

static void measure(size_t at) {
    struct error err;
    sandbox = sandbox_create(&script_limits);
    bool good = sandbox_run(sandbox, load, (void *)cases[at].text, &err);
    for (int i = 0; i < 1000 && good; i++)
        good = call(&err);
    clock_t start = clock();
    for (int i = 0; i < cases[at].calls && good; i++)
        good = call(&err);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    if (good)
        printf("%-38s %8.0f ns a call\n", cases[at].what, seconds * 1e9 / cases[at].calls);
    else
        printf("%-38s %s:%d: %s\n", cases[at].what, err.file, err.line, err.text);
    sandbox_destroy(sandbox);
}

int main(void) {
    for (size_t i = 0; i < LENGTH(cases); i++)
        measure(i);
    return 0;
}
