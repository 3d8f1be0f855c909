/* A lexicon out of the very file that users get, read by a plain Lua state with as much of `linnet`
 * as a lexicon needs. For tests and benches only; the program compiles declarations in its sandbox.
 */
#ifndef TESTS_LEXICON_FROM_LUA_H
#define TESTS_LEXICON_FROM_LUA_H

#include "sentiment/lexicon.h"
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>

/* The string at `index`. */
static struct slice lua_slice(lua_State *lua, int index) {
    struct slice slice;
    slice.data = lua_tolstring(lua, index, &slice.length);
    return slice;
}

/* The value on top: a number, a text, or { value, subjectivity, intensity, adverb = true }. */
static struct lexicon_entry entry_from_lua(lua_State *lua) {
    struct lexicon_entry entry = { .numbers = { 0, 0, 1 } };
    if (lua_type(lua, -1) == LUA_TSTRING) entry.text = lua_slice(lua, -1);
    if (lua_type(lua, -1) == LUA_TNUMBER) entry.numbers[0] = lua_tonumber(lua, -1);
    if (!lua_istable(lua, -1)) return entry;
    for (int i = 0; i < 3; i++) {
        if (lua_geti(lua, -1, i + 1) == LUA_TNUMBER) entry.numbers[i] = lua_tonumber(lua, -1);
        lua_pop(lua, 1);
    }
    lua_getfield(lua, -1, "adverb");
    entry.adverb = lua_toboolean(lua, -1);
    lua_pop(lua, 1);
    return entry;
}

/* The section on top: a list of keys, or a map from key to value. */
static void section_from_lua(lua_State *lua, struct lexicon *lexicon,
                             enum lexicon_section section) {
    lua_pushnil(lua);
    while (lua_next(lua, -2)) {
        bool list = lua_type(lua, -2) == LUA_TNUMBER;
        struct lexicon_entry entry = { .numbers = { 0, 0, 1 } };
        if (!list) entry = entry_from_lua(lua);
        entry.key = lua_slice(lua, list ? -1 : -2);
        lexicon_set(lexicon, section, &entry);
        lua_pop(lua, 1);
    }
}

static int declaration_itself(lua_State *lua) {
    lua_settop(lua, 1);
    return 1;
}

/* `path` from the root of the repository; ends the test program when it cannot be read. */
static inline struct lexicon *lexicon_from_lua(const char *path) {
    lua_State *lua = luaL_newstate();
    lua_newtable(lua);
    lua_pushcfunction(lua, declaration_itself);
    lua_setfield(lua, -2, "lexicon");
    lua_setglobal(lua, "linnet");
    if (luaL_loadfile(lua, path) != LUA_OK || lua_pcall(lua, 0, 1, 0) != LUA_OK) {
        fprintf(stderr, "%s\n", lua_tostring(lua, -1));
        exit(1);
    }
    struct lexicon *lexicon = lexicon_create();
    for (int section = 0; section < LEXICON_SECTIONS; section++) {
        if (lua_getfield(lua, -1, lexicon_section_names[section]) == LUA_TTABLE)
            section_from_lua(lua, lexicon, (enum lexicon_section)section);
        lua_pop(lua, 1);
    }
    lua_close(lua);
    return lexicon;
}

#endif
