/* Functions of `string` that can take longer than their text is long: patterns, and rep. */
#include "script/library_internal.h"
#include "script/pattern.h"
#include "script/sandbox.h"
#include <ctype.h>
#include <string.h>

#define BYTES_A_STEP 32

static struct slice check_text(lua_State *lua, int index) {
    struct slice text;
    text.data = luaL_checklstring(lua, index, &text.length);
    return text;
}

static int string_rep(lua_State *lua) {
    struct slice text = check_text(lua, 1), between = SLICE("");
    lua_Integer count = luaL_checkinteger(lua, 2);
    if (!lua_isnoneornil(lua, 3)) between = check_text(lua, 3);
    size_t bytes = text.length + between.length;
    if (count <= 0 || bytes == 0) {
        lua_pushliteral(lua, "");
        return 1;
    }
    if (bytes > MAX_TEXT_BYTES || (lua_Unsigned)count > MAX_TEXT_BYTES / bytes)
        return luaL_error(lua, "resulting text is longer than 1 MiB");
    luaL_Buffer out;
    char *to = luaL_buffinitsize(lua, &out, bytes * (size_t)count);
    sandbox_charge(lua, (uint64_t)count / 4);
    for (lua_Integer i = 0; i < count; i++) {
        if (i && between.length) memcpy(to, between.data, between.length);
        if (i) to += between.length;
        if (text.length) memcpy(to, text.data, text.length);
        to += text.length;
    }
    luaL_pushresultsize(&out, bytes * (size_t)count - between.length);
    return 1;
}

/* ---- matching ------------------------------------------------------------------------------- */

/* Offset from 0 of what a script calls byte `from`; behind the end when it is. */
static size_t start_at(lua_Integer from, size_t length) {
    if (from > 0) return (lua_Unsigned)from - 1 > length ? length + 1 : (size_t)from - 1;
    if (from == 0 || from < -(lua_Integer)length) return 0;
    return length - (size_t)-from;
}

/* Adds what the matcher did; raises when it gave up. */
static void settle(lua_State *lua, struct pattern *pattern) {
    uint64_t steps = pattern->steps;
    pattern->steps = 0;
    sandbox_charge(lua, steps);
    if (pattern->fault[0]) luaL_error(lua, "%s", pattern->fault);
    pattern->max_steps = sandbox_steps_left(lua);
}

static void begin(lua_State *lua, struct pattern *pattern, struct slice subject,
                  struct slice text) {
    pattern_init(pattern, subject, text);
    pattern->max_steps = sandbox_steps_left(lua);
}

static bool strip_anchor(struct slice *text) {
    bool anchored = text->length && text->data[0] == '^';
    *text = slice_skip(*text, anchored);
    return anchored;
}

/* Capture `at`; of a pattern without captures the whole match. */
static void push_capture(lua_State *lua, const struct pattern *pattern, int at, size_t start,
                         size_t end) {
    if (at >= pattern->capture_count) {
        if (at) luaL_error(lua, "invalid capture index %%%d", at + 1);
        lua_pushlstring(lua, pattern->subject.data + start, end - start);
        return;
    }
    const struct pattern_capture *capture = &pattern->captures[at];
    if (capture->length == CAPTURE_OPEN)
        luaL_error(lua, "unfinished capture");
    else if (capture->length == CAPTURE_POSITION)
        lua_pushinteger(lua, (lua_Integer)capture->start + 1);
    else
        lua_pushlstring(lua, pattern->subject.data + capture->start, capture->length);
}

/* All captures, or when there are none and `whole`, the match. */
static int push_captures(lua_State *lua, const struct pattern *pattern, bool whole, size_t start,
                         size_t end) {
    int count = pattern->capture_count ? pattern->capture_count : whole;
    luaL_checkstack(lua, count, "too many captures");
    for (int i = 0; i < count; i++)
        push_capture(lua, pattern, i, start, end);
    return count;
}

static int find_plain(lua_State *lua, struct slice subject, struct slice text, size_t at) {
    struct slice rest = slice_skip(subject, at);
    sandbox_charge(lua, (rest.length + text.length) / BYTES_A_STEP);
    const char *found =
        text.length ? memmem(rest.data, rest.length, text.data, text.length) : rest.data;
    if (found == NULL) {
        lua_pushnil(lua);
        return 1;
    }
    lua_Integer first = (lua_Integer)(found - subject.data) + 1;
    lua_pushinteger(lua, first);
    lua_pushinteger(lua, first + (lua_Integer)text.length - 1);
    return 2;
}

static int search(lua_State *lua, bool find) {
    struct slice subject = check_text(lua, 1), text = check_text(lua, 2);
    size_t start = start_at(luaL_optinteger(lua, 3, 1), subject.length), end;
    if (start > subject.length) {
        lua_pushnil(lua);
        return 1;
    }
    if (find && (lua_toboolean(lua, 4) || pattern_is_plain(text)))
        return find_plain(lua, subject, text, start);
    bool anchored = strip_anchor(&text);
    struct pattern pattern;
    begin(lua, &pattern, subject, text);
    bool found =
        anchored ? pattern_match(&pattern, start, &end) : pattern_find(&pattern, &start, &end);
    settle(lua, &pattern);
    if (!found) {
        lua_pushnil(lua);
        return 1;
    }
    if (!find) return push_captures(lua, &pattern, true, start, end);
    lua_pushinteger(lua, (lua_Integer)start + 1);
    lua_pushinteger(lua, (lua_Integer)end);
    return 2 + push_captures(lua, &pattern, false, start, end);
}

static int string_find(lua_State *lua) { return search(lua, true); }

static int string_match(lua_State *lua) { return search(lua, false); }

/* The next match that does not end where the one before ended (`last`, SIZE_MAX for none). */
static bool find_next(struct pattern *pattern, size_t *start, size_t *end, size_t last) {
    while (pattern_find(pattern, start, end)) {
        if (*end != last) return true;
        ++*start;
    }
    return false;
}

struct iteration {
    size_t at, last;
};

/* upvalues: subject, pattern, iteration */
static int next_match(lua_State *lua) {
    struct iteration *iteration = lua_touserdata(lua, lua_upvalueindex(3));
    struct pattern pattern;
    size_t end;
    begin(lua, &pattern, check_text(lua, lua_upvalueindex(1)),
          check_text(lua, lua_upvalueindex(2)));
    bool found = find_next(&pattern, &iteration->at, &end, iteration->last);
    settle(lua, &pattern);
    if (!found) return 0;
    size_t start = iteration->at;
    iteration->at = iteration->last = end;
    return push_captures(lua, &pattern, true, start, end);
}

static int string_gmatch(lua_State *lua) {
    struct slice subject = check_text(lua, 1);
    check_text(lua, 2);
    size_t at = start_at(luaL_optinteger(lua, 3, 1), subject.length);
    lua_settop(lua, 2);
    struct iteration *iteration = lua_newuserdatauv(lua, sizeof *iteration, 0);
    *iteration = (struct iteration){ at, SIZE_MAX };
    lua_pushcclosure(lua, next_match, 3);
    return 1;
}

/* ---- gsub ----------------------------------------------------------------------------------- */

struct substitution {
    struct pattern pattern;
    luaL_Buffer out;
    bool changed;
};

/* The replacement text, its %0 … %9 and %% replaced in turn. */
static void add_text(lua_State *lua, struct substitution *to, size_t start, size_t end) {
    struct slice text = check_text(lua, 3);
    sandbox_charge(lua, text.length / BYTES_A_STEP);
    for (size_t i = 0; i < text.length; i++) {
        const char *escape = memchr(text.data + i, '%', text.length - i);
        size_t plain = escape ? (size_t)(escape - text.data) : text.length;
        luaL_addlstring(&to->out, text.data + i, plain - i);
        if (escape == NULL) return;
        i = plain + 1;
        char kind = i < text.length ? text.data[i] : '\0';
        if (kind == '%') {
            luaL_addchar(&to->out, '%');
        } else if (kind == '0') {
            luaL_addlstring(&to->out, to->pattern.subject.data + start, end - start);
        } else if (isdigit((unsigned char)kind)) {
            push_capture(lua, &to->pattern, kind - '1', start, end);
            luaL_addvalue(&to->out);
        } else {
            luaL_error(lua, "invalid use of '%%' in replacement string");
        }
    }
}

/* What the table or the function at index 3 says; nil and false keep the match. */
static void add_answer(lua_State *lua, struct substitution *to, size_t start, size_t end) {
    if (lua_istable(lua, 3)) {
        push_capture(lua, &to->pattern, 0, start, end);
        lua_gettable(lua, 3);
    } else {
        lua_pushvalue(lua, 3);
        lua_call(lua, push_captures(lua, &to->pattern, true, start, end), 1);
    }
    if (!lua_toboolean(lua, -1)) {
        lua_pop(lua, 1);
        luaL_addlstring(&to->out, to->pattern.subject.data + start, end - start);
    } else if (lua_isstring(lua, -1)) {
        luaL_addvalue(&to->out);
        to->changed = true;
    } else {
        luaL_error(lua, "invalid replacement value (a %s)", luaL_typename(lua, -1));
    }
}

static void add_replacement(lua_State *lua, struct substitution *to, size_t start, size_t end) {
    settle(lua, &to->pattern);
    if (lua_istable(lua, 3) || lua_isfunction(lua, 3)) {
        add_answer(lua, to, start, end);
    } else {
        add_text(lua, to, start, end);
        to->changed = true;
    }
    if (luaL_bufflen(&to->out) > MAX_TEXT_BYTES)
        luaL_error(lua, "resulting text is longer than 1 MiB");
}

static int string_gsub(lua_State *lua) {
    struct slice subject = check_text(lua, 1), text = check_text(lua, 2);
    int type = lua_type(lua, 3);
    luaL_argexpected(lua,
                     type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION ||
                         type == LUA_TTABLE,
                     3, "string/function/table");
    lua_Integer most = luaL_optinteger(lua, 4, (lua_Integer)subject.length + 1), count = 0;
    bool anchored = strip_anchor(&text);
    struct substitution to = { .changed = false };
    size_t kept = 0, at = 0, end = 0, last = SIZE_MAX;
    if (type == LUA_TNUMBER) check_text(lua, 3); /* becomes a text before the buffer is there */
    begin(lua, &to.pattern, subject, text);
    luaL_buffinit(lua, &to.out);
    while (count < most) {
        bool found = anchored ? pattern_match(&to.pattern, at, &end)
                              : find_next(&to.pattern, &at, &end, last);
        if (!found) break;
        count++;
        luaL_addlstring(&to.out, subject.data + kept, at - kept);
        add_replacement(lua, &to, at, end);
        kept = at = last = end;
        if (anchored) break;
    }
    settle(lua, &to.pattern);
    if (to.changed) {
        luaL_addlstring(&to.out, subject.data + kept, subject.length - kept);
        luaL_pushresult(&to.out);
    } else
        lua_pushvalue(lua, 1);
    lua_pushinteger(lua, count);
    return 2;
}

const luaL_Reg library_string_functions[] = {
    { "find", string_find }, { "match", string_match }, { "gmatch", string_gmatch },
    { "gsub", string_gsub }, { "rep", string_rep },     { NULL, NULL },
};
