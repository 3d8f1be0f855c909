/* Lua patterns: the same results as the library that comes with Lua, over random patterns. */
#include "script/library.h"
#include "script/pattern.h"
#include "script/sandbox.h"
#include <lauxlib.h>
#include <lualib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
/* cmocka needs the four above it */
#include <cmocka.h>

#define ROUNDS 30000

/* Called with subject, pattern and replacement: everything that patterns can say, as one text. */
static const char everything[] =
    "local s, p, r = ...\n"
    "local out = {}\n"
    "local function add(...)\n"
    "  for i = 1, select('#', ...) do out[#out + 1] = tostring((select(i, ...))) end\n"
    "  out[#out + 1] = ';'\n"
    "end\n"
    "add(pcall(string.find, s, p))\n"
    "add(pcall(string.find, s, p, 3))\n"
    "add(pcall(string.find, s, p, -2, true))\n"
    "add(pcall(string.match, s, p))\n"
    "add(pcall(string.match, s, p, -3))\n"
    "add(pcall(function() for a, b, c in s:gmatch(p) do add(a, b, c) end end))\n"
    "add(pcall(string.gsub, s, p, r))\n"
    "add(pcall(string.gsub, s, p, '<%0>', 2))\n"
    "add(pcall(string.gsub, s, p, { a = 'x', b = false, ab = 7 }))\n"
    "add(pcall(string.gsub, s, p, function(a, b) return b or a ~= 'a' and a end))\n"
    "return table.concat(out, ',')\n";

static unsigned seed = 1;

static unsigned random_below(unsigned limit) {
    seed = seed * 1103515245 + 12345;
    return (seed >> 16) % limit;
}

static size_t random_text(char *to, size_t most, const char *const *pieces, unsigned count) {
    size_t length = 0;
    for (size_t left = random_below((unsigned)most); left > 0; left--) {
        const char *piece = pieces[random_below(count)];
        memcpy(to + length, piece, strlen(piece));
        length += strlen(piece);
    }
    return length;
}

/* ---- two states ----------------------------------------------------------------------------- */

static struct sandbox *ours;
static lua_State *theirs;

static bool load_ours(void *context, struct error *err) {
    (void)context, (void)err;
    lua_State *lua = sandbox_lua(ours);
    if (luaL_loadbuffer(lua, everything, sizeof everything - 1, "=x") != LUA_OK) return false;
    library_push(lua);
    lua_setupvalue(lua, -2, 1);
    lua_setglobal(lua, "everything");
    return true;
}

static int make_states(void **state) {
    (void)state;
    struct error err;
    ours = sandbox_create(&script_limits);
    theirs = luaL_newstate();
    luaL_openlibs(theirs);
    if (luaL_loadbuffer(theirs, everything, sizeof everything - 1, "=x") != LUA_OK) return 1;
    lua_setglobal(theirs, "everything");
    return !sandbox_run(ours, load_ours, NULL, &err);
}

static int close_states(void **state) {
    (void)state;
    sandbox_destroy(ours);
    lua_close(theirs);
    return 0;
}

static void push_call(lua_State *lua, const struct slice arguments[3]) {
    lua_getglobal(lua, "everything");
    for (int i = 0; i < 3; i++)
        lua_pushlstring(lua, arguments[i].data, arguments[i].length);
}

static void compare(const struct slice arguments[3]) {
    struct error err;
    lua_State *lua = sandbox_lua(ours);
    push_call(theirs, arguments);
    push_call(lua, arguments);
    assert_int_equal(lua_pcall(theirs, 3, 1, 0), LUA_OK);
    if (!sandbox_call(ours, 3, 1, &err)) fail_msg("%s", err.text);
    if (!lua_rawequal(lua, -1, -1) || strcmp(lua_tostring(theirs, -1), lua_tostring(lua, -1)) != 0)
        fail_msg("subject %.*s\npattern %.*s\nreplacement %.*s\nLua  %s\nours %s",
                 SLICE_ARGS(arguments[0]), SLICE_ARGS(arguments[1]), SLICE_ARGS(arguments[2]),
                 lua_tostring(theirs, -1), lua_tostring(lua, -1));
    lua_settop(theirs, 0);
    lua_settop(lua, 0);
}

/* ---- tests ---------------------------------------------------------------------------------- */

static void random_patterns_match_as_in_lua(void **state) {
    (void)state;
    static const char *const subjects[] = {
        "a", "b", "ab", " ", "(", ")", "1", "A", "-", "]", "%"
    };
    static const char *const patterns[] = {
        "a",    "b",    ".",   "%a", "%w",    "%s",   "[ab]", "[^a]", "[%a-]", "[a-c1-9]", "*",
        "+",    "-",    "?",   "(",  ")",     "(a*)", "(.-)", "()",   "%1",    "%b()",     "%f[%a]",
        "$",    "^",    "[]]", "%",  "[",     "%b",   "%f",   "%2",   "[^%s]", "%A",       "(b)",
        "[a-]", "[%]]", "%%",  "%-", "(%w+)", "[^",   "]",    "^a",   "a$",    "[%w_]+",   "%0",
    };
    static const char *const replacements[] = { "x", "%0", "%1", "%%", "", "%2", "[", "%", "%x" };
    char text[3][128];
    for (int round = 0; round < ROUNDS; round++) {
        struct slice arguments[3] = {
            slice_from(text[0], random_text(text[0], 12, subjects, LENGTH(subjects))),
            slice_from(text[1], random_text(text[1], 6, patterns, LENGTH(patterns))),
            slice_from(text[2], random_text(text[2], 4, replacements, LENGTH(replacements))),
        };
        compare(arguments);
    }
}

static void any_bytes_match_as_in_lua(void **state) {
    (void)state;
    static const char alphabet[] = "ab%[]^-$().*+?1bf\0\xff\x80";
    char text[3][32];
    for (int round = 0; round < ROUNDS; round++) {
        struct slice arguments[3];
        for (int i = 0; i < 3; i++) {
            size_t length = random_below(i == 0 ? 20 : 9);
            for (size_t at = 0; at < length; at++)
                text[i][at] = alphabet[random_below(sizeof alphabet - 1)];
            arguments[i] = slice_from(text[i], length);
        }
        compare(arguments);
    }
}

static void known_patterns_match_as_in_lua(void **state) {
    (void)state;
    static const char *const cases[][3] = {
        { "key = value # note", "^(%w+)%s*=%s*(%w+)", "%2=%1" },
        { "THE (quick) fox", "%f[%a]%a+", "%0%0" },
        { "f(a(b)c)d", "%b()", "" },
        { "2026-11-23", "(%d+)-(%d+)-(%d+)", "%3/%2/%1" },
        { "abc", "()", "%1" },
        { "hello hello", "(%w+) %1", "%1" },
        { "", "", "x" },
        { "", "^$", "x" },
        { "a,b,,c", "([^,]*)", "<%1>" },
        { "x", "((((((((((((((((((((((((((((((((x))))))))))))))))))))))))))))))))", "%9" },
        { "x", "(((((((((((((((((((((((((((((((((x)))))))))))))))))))))))))))))))))", "" },
        { "x", "(()", "" },
        { "a.b", ".", "%%" },
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct slice arguments[3];
        for (int j = 0; j < 3; j++)
            arguments[j] = slice_of(cases[i][j]);
        compare(arguments);
    }
}

static void deep_patterns_are_too_complex_as_in_lua(void **state) {
    (void)state;
    char pattern[1000], subject[400];
    memset(subject, 'a', sizeof subject);
    for (size_t repeats = 180; repeats < 220; repeats++) {
        for (size_t i = 0; i < repeats; i++)
            memcpy(pattern + 2 * i, "a?", 2);
        struct slice arguments[3] = { slice_from(subject, sizeof subject),
                                      slice_from(pattern, 2 * repeats), SLICE("x") };
        compare(arguments);
    }
}

static void a_match_gives_up_after_its_steps(void **state) {
    (void)state;
    struct pattern pattern;
    char subject[5000];
    size_t start = 0, end;
    memset(subject, 'a', sizeof subject);
    pattern_init(&pattern, slice_from(subject, sizeof subject), SLICE("a*a*a*a*a*b"));
    pattern.max_steps = 100000;
    assert_false(pattern_find(&pattern, &start, &end));
    assert_true(pattern.steps > 100000 && pattern.steps < 101000);
    assert_string_equal(pattern.fault, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_patterns_match_as_in_lua),
        cmocka_unit_test(any_bytes_match_as_in_lua),
        cmocka_unit_test(known_patterns_match_as_in_lua),
        cmocka_unit_test(deep_patterns_are_too_complex_as_in_lua),
        cmocka_unit_test(a_match_gives_up_after_its_steps),
    };
    return cmocka_run_group_tests(tests, make_states, close_states);
}
