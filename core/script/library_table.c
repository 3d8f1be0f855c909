/* Functions of `table` that go over a list: each item is a step. Items are read and written as by
 * Lua code, metamethods included. */
#include "script/library_internal.h"
#include "script/sandbox.h"
#include <math.h>
#include <string.h>

#define MAX_SORTED 1000000
#define BYTES_A_STEP 32

static lua_Integer length_of(lua_State *lua, int index) {
    luaL_checktype(lua, index, LUA_TTABLE);
    return luaL_len(lua, index);
}

static int table_concat(lua_State *lua) {
    lua_Integer last = length_of(lua, 1);
    size_t between_bytes;
    const char *between = luaL_optlstring(lua, 2, "", &between_bytes);
    lua_Integer i = luaL_optinteger(lua, 3, 1);
    last = luaL_optinteger(lua, 4, last);
    luaL_Buffer out;
    luaL_buffinit(lua, &out);
    for (; i <= last; i++) {
        sandbox_charge(lua, 1);
        lua_geti(lua, 1, i);
        if (!lua_isstring(lua, -1))
            return luaL_error(lua, "invalid value (%s) at index %I in table for 'concat'",
                              luaL_typename(lua, -1), i);
        luaL_addvalue(&out);
        if (i == last) break; /* which may be the last of all integers */
        luaL_addlstring(&out, between, between_bytes);
        if (luaL_bufflen(&out) > MAX_TEXT_BYTES)
            return luaL_error(lua, "resulting text is longer than 1 MiB");
    }
    luaL_pushresult(&out);
    return 1;
}

static int table_insert(lua_State *lua) {
    lua_Integer end = (lua_Integer)((lua_Unsigned)length_of(lua, 1) + 1), at = end;
    switch (lua_gettop(lua)) {
    case 2: break;
    case 3:
        at = luaL_checkinteger(lua, 2);
        luaL_argcheck(lua, (lua_Unsigned)at - 1u < (lua_Unsigned)end, 2, "position out of bounds");
        for (lua_Integer i = end; i > at; i--) {
            sandbox_charge(lua, 1);
            lua_geti(lua, 1, i - 1);
            lua_seti(lua, 1, i);
        }
        break;
    default: return luaL_error(lua, "wrong number of arguments to 'insert'");
    }
    lua_seti(lua, 1, at);
    return 0;
}

static int table_remove(lua_State *lua) {
    lua_Integer last = length_of(lua, 1), at = luaL_optinteger(lua, 2, last);
    if (at != last)
        luaL_argcheck(lua, (lua_Unsigned)at - 1u <= (lua_Unsigned)last, 2,
                      "position out of bounds");
    lua_geti(lua, 1, at);
    for (; at < last; at++) {
        sandbox_charge(lua, 1);
        lua_geti(lua, 1, at + 1);
        lua_seti(lua, 1, at);
    }
    lua_pushnil(lua);
    lua_seti(lua, 1, at);
    return 1;
}

static void move_item(lua_State *lua, lua_Integer from, lua_Integer to, int target) {
    sandbox_charge(lua, 1);
    lua_geti(lua, 1, from);
    lua_seti(lua, target, to);
}

static int table_move(lua_State *lua) {
    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_Integer first = luaL_checkinteger(lua, 2), last = luaL_checkinteger(lua, 3),
                to = luaL_checkinteger(lua, 4);
    int target = lua_isnoneornil(lua, 5) ? 1 : 5;
    luaL_checktype(lua, target, LUA_TTABLE);
    if (last >= first) {
        luaL_argcheck(lua, first > 0 || last < LUA_MAXINTEGER + first, 3,
                      "too many elements to move");
        lua_Integer count = last - first + 1;
        luaL_argcheck(lua, to <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
        bool overlaps = to > first && to <= last && (target == 1 || lua_rawequal(lua, 1, target));
        for (lua_Integer i = 0; i < count; i++) {
            lua_Integer at = overlaps ? count - 1 - i : i;
            move_item(lua, first + at, to + at, target);
        }
    }
    lua_pushvalue(lua, target);
    return 1;
}

static int table_unpack(lua_State *lua) {
    lua_Integer first = luaL_optinteger(lua, 2, 1);
    lua_Integer last = lua_isnoneornil(lua, 3) ? luaL_len(lua, 1) : luaL_checkinteger(lua, 3);
    if (first > last) return 0;
    lua_Unsigned count = (lua_Unsigned)last - (lua_Unsigned)first + 1;
    if (count == 0 || count >= INT_MAX || !lua_checkstack(lua, (int)count))
        return luaL_error(lua, "too many results to unpack");
    sandbox_charge(lua, count);
    for (lua_Unsigned i = 0; i < count; i++)
        lua_geti(lua, 1, (lua_Integer)((lua_Unsigned)first + i));
    return (int)count;
}

/* ---- sort ----------------------------------------------------------------------------------- */

/* Two lists that are merged from one to the other, in runs of doubling width. Stack: */
enum { SORTED = 1, COMPARE = 2, FROM = 3, TO = 4 };

static void charge_texts(lua_State *lua) {
    size_t a = 0, b = 0;
    if (lua_type(lua, -1) == LUA_TSTRING) a = lua_rawlen(lua, -1);
    if (lua_type(lua, -2) == LUA_TSTRING) b = lua_rawlen(lua, -2);
    sandbox_charge(lua, 4 + (a < b ? a : b) / BYTES_A_STEP);
}

/* Whether item a of FROM comes before item b. */
static bool comes_before(lua_State *lua, lua_Integer a, lua_Integer b) {
    bool before;
    if (lua_isnil(lua, COMPARE)) {
        lua_rawgeti(lua, FROM, a);
        lua_rawgeti(lua, FROM, b);
        charge_texts(lua);
        before = lua_compare(lua, -2, -1, LUA_OPLT);
        lua_pop(lua, 2);
        return before;
    }
    sandbox_charge(lua, 4);
    lua_pushvalue(lua, COMPARE);
    lua_rawgeti(lua, FROM, a);
    lua_rawgeti(lua, FROM, b);
    lua_call(lua, 2, 1);
    before = lua_toboolean(lua, -1);
    lua_pop(lua, 1);
    return before;
}

/* The runs at [low, middle) and [middle, high). */
static void merge(lua_State *lua, lua_Integer low, lua_Integer middle, lua_Integer high) {
    lua_Integer left = low, right = middle;
    for (lua_Integer to = low; to < high; to++) {
        bool take_right = left == middle || (right < high && comes_before(lua, right, left));
        lua_rawgeti(lua, FROM, take_right ? right++ : left++);
        lua_rawseti(lua, TO, to);
    }
}

/* Stable, and whatever the comparison says, n log n of them: none can lead it out of the list. */
static int table_sort(lua_State *lua) {
    lua_Integer count = length_of(lua, SORTED);
    luaL_argcheck(lua, count < MAX_SORTED, 1, "array too big");
    if (!lua_isnoneornil(lua, COMPARE)) luaL_checktype(lua, COMPARE, LUA_TFUNCTION);
    lua_settop(lua, COMPARE);
    if (count < 2) return 0;
    sandbox_charge(lua, (uint64_t)count);
    lua_createtable(lua, (int)count, 0);
    lua_createtable(lua, (int)count, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_geti(lua, SORTED, i);
        lua_rawseti(lua, FROM, i);
    }
    for (lua_Integer width = 1; width < count; width *= 2) {
        sandbox_charge(lua, (uint64_t)count);
        for (lua_Integer low = 1; low <= count; low += 2 * width) {
            lua_Integer middle = low + width, high = middle + width;
            merge(lua, low, middle > count ? count + 1 : middle, high > count ? count + 1 : high);
        }
        lua_insert(lua, FROM); /* they change places */
    }
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(lua, FROM, i);
        lua_seti(lua, SORTED, i);
    }
    return 0;
}

const luaL_Reg library_table_functions[] = {
    { "concat", table_concat },
    { "insert", table_insert },
    { "remove", table_remove },
    { "move", table_move },
    { "sort", table_sort },
    { "unpack", table_unpack },
    { NULL, NULL },
};
