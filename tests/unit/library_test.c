/* The library for scripts: Lua's own results where both have a function, nothing else beside. */
#include "script/library.h"
#include "script/sandbox.h"
#include <lauxlib.h>
#include <lualib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
/* cmocka needs the four above it */
#include <cmocka.h>

static struct sandbox *ours;
static lua_State *theirs;

static int make_states(void **state) {
    (void)state;
    ours = sandbox_create(&script_limits);
    theirs = luaL_newstate();
    luaL_openlibs(theirs);
    return 0;
}

static int close_states(void **state) {
    (void)state;
    sandbox_destroy(ours);
    lua_close(theirs);
    return 0;
}

static bool load(void *context, struct error *err) {
    lua_State *lua = sandbox_lua(ours);
    const char *text = context;
    if (luaL_loadbuffer(lua, text, strlen(text), "@x") != LUA_OK)
        return error_set(err, ERROR_CONFIG, "%s", lua_tostring(lua, -1));
    library_push(lua);
    lua_setupvalue(lua, -2, 1);
    lua_setglobal(lua, "chunk");
    return true;
}

/* What the chunk returns is on our stack. */
static bool run_ours(const char *text, struct error *err) {
    if (!sandbox_run(ours, load, (void *)text, err)) return false;
    lua_getglobal(sandbox_lua(ours), "chunk");
    return sandbox_call(ours, 0, LUA_MULTRET, err);
}

/* All that is on the stack, as one text; the stack is empty then. */
static void describe(lua_State *lua, char *to, size_t size) {
    size_t at = 0;
    *to = '\0';
    for (int i = 1, top = lua_gettop(lua); i <= top && at < size; i++) {
        const char *text = luaL_tolstring(lua, i, NULL);
        bool address = lua_type(lua, i) > LUA_TSTRING; /* tables and such: only what they are */
        at += (size_t)snprintf(to + at, size - at, "%s ", address ? luaL_typename(lua, i) : text);
        lua_pop(lua, 1);
    }
    lua_settop(lua, 0);
}

/* Both run the text and return, or fail with, the same. */
static void compare(const char *text) {
    char wanted[2000], found[2000];
    struct error err;
    lua_settop(theirs, 0);
    assert_int_equal(luaL_loadbuffer(theirs, text, strlen(text), "@x"), LUA_OK);
    bool good = lua_pcall(theirs, 0, LUA_MULTRET, 0) == LUA_OK;
    if (run_ours(text, &err))
        describe(sandbox_lua(ours), found, sizeof found);
    else
        snprintf(found, sizeof found, "%s ", err.text);
    describe(theirs, wanted, sizeof wanted);
    if (!good && strncmp(wanted, "x:1: ", 5) == 0) memmove(wanted, wanted + 5, strlen(wanted) - 4);
    if (strcmp(wanted, found) != 0)
        fail_msg("%s\nLua  %s%s\nours %s", text, good ? "" : "fails: ", wanted, found);
}

static void compare_all(const char *const *texts, size_t count) {
    for (size_t i = 0; i < count; i++)
        compare(texts[i]);
}

/* ---- as in Lua ------------------------------------------------------------------------------ */

static void lists_are_handled_as_in_lua(void **state) {
    (void)state;
    static const char *const texts[] = {
        "local t = {1,2,3} table.insert(t, 4) table.insert(t, 1, 0) return table.unpack(t)",
        "local t = {} table.insert(t, 1, 'a') table.insert(t, 2, 'b') return t[1], t[2], #t",
        "table.insert({1,2,3}, 5, 'x')",
        "table.insert({1,2,3}, 0, 'x')",
        "table.insert({1,2,3})",
        "table.insert({1,2,3}, 1, 2, 3)",
        "table.insert(nil, 1)",
        "local t = {1,2,3} return table.remove(t), table.remove(t, 1), #t, t[1]",
        "return table.remove({}), table.remove({}, 0), #{}",
        "local t = {1,2,3} return table.remove(t, 4), #t",
        "return pcall(table.remove, {1,2,3}, 5) == false",
        "return pcall(table.remove, {1,2,3}, -1) == false",
        "return table.concat({1,2,3}, ', ')",
        "return table.concat({}, 'x'), table.concat({'a'}, 'x'), table.concat({1,2,3}, '', 2, 3)",
        "return table.concat({1,2,3}, '-', 3, 2)",
        "table.concat({1,{},3})",
        "return table.concat({[math.maxinteger] = 'z'}, 'x', math.maxinteger, math.maxinteger)",
        "return table.unpack({1,2,nil,4}, 1, 4)",
        "return table.unpack({1,2,3}, 2), table.unpack({1,2,3}, 2, 3)",
        "table.unpack({}, 1, 1e8)",
        "return select('#', table.unpack({}, 1, 0)), table.pack(1, nil).n",
        "return table.unpack(table.move({1,2,3}, 1, 3, 2))",
        "return table.unpack(table.move({1,2,3}, 2, 3, 1))",
        "return table.unpack(table.move({1,2,3}, 1, 3, 3, {9,8}))",
        "return #table.move({1,2,3}, 1, 0, 5)",
        "table.move({}, 1, math.maxinteger, 2)",
        "table.move({}, -1, math.maxinteger, 2)",
        "table.move({}, 1, 2, 3, 4)",
        "local t = {3,1,2,5,4} table.sort(t) return table.unpack(t)",
        ("local t = {3,1,2,5,4} table.sort(t, function(a, b) return a > b end) return "
         "table.unpack(t)"),
        "local t = {'b','a','c'} table.sort(t) return table.concat(t)",
        "table.sort({1,'a'})",
        "table.sort({1,2}, 3)",
        ("local t = {} for i = 1, 1000 do t[i] = i * 7919 % 1009 end table.sort(t) "
         "for i = 2, 1000 do if t[i] < t[i - 1] then return i end end return 'sorted'"),
        ("local log = {} local t = setmetatable({}, {__index = function(_, k) return k <= 3 and k "
         "or "
         "nil end, __len = function() return 3 end}) return table.concat(t, ','), table.unpack(t)"),
        ("local log = {} local t = setmetatable({}, {__newindex = function(t, k, v) rawset(t, k, v "
         "* 2) end}) table.insert(t, 5) return t[1]"),
    };
    compare_all(texts, LENGTH(texts));
}

static void errors_are_caught_as_in_lua(void **state) {
    (void)state;
    static const char *const texts[] = {
        "return pcall(error, 'x')",
        "return pcall(error)",
        "return pcall(function(...) return ... end, 1, nil, 3)",
        "return pcall()",
        "return pcall(nil)",
        "return pcall(pcall, error, 'x')",
        "return select('#', pcall(error, nil))",
        "return xpcall(error, function(m) return 'handled ' .. m end, 'x')",
        "return xpcall(function(...) return ... end, print or type, 1, 2, 3)",
        "return xpcall(error, type, {})",
        "return xpcall(error, function() return 1, 2, 3 end) == false",
        "xpcall(error)",
        "return pcall(function() local t = nil; return t.x end)",
        "return pcall(function() return 1 + {} end)",
        "error('plain', 0)",
        "error('here')",
        "error('there', 2)",
        "local ok, e = pcall(error, {code = 7}) return ok, e.code",
        "local function f() error('deep') end local function g() f() end g()",
        "return assert(1, 2), pcall(assert, false), pcall(assert, nil, 'said')",
        ("local log = {} do local a <close> = setmetatable({}, {__close = function() log[1] = 'a' "
         "end}) end return log[1]"),
        ("local log = {} pcall(function() local a <close> = setmetatable({}, {__close = "
         "function(_, "
         "e) log[1] = e end}) error('e', 0) end) return log[1]"),
        "setmetatable(1, {})",
        "setmetatable({}, 1)",
        "return pcall(setmetatable, setmetatable({}, {__metatable = 1}), {})",
        "return getmetatable(setmetatable({}, {__metatable = 'x'})), getmetatable({})",
        "return rawequal('a', 'a'), rawlen({1,2}), rawget({5}, 1), rawset({}, 1, 2)[1]",
        "return tostring(nil), tostring(1.5), tonumber('0x10'), tonumber('z', 36), tonumber('')",
        "return select(2, 'a', 'b', 'c'), select(-1, 'a', 'b'), select('#')",
        "return '10' + 5, 10 .. '', -'2'",
    };
    compare_all(texts, LENGTH(texts));
}

static void coroutines_run_as_in_lua(void **state) {
    (void)state;
    static const char *const texts[] = {
        ("local co = coroutine.create(function(a, b) local c = coroutine.yield(a + b) return c, 9 "
         "end) "
         "local r = {coroutine.resume(co, 1, 2)} local s = {coroutine.resume(co, 'c')} "
         "return r[1], r[2], s[1], s[2], s[3], coroutine.status(co), coroutine.resume(co)"),
        ("local f = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) "
         "return f(), f(), f(), f(), pcall(f)"),
        "return coroutine.wrap(function() error('x') end)()",
        "return pcall(coroutine.wrap(function() error({}) end))",
        "return coroutine.resume(coroutine.create(function() error('x') end))",
        ("return coroutine.isyieldable(), coroutine.wrap(function() return "
         "coroutine.isyieldable() end)()"),
        ("return select(2, coroutine.running()), coroutine.wrap(function() return select(2, "
         "coroutine.running()) end)()"),
        ("local co co = coroutine.create(function() return coroutine.status(co), "
         "coroutine.resume(co) end) return coroutine.resume(co)"),
        ("local co co = coroutine.create(function() return coroutine.wrap(function() return "
         "coroutine.status(co), pcall(coroutine.close, co) end)() end) return "
         "coroutine.resume(co)"),
        ("local co = coroutine.wrap(function() local ok, v = pcall(function() local x = "
         "coroutine.yield(1) error(x, 0) end) coroutine.yield(v) return ok end) return co(), "
         "co('thrown'), co()"),
        ("local co = coroutine.wrap(function() return xpcall(function() coroutine.yield(1) "
         "error('e', 0) end, function(m) return 'h' .. m end) end) return co(), co()"),
        ("local log = {} local co = coroutine.create(function() local a <close> = setmetatable({}, "
         "{__close = function() log[1] = 'closed' end}) coroutine.yield() end) "
         "coroutine.resume(co) return coroutine.close(co), log[1], coroutine.status(co)"),
        ("local co = coroutine.create(function() local a <close> = setmetatable({}, {__close = "
         "function() error('c', 0) end}) coroutine.yield() end) coroutine.resume(co) return "
         "coroutine.close(co)"),
        "local co = coroutine.create(error) coroutine.resume(co, 'why') return coroutine.close(co)",
        "return coroutine.close(coroutine.create(type))",
        "coroutine.close(coroutine.running())",
        "coroutine.yield(1)",
        "coroutine.resume(1)",
        "coroutine.create(1)",
        "local co co = coroutine.wrap(function() co() end) co()",
        ("local f = coroutine.wrap(function() return pcall(pcall, function() coroutine.yield('in') "
         "error('out', 0) end) end) return f(), f()"),
        ("local co = coroutine.create(function() end) coroutine.resume(co) return "
         "coroutine.resume(co), coroutine.status(co)"),
        ("local co = coroutine.create(error) coroutine.resume(co, 1) return coroutine.status(co), "
         "coroutine.resume(co, 2)"),
        ("local t = {} for k in coroutine.wrap(function() for i = 1, 5 do coroutine.yield(i) end "
         "end) do t[#t + 1] = k end return table.unpack(t)"),
    };
    compare_all(texts, LENGTH(texts));
}

static void texts_are_handled_as_in_lua(void **state) {
    (void)state;
    static const char *const texts[] = {
        "return ('x'):rep(3), ('ab'):rep(3, '-'), ('x'):rep(0), ('x'):rep(-1), (''):rep(5)",
        "return (''):rep(3, ','), ('x'):rep(1, 'yy')",
        "return ('héllo'):upper(), ('ABC'):lower(), ('abc'):reverse(), ('abc'):len(), #'abc'",
        "return ('abc'):byte(1, -1)",
        "return string.char(104, 105), ('abc'):sub(2), ('abc'):sub(-2, -1)",
        "return ('%d %s %q %5.2f %x %c %g'):format(1, 'a', 'b\\n', 1.5, 255, 65, 0.1)",
        "return ('x'):format(), ('%5s|%-5s|'):format('a', 'b')",
        ("return ('a,b'):find(',', 1, true), ('a,b'):find('', 10), ('a'):find('', 2), "
         "('a'):find('')"),
        "return ('abc'):find('b', -10), ('abc'):find('b', 3), ('abc'):find('bc', 2, true)",
        "return ('k=v'):match('(%w+)=(%w+)'), ('abc'):match('()b()')",
        "return ('abc'):gsub('', '-')",
        "return ('abc'):gsub('%w', '%0%0', 2)",
        ("return ('hello'):gsub('l', {l = 'L'}), ('hello'):gsub('(l)(.)', function(a, b) return b "
         ".. a end)"),
        "return ('abc'):gsub('b', 7), ('abc'):gsub('b', false)",
        "return ('abc'):gsub('b', function() return {} end)",
        "return ('abc'):gsub()",
        "return ('abc'):gsub('b', 'x', 0), ('abc'):gsub('b', 'x', -1)",
        ("local t = {} for a, b in ('a1b2'):gmatch('(%a)(%d)') do t[#t + 1] = a .. b end return "
         "table.concat(t, ' ')"),
        "local t = {} for a in ('abc'):gmatch('', 2) do t[#t + 1] = '.' end return #t",
        "local t = {} for a in ('^a^a'):gmatch('^a') do t[#t + 1] = a end return #t, t[1]",
        "return utf8.char(233, 128512), utf8.len('é'), utf8.codepoint('é'), utf8.offset('éa', 2)",
        ("local t = {} for p, c in utf8.codes('aé') do t[#t + 1] = p .. ':' .. c end return "
         "table.concat(t, ' ')"),
        "return math.floor(2.5), math.type(1), math.max(1, 2.5), math.huge, math.tointeger(3.0)",
        "return 7 // 2, 7 % -3, 2 ^ 10, 7 / 2, math.fmod(-7, 3), math.ult(1, -1)",
    };
    compare_all(texts, LENGTH(texts));
}

/* ---- not as in Lua -------------------------------------------------------------------------- */

static void only_what_is_listed_is_there(void **state) {
    (void)state;
    struct error err;
    static const char text[] = "local names = {}\n"
                               "for name in pairs(_ENV) do names[#names + 1] = name end\n"
                               "table.sort(names)\n"
                               "return table.concat(names, ' ')\n";
    assert_true(run_ours(text, &err));
    assert_string_equal(lua_tostring(sandbox_lua(ours), -1),
                        "assert coroutine error getmetatable ipairs math next pairs pcall rawequal "
                        "rawget rawlen rawset select setmetatable string table tonumber tostring "
                        "type utf8 xpcall");
    lua_settop(sandbox_lua(ours), 0);
}

static void fails_with(const char *text, const char *wanted) {
    struct error err;
    if (run_ours(text, &err)) fail_msg("no error: %s", text);
    if (strcmp(err.text, wanted) != 0) fail_msg("%s\n%s", text, err.text);
    assert_string_equal(err.text, wanted);
    assert_string_equal(err.file, "x");
    assert_int_equal(err.line, 1);
    assert_int_equal(err.kind, ERROR_FAILED);
}

static void what_is_missing_or_shared_is_said(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        { "math.random()", "there is no math.random: results must not depend on chance" },
        { "math.randomseed(1)", "there is no math.randomseed: results must not depend on chance" },
        { "return string.dump", "there is no string.dump" },
        { "return ('x'):uper()", "there is no string.uper" },
        { "string.x = 1", "string cannot be changed: all scripts share it" },
        { "string.rep = 1", "string cannot be changed: all scripts share it" },
        { "rawset(math, 'pi', 3)", "this table cannot be changed" },
        { "table.insert(utf8, 1)", "utf8 cannot be changed: all scripts share it" },
        { "setmetatable(table, nil)", "cannot change a protected metatable" },
        { "setmetatable({}, { __gc = 1 })", "__gc is not offered" },
        { "setmetatable({}, { __mode = 'k' })",
          "weak keys are not offered, weak values are: __mode = \"v\"" },
        { "return ('x'):rep(1 << 30)", "resulting text is longer than 1 MiB" },
        { "return ('x'):rep(1 << 18):gsub('x', 'xxxxxxxxx')",
          "resulting text is longer than 1 MiB" },
    };
    for (size_t i = 0; i < LENGTH(cases); i++)
        fails_with(cases[i][0], cases[i][1]);
}

static void sorting_is_stable(void **state) {
    (void)state;
    struct error err;
    static const char text[] =
        "local list = {}\n"
        "for i = 1, 500 do list[i] = { i % 7, i } end\n"
        "table.sort(list, function(a, b) return a[1] < b[1] end)\n"
        "for i = 2, 500 do\n"
        "  local a, b = list[i - 1], list[i]\n"
        "  if a[1] > b[1] or a[1] == b[1] and a[2] > b[2] then return i end\n"
        "end\n"
        "return 0\n";
    assert_true(run_ours(text, &err));
    assert_int_equal(lua_tointeger(sandbox_lua(ours), -1), 0);
    lua_settop(sandbox_lua(ours), 0);
}

static void scripts_have_globals_of_their_own(void **state) {
    (void)state;
    struct error err;
    assert_true(run_ours("mine = 1; tostring = nil; return mine", &err));
    assert_true(run_ours("return mine == nil and tostring ~= nil", &err));
    assert_true(lua_toboolean(sandbox_lua(ours), -1));
    lua_settop(sandbox_lua(ours), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_handled_as_in_lua),
        cmocka_unit_test(errors_are_caught_as_in_lua),
        cmocka_unit_test(coroutines_run_as_in_lua),
        cmocka_unit_test(texts_are_handled_as_in_lua),
        cmocka_unit_test(only_what_is_listed_is_there),
        cmocka_unit_test(what_is_missing_or_shared_is_said),
        cmocka_unit_test(sorting_is_stable),
        cmocka_unit_test(scripts_have_globals_of_their_own),
    };
    return cmocka_run_group_tests(tests, make_states, close_states);
}
