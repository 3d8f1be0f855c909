/* What functions return, turned into what the C parts want. */
#include "script/message_methods.h"
#include "script/program_internal.h"
#include <lauxlib.h>
#include <math.h>
#include <stdio.h>

bool script_keep(struct script_state *state, uint32_t function, const struct script_call *call,
                 bool *keep) {
    if (!script_call(state, function, call, NULL, 1)) return false;
    *keep = lua_toboolean(state->loader->lua, -1);
    script_return(state);
    return true;
}

/* A result that does not suit: counted as a failure of the function. */
static bool refuse(struct script_state *state, uint32_t function, const char *wanted) {
    lua_State *lua = state->loader->lua;
    struct error err;
    if (lua_type(lua, 1) == LUA_TNUMBER)
        error_set(&err, ERROR_FAILED, "it returned %.6g instead of %s", lua_tonumber(lua, 1),
                  wanted);
    else
        error_set(&err, ERROR_FAILED, "it returned a %s instead of %s", luaL_typename(lua, 1),
                  wanted);
    script_failed(state, function, &err);
    script_return(state);
    return false;
}

static struct slice copy_text(lua_State *lua, int index, struct arena *arena) {
    size_t length;
    const char *text = lua_tolstring(lua, index, &length);
    return text ? arena_copy(arena, slice_from(text, length)) : slice_from("", 0);
}

#define MAX_EVIDENCE 1000

/* A list of { word, value, note }; what is not of that form is passed over. */
static void read_evidence(lua_State *lua, int index, struct arena *arena, struct score *score) {
    if (!lua_istable(lua, index)) return;
    size_t count = lua_rawlen(lua, index);
    if (count > MAX_EVIDENCE) count = MAX_EVIDENCE;
    score->evidence = arena_zeroed(arena, count, sizeof *score->evidence);
    for (size_t i = 1; i <= count; i++) {
        lua_rawgeti(lua, index, (lua_Integer)i);
        if (lua_istable(lua, -1)) {
            struct evidence *one = &score->evidence[score->evidence_count++];
            lua_rawgeti(lua, -1, 1);
            lua_rawgeti(lua, -2, 2);
            lua_rawgeti(lua, -3, 3);
            *one = (struct evidence){ .word = copy_text(lua, -3, arena),
                                      .value = lua_tonumber(lua, -2),
                                      .note = copy_text(lua, -1, arena) };
            lua_pop(lua, 3);
        }
        lua_pop(lua, 1);
    }
    score->summary = arena_format(arena, "the script's value is %.6g", score->value);
}

bool script_score(struct script_state *state, uint32_t function, const struct script_call *call,
                  const struct lexicon *lexicon, bool explain, struct score *score) {
    lua_State *lua = state->loader->lua;
    *score = (struct score){ 0 };
    if (!script_call(state, function, call, lexicon, 2)) return false;
    score->known = !lua_isnil(lua, 1);
    if (score->known && lua_type(lua, 1) != LUA_TNUMBER)
        return refuse(state, function, "a number or nil");
    score->value = lua_tonumber(lua, 1);
    if (!(score->value >= -1 && score->value <= 1)) {
        score->known = false;
        return refuse(state, function, "a number from -1 to 1");
    }
    if (explain && score->known) read_evidence(lua, 2, call->arena, score);
    script_return(state);
    return true;
}

static bool write_whole(lua_State *lua, int index, struct writer *writer) {
    int is_whole = 0;
    lua_Integer whole =
        lua_type(lua, index) == LUA_TNUMBER ? lua_tointegerx(lua, index, &is_whole) : 0;
    if (is_whole) write_integer(writer, whole);
    return is_whole;
}

static bool write_number(lua_State *lua, int index, struct writer *writer) {
    if (lua_type(lua, index) != LUA_TNUMBER || !isfinite(lua_tonumber(lua, index))) return false;
    if (lua_isinteger(lua, index)) return write_whole(lua, index, writer);
    write_double(writer, lua_tonumber(lua, index));
    return true;
}

static bool write_string(lua_State *lua, int index, struct writer *writer) {
    size_t length;
    if (lua_type(lua, index) != LUA_TSTRING) return false;
    const char *text = lua_tolstring(lua, index, &length);
    write_text(writer, slice_from(text, length));
    return true;
}

/* Writes the value at `index` as `type`; false when it does not suit. */
static bool write_scalar(lua_State *lua, int index, enum field_type type, struct writer *writer) {
    if (lua_islightuserdata(lua, index) && lua_touserdata(lua, index) == SCRIPT_NULL) {
        write_raw(writer, SLICE("null"));
        return true;
    }
    switch (type) {
    case FIELD_BOOLEAN:
        if (lua_isboolean(lua, index))
            write_raw(writer, lua_toboolean(lua, index) ? SLICE("true") : SLICE("false"));
        return lua_isboolean(lua, index);
    case FIELD_LONG: return write_whole(lua, index, writer);
    case FIELD_DOUBLE: return write_number(lua, index, writer);
    case FIELD_DATE: return write_string(lua, index, writer) || write_whole(lua, index, writer);
    default: return write_string(lua, index, writer);
    }
}

/* { lon = …, lat = … } */
static bool write_point(lua_State *lua, int index, struct writer *writer) {
    /* Raw: a metamethod must not run here, outside of the call and its budget. */
    lua_pushliteral(lua, "lon");
    bool good = lua_rawget(lua, index) == LUA_TNUMBER;
    lua_pushliteral(lua, "lat");
    good = lua_rawget(lua, index) == LUA_TNUMBER && good;
    if (good) {
        write_object(writer);
        write_name(writer, SLICE("lon"));
        write_double(writer, lua_tonumber(lua, -2));
        write_name(writer, SLICE("lat"));
        write_double(writer, lua_tonumber(lua, -1));
        write_object_end(writer);
    }
    lua_pop(lua, 2);
    return good;
}

static bool write_list(lua_State *lua, enum field_type type, struct writer *writer) {
    bool good = true;
    size_t count = lua_rawlen(lua, 1);
    write_array(writer);
    for (size_t i = 1; i <= count && good; i++) {
        lua_rawgeti(lua, 1, (lua_Integer)i);
        good = type == FIELD_GEO_POINT && lua_istable(lua, -1)
                   ? write_point(lua, lua_gettop(lua), writer)
                   : write_scalar(lua, -1, type, writer);
        lua_pop(lua, 1);
    }
    write_array_end(writer);
    return good;
}

bool script_field(struct script_state *state, uint32_t function, const struct script_call *call,
                  enum field_type type, struct writer *writer, bool *written) {
    lua_State *lua = state->loader->lua;
    *written = false;
    if (!script_call(state, function, call, NULL, 1)) return false;
    bool point = type == FIELD_GEO_POINT && lua_istable(lua, 1) && lua_rawlen(lua, 1) == 0;
    if (lua_isnil(lua, 1)) {
        script_return(state);
        return true;
    }
    *written = point                 ? write_point(lua, 1, writer)
               : lua_istable(lua, 1) ? write_list(lua, type, writer)
                                     : write_scalar(lua, 1, type, writer);
    if (!*written) return refuse(state, function, "what the field's type takes");
    script_return(state);
    return true;
}
