/* The sandbox: what a script may not take, and that the state survives it. */
#include "base/clock.h"
#include "script/environment.h"
#include "script/library.h"
#include "script/loader.h"
#include "script/tokens.h"
#include <lauxlib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka needs the four above it */
#include "own_folder.h"
#include <cmocka.h>

static struct loader *loader;
static int make_loader(void **state) {
    (void)state;
    static const struct loader_setup setup = { .folder = NULL, .share = NULL };
    loader = loader_create(&setup);
    return loader ? own_folder_make() : -1;
}

static int remove_loader(void **state) {
    (void)state;
    loader_destroy(loader);
    return own_folder_remove();
}

static bool run_file(void *context, struct error *err) {
    (void)context;
    return loader_push_file(loader, below("script.lua"), err);
}

static bool run_bytes(const char *text, size_t length, struct error *err) {
    write_bytes("script.lua", text, length);
    error_clear(err);
    return loader_run(loader, run_file, NULL, err);
}

static bool run(const char *text, struct error *err) { return run_bytes(text, strlen(text), err); }

/* Of this thread's own: others may have the processor meanwhile. */
static uint64_t milliseconds_since(uint64_t start_ns) {
    return (clock_thread_ns() - start_ns) / 1000000;
}

static void an_endless_loop_ends_and_names_its_line(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int line;
    } loops[] = {
        { "local a = 1\nwhile true do end\nreturn {}\n", 2 },
        { "local function again() return again() end\n\nagain()\n", 1 },
        { "for i = 1, 1e300 do local x = i end", 1 },
        { "::top::\ngoto top\n", 2 },
        { "local s = ''\nfor i = 1, 1e9 do s = s .. 'xxxxxxxxxxxxxxxx' end", 2 },
    };
    for (size_t i = 0; i < LENGTH(loops); i++) {
        struct error err;
        uint64_t start = clock_thread_ns();
        make_loader(NULL);
        assert_false(run(loops[i].text, &err));
        assert_true(milliseconds_since(start) < 10000);
        assert_string_equal(err.file, below("script.lua"));
        assert_int_equal(err.line, loops[i].line);
        assert_true(err.column > 0);
        remove_loader(NULL);
    }
}

static void memory_has_a_ceiling_and_the_state_survives_it(void **state) {
    (void)state;
    struct error err;
    assert_false(run("local s = 'x'\nfor i = 1, 60 do\n  s = s .. s\nend\n", &err));
    assert_string_equal(err.text, "this needs more than its 256 MiB of memory");
    assert_int_equal(err.line, 3);
    remove_loader(NULL);
    make_loader(NULL);
    assert_false(run("local t = {}\nlocal i = 0\nwhile true do i = i + 1; t[i] = {} end\n", &err));
    assert_int_equal(err.line, 3);
    assert_true(sandbox_memory(loader->sandbox) <= configuration_limits.memory_bytes);
}

static bool do_nothing(void *context, struct error *err) {
    (void)context, (void)err;
    return true;
}

static bool fail_plainly(void *context, struct error *err) {
    return error_set(err, ERROR_FAILED, "%s", (const char *)context);
}

static void a_run_after_a_failed_one_has_its_whole_budget(void **state) {
    (void)state;
    struct error err;
    assert_false(run("while true do end", &err));
    assert_true(loader_run(loader, do_nothing, NULL, &err));
    assert_false(loader_run(loader, fail_plainly, "just so", &err));
    assert_string_equal(err.text, "just so");
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_int_equal(err.line, 0);
}

static void a_recursion_without_end_is_an_error_with_a_place(void **state) {
    (void)state;
    struct error err;
    assert_false(run("local function down(n)\n  return 1 + down(n)\nend\ndown(1)\n", &err));
    assert_int_equal(err.line, 2);
    assert_non_null(strstr(err.text, "stack overflow"));
}

static void a_state_too_small_for_lua_is_not_made(void **state) {
    (void)state;
    const struct sandbox_limits limits = { .memory_bytes = 1000 };
    assert_null(sandbox_create(&limits));
}

/* ---- calls ---------------------------------------------------------------------------------- */

static struct sandbox *worker;

static int make_worker(void **state) {
    (void)state;
    worker = sandbox_create(&script_limits);
    return worker == NULL;
}

static int destroy_worker(void **state) {
    (void)state;
    sandbox_destroy(worker);
    return 0;
}

static bool load_chunk(void *context, struct error *err) {
    lua_State *lua = sandbox_lua(worker);
    const char *text = context;
    if (luaL_loadbuffer(lua, text, strlen(text), "@a.lua") != LUA_OK)
        return error_set(err, ERROR_CONFIG, "%s", lua_tostring(lua, -1));
    library_push(lua);
    lua_setupvalue(lua, -2, 1);
    lua_call(lua, 0, 1);
    lua_setglobal(lua, "f");
    return true;
}

/* `text` returns the function that the tests call. */
static void load(const char *text) {
    struct error err;
    if (!sandbox_run(worker, load_chunk, (void *)text, &err)) fail_msg("%s", err.text);
}

static bool call(int results, struct error *err) {
    lua_getglobal(sandbox_lua(worker), "f");
    lua_pushinteger(sandbox_lua(worker), 7);
    return sandbox_call(worker, 1, results, err);
}

static void results_take_the_place_of_function_and_arguments(void **state) {
    (void)state;
    struct error err;
    lua_State *lua = sandbox_lua(worker);
    load("return function(n) return n, n + 1, 'x' end");
    lua_pushliteral(lua, "below");
    assert_true(call(LUA_MULTRET, &err));
    assert_int_equal(lua_gettop(lua), 4);
    assert_int_equal(lua_tointeger(lua, 3), 8);
    lua_settop(lua, 1);
    assert_true(call(1, &err));
    assert_int_equal(lua_gettop(lua), 2);
    load("return error");
    lua_settop(lua, 1);
    assert_false(call(1, &err));
    assert_int_equal(lua_gettop(lua), 1);
    assert_string_equal(lua_tostring(lua, 1), "below");
    lua_settop(lua, 0);
}

static void a_failed_call_says_where_and_by_which_way(void **state) {
    (void)state;
    struct error err;
    load("local function inner(n)\n  return n .. nil\nend\n"
         "return function(n)\n  local x = inner(n)\n  return x\nend\n");
    assert_false(call(1, &err));
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_string_equal(err.file, "a.lua");
    assert_int_equal(err.line, 2);
    assert_string_equal(err.text, "attempt to concatenate a nil value");
    assert_non_null(strstr(sandbox_traceback(worker), "  a.lua:2: in inner\n  a.lua:5: in "));
}

static void a_call_after_a_failed_one_has_its_whole_budget(void **state) {
    (void)state;
    struct error err;
    load("local busy = false\n"
         "return function()\n  busy = not busy\n"
         "  while busy do end\n"
         "  local sum = 0\n  for i = 1, 200000 do sum = sum + i end\n  return sum\nend\n");
    for (int i = 0; i < 20; i++) {
        assert_false(call(1, &err));
        assert_non_null(strstr(err.text, "this runs too long: a script has "));
        assert_int_equal(err.line, 4);
        assert_non_null(strstr(sandbox_traceback(worker), "a.lua:4"));
        assert_true(call(1, &err));
        lua_settop(sandbox_lua(worker), 0);
    }
}

static void small_calls_never_add_up(void **state) {
    (void)state;
    struct error err;
    load("return function() for i = 1, 1000 do local x = i end end");
    for (int i = 0; i < 5000; i++)
        assert_true(call(0, &err));
}

static void memory_that_failed_is_given_back(void **state) {
    (void)state;
    struct error err;
    load("return function() local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end end");
    size_t before = sandbox_memory(worker);
    assert_false(call(0, &err));
    assert_true(sandbox_memory(worker) < before + 100000);
}

static void arguments_can_be_pushed_when_memory_is_full(void **state) {
    (void)state;
    struct error err;
    lua_State *lua = sandbox_lua(worker);
    load("local held = {}\n"
         "return function()\n"
         "  for i = 1, 10 do held[#held + 1] = ('x'):rep(100000) .. #held end\nend\n");
    while (call(0, &err)) {
    }
    assert_string_equal(err.text, "this needs more than its 16 MiB of memory");
    assert_true(lua_checkstack(lua, 200));
    for (int i = 0; i < 200; i++)
        lua_newuserdatauv(lua, 10000, 0);
    lua_settop(lua, 0);
    load("return function(n) return n end");
    assert_true(call(1, &err));
    assert_int_equal(lua_tointeger(lua, -1), 7);
    lua_settop(lua, 0);
}

static bool call_inside(void *context, struct error *err) {
    (void)context;
    return call(1, err);
}

static void a_call_inside_a_run_shares_its_budget(void **state) {
    (void)state;
    struct error err;
    load("return function(n) for i = 1, 5000000 do n = n + 1 end return n end");
    assert_true(sandbox_run(worker, call_inside, NULL, &err));
    assert_false(call(1, &err));
}

static int raise_ours(lua_State *lua) {
    struct error err;
    error_set(&err, ERROR_CONFIG, "ours");
    sandbox_place(lua, &err);
    sandbox_raise(lua, &err);
}

static void our_own_errors_are_texts_for_who_catches_them(void **state) {
    (void)state;
    struct error err;
    lua_State *lua = sandbox_lua(worker);
    load("return function(n)\n  local ok, said = pcall(n)\n  return said\nend\n");
    lua_getglobal(lua, "f");
    lua_pushcfunction(lua, raise_ours);
    assert_true(sandbox_call(worker, 1, 1, &err));
    assert_string_equal(lua_tostring(lua, -1), "a.lua:2: ours");
    lua_settop(lua, 0);
}

/* ---- what there is -------------------------------------------------------------------------- */

static void bytecode_is_refused(void **state) {
    (void)state;
    struct error err;
    static const char bytecode[] = "\x1bLua\x54\x00\x19\x93\r\n\x1a\n";
    assert_false(run_bytes(bytecode, sizeof bytecode - 1, &err));
}

static void scripts_do_not_see_the_world(void **state) {
    (void)state;
    static const char *const gone[] = {
        "load",  "loadstring", "loadfile", "dofile",  "io",   "os",
        "debug", "package",    "_G",       "_ENV._G", "warn", "collectgarbage",
    };
    for (size_t i = 0; i < LENGTH(gone); i++) {
        struct error err;
        char text[100];
        make_loader(NULL);
        snprintf(text, sizeof text, "local x = %s\nreturn {}\n", gone[i]);
        assert_false(run(text, &err));
        assert_non_null(strstr(err.text, "there is no"));
        assert_int_equal(err.line, 1);
        remove_loader(NULL);
    }
}

static void what_scripts_share_cannot_be_changed(void **state) {
    (void)state;
    static const char *const tries[] = {
        "linnet.schema = nil",
        "linnet.other = 1",
        "require = function() end",
        "_ENV.env = 1",
        "x = 1",
        "local s = linnet.schema {}\ns.x = 1",
        "local s = linnet.schema {}\nlocal x = s.fields",
        "local s = linnet.schema {}\ns()",
        "('x'):rep(1e9)",
        "string.rep = nil",
        "rawset(linnet, 'other', 1)",
        "rawset(_ENV, 'x', 1)",
        "setmetatable(_ENV, {})",
        "linnet.schema(1)",
        "linnet.schema({}, {})",
        "linnet.track {}",
        "require(5)",
        "require '/etc/passwd'",
        "require 'a..b'",
        "env {}",
    };
    for (size_t i = 0; i < LENGTH(tries); i++) {
        struct error err;
        make_loader(NULL);
        if (run(tries[i], &err)) fail_msg("allowed: %s", tries[i]);
        assert_string_equal(err.file, below("script.lua"));
        assert_true(err.line > 0 && err.column > 0);
        remove_loader(NULL);
    }
}

static bool read_environment(void *context, struct error *err) {
    if (!loader_push_file(loader, below("script.lua"), err)) return false;
    *(bool *)context = lua_toboolean(loader->lua, -1);
    return true;
}

static void env_gives_a_variable_or_nothing(void **state) {
    (void)state;
    struct error err;
    bool right = false;
    assert_int_equal(setenv("LINNET_TEST_VARIABLE", "value", 1), 0);
    write_file("script.lua",
               "return env 'LINNET_TEST_VARIABLE' == 'value' and env 'LINNET_NO_SUCH' == nil");
    assert_true(loader_run(loader, read_environment, &right, &err));
    assert_true(right);
}

static void broken_bytes_are_refused_where_they_are(void **state) {
    (void)state;
    struct error err;
    assert_false(run("return {\n  a = '\xff',\n}\n", &err));
    assert_string_equal(err.text, "this is not UTF-8");
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 8);
}

static void a_byte_order_mark_is_passed_over(void **state) {
    (void)state;
    struct error err;
    assert_true(run("\xEF\xBB\xBFreturn {}", &err));
}

/* ---- tokens --------------------------------------------------------------------------------- */

static void any_bytes_can_be_cut_into_tokens(void **state) {
    (void)state;
    struct arena arena;
    char bytes[64];
    unsigned seed = 1;
    static const char alphabet[] = "[]=-\"'\\\n ax0.{},zu\xff\0";
    arena_init(&arena);
    for (int round = 0; round < 20000; round++) {
        size_t length = (size_t)(seed >> 8) % sizeof bytes;
        for (size_t i = 0; i < length; i++) {
            seed = seed * 1103515245 + 12345;
            bytes[i] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
        }
        seed = seed * 1103515245 + 12345;
        char *copy = malloc(length + 1); /* its own block, so that a sanitizer sees an overrun */
        memcpy(copy, bytes, length);
        struct tokens tokens = tokens_of(slice_from(copy, length), &arena);
        for (size_t i = 0; i < tokens.count; i++) {
            size_t offset = 2;
            assert_true(tokens.items[i].text.length > 0);
            (void)token_string_offset(&tokens.items[i], SLICE("a\n\\x"), &offset);
        }
        free(copy);
        arena_reset(&arena, 1 << 20);
    }
    arena_free(&arena);
}

static void an_offset_in_a_string_leads_to_its_source(void **state) {
    (void)state;
    struct arena arena;
    arena_init(&arena);
    static const struct {
        const char *literal, *value;
        size_t offset, source;
    } cases[] = {
        { "\"coffee tea\"", "coffee tea", 7, 8 },
        { "'a\\tb'", "a\tb", 2, 4 },
        { "\"\\u{e9}x\"", "\xc3\xa9x", 2, 7 },
        { "'\\x41\\066\\z  \n C'", "ABC", 2, 15 },
        { "[[ a b ]]", " a b ", 3, 5 },
        { "[==[\n]] x]==]", "]] x", 3, 8 },
        { "'abc'", "abc", 3, 4 },
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct tokens tokens = tokens_of(slice_of(cases[i].literal), &arena);
        size_t offset = cases[i].offset;
        assert_int_equal(tokens.count, 1);
        assert_true(token_string_offset(&tokens.items[0], slice_of(cases[i].value), &offset));
        assert_int_equal(offset, cases[i].source);
        offset = 0;
        assert_false(token_string_offset(&tokens.items[0], SLICE("other"), &offset));
    }
    arena_free(&arena);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_loader, remove_loader)
#define CALL(name) cmocka_unit_test_setup_teardown(name, make_worker, destroy_worker)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_endless_loop_ends_and_names_its_line),
        TEST(memory_has_a_ceiling_and_the_state_survives_it),
        TEST(a_run_after_a_failed_one_has_its_whole_budget),
        TEST(a_recursion_without_end_is_an_error_with_a_place),
        cmocka_unit_test(a_state_too_small_for_lua_is_not_made),
        CALL(results_take_the_place_of_function_and_arguments),
        CALL(a_failed_call_says_where_and_by_which_way),
        CALL(a_call_after_a_failed_one_has_its_whole_budget),
        CALL(small_calls_never_add_up),
        CALL(memory_that_failed_is_given_back),
        CALL(arguments_can_be_pushed_when_memory_is_full),
        CALL(a_call_inside_a_run_shares_its_budget),
        CALL(our_own_errors_are_texts_for_who_catches_them),
        TEST(bytecode_is_refused),
        cmocka_unit_test(scripts_do_not_see_the_world),
        cmocka_unit_test(what_scripts_share_cannot_be_changed),
        TEST(env_gives_a_variable_or_nothing),
        TEST(broken_bytes_are_refused_where_they_are),
        TEST(a_byte_order_mark_is_passed_over),
        cmocka_unit_test(any_bytes_can_be_cut_into_tokens),
        cmocka_unit_test(an_offset_in_a_string_leads_to_its_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
