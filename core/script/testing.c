/* script/testing.h: one file, its stubs, its tests one after the other. */
#include "script/testing.h"
#include "script/api.h"
#include "script/declaration.h"
#include "script/message_methods.h"
#include "script/testing_internal.h"
#include <lauxlib.h>

/* A test may do more than a worker's call; what it calls has the worker's limits all the same. */
#define TEST_LIMITS { .steps = 10 * 1000 * 1000, .time_ms = 3000, .names = (size_t)1 << 20 }

static const struct sandbox_limits testing_limits = { .memory_bytes = (size_t)256 << 20,
                                                      .text_bytes = (size_t)256 << 20,
                                                      .load = TEST_LIMITS,
                                                      .call = TEST_LIMITS };

static const char testing_key, collect_key; /* their addresses are keys in the registry */

struct testing *testing_of(lua_State *lua) {
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &testing_key);
    struct testing *testing = lua_touserdata(lua, -1);
    lua_pop(lua, 1);
    return testing;
}

_Noreturn void testing_raise(lua_State *lua, struct error *err) {
    if (err->line == 0) sandbox_place(lua, err);
    sandbox_raise(lua, err);
}

/* ---- stubs ---------------------------------------------------------------------------------- */

static struct slice check_copy(lua_State *lua, struct testing *testing, int index) {
    struct slice text;
    text.data = luaL_checklstring(lua, index, &text.length);
    return arena_copy(&testing->arena, text);
}

/* linnet.stub_file("authors.lua", TEXT): as if it lay beside the configuration. */
static int stub_file(lua_State *lua) {
    struct testing *testing = testing_of(lua);
    struct loader_setup *setup = &testing->loader->setup;
    struct slice name = check_copy(lua, testing, 1), text = check_copy(lua, testing, 2);
    if (setup->text_count == MAX_STUBS) return luaL_error(lua, "too many files for one test file");
    const char *path = path_join(&testing->arena, setup->folder, name.data);
    testing->files[setup->text_count++] = (struct script_file){ path, text };
    return 0;
}

/* linnet.stub_env("NAME", VALUE) */
static int stub_environment(lua_State *lua) {
    struct testing *testing = testing_of(lua);
    struct loader_setup *setup = &testing->loader->setup;
    struct slice name = check_copy(lua, testing, 1), value = check_copy(lua, testing, 2);
    if (setup->variable_count == MAX_STUBS)
        return luaL_error(lua, "too many variables for one test file");
    testing->variables[setup->variable_count++] = (struct variable){ name.data, value.data };
    return 0;
}

/* ---- names ---------------------------------------------------------------------------------- */

/* Pushes what lua/testing.lua returned. */
static void push_helpers(struct loader *loader) {
    struct error err = { 0 };
    const char *path = path_join(&loader->arena, loader->setup.share, "lua/testing.lua");
    if (!loader_push_file(loader, path, &err)) testing_raise(loader->lua, &err);
}

/* `linnet` is on top of the stack, the globals lie below it. */
static void add_test_names(struct loader *loader) {
    static const luaL_Reg functions[] = { { "message", testing_message },
                                          { "stub_file", stub_file },
                                          { "stub_env", stub_environment },
                                          { NULL, NULL } };
    lua_State *lua = loader->lua;
    luaL_setfuncs(lua, functions, 0);
    lua_pushcfunction(lua, testing_index);
    declaration_set_index(lua);
    push_helpers(loader);
    lua_getfield(lua, -1, "collect");
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &collect_key);
    lua_getfield(lua, -1, "names");
    for (lua_pushnil(lua); lua_next(lua, -2);) {
        lua_pushvalue(lua, -2);
        lua_insert(lua, -2);
        lua_rawset(lua, -7);
    }
    lua_pop(lua, 2);
}

/* ---- one file ------------------------------------------------------------------------------- */

/* What one file's run is made of. */
struct running {
    struct testing testing;
    const char *path;
    struct test_report *report;
};

static bool load(void *context, struct error *err) {
    struct running *running = context;
    struct loader *loader = running->testing.loader;
    lua_State *lua = loader->lua;
    message_open(lua);
    lexicon_userdata_open(lua);
    lua_pushlightuserdata(lua, &running->testing);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &testing_key);
    if (!loader_push_file(loader, running->path, err)) return false;
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &collect_key);
    lua_call(lua, 0, 1);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &collect_key); /* the list takes the function's place */
    return true;
}

/* An assertion names the test's own line in its text, and fails in its own file. */
static void find_place(struct running *running, struct error *err) {
    int line = 0;
    const char *text = sandbox_strip(err->text, running->path, &line);
    if (line == 0) return;
    memmove(err->text, text, strlen(text) + 1);
    snprintf(err->file, sizeof err->file, "%s", running->path);
    err->line = line;
}

/* Calls every function of the list `name` of the test on top of the stack. */
static bool call_hooks(struct running *running, const char *name, struct error *err) {
    lua_State *lua = running->testing.loader->lua;
    bool good = true;
    lua_getfield(lua, -1, name);
    int list = lua_gettop(lua);
    for (lua_Integer i = 1; good && lua_rawgeti(lua, list, i) != LUA_TNIL; i++)
        good = sandbox_call(running->testing.loader->sandbox, 0, 0, err);
    lua_settop(lua, list - 1);
    return good;
}

/* The test is on top of the stack. */
static bool run_test(struct running *running, struct error *err) {
    lua_State *lua = running->testing.loader->lua;
    struct error later;
    bool good = call_hooks(running, "before", err);
    if (good) {
        lua_getfield(lua, -1, "body");
        good = sandbox_call(running->testing.loader->sandbox, 0, 0, err);
    }
    bool cleaned = call_hooks(running, "after", &later);
    if (good && !cleaned) *err = later;
    return good && cleaned;
}

static void tell(struct running *running, const char *sentence, struct error *err) {
    find_place(running, err);
    running->report->failed++;
    running->report->tell(running->report->context, sentence, err);
}

static void run_tests(struct running *running) {
    lua_State *lua = running->testing.loader->lua;
    struct error err;
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &collect_key);
    size_t count = lua_rawlen(lua, -1);
    for (size_t i = 1; i <= count; i++) {
        lua_rawgeti(lua, -1, (lua_Integer)i);
        lua_getfield(lua, -1, "sentence");
        const char *sentence = lua_tostring(lua, -1);
        lua_pushvalue(lua, -2);
        error_clear(&err);
        if (run_test(running, &err))
            running->report->passed++;
        else
            tell(running, sentence, &err);
        lua_pop(lua, 3);
    }
    lua_pop(lua, 1);
}

/* The folder above a plugin's KIND/, else the file's own. */
static const char *configuration_folder(struct arena *arena, const char *path) {
    const char *folder = path_folder(arena, path);
    const char *slash = strrchr(folder, '/');
    const char *last = slash ? slash + 1 : folder;
    for (const struct plugin_kind *const *kind = all_plugin_kinds; *kind; kind++)
        if (strcmp(last, (*kind)->folder) == 0) return path_folder(arena, folder);
    return folder;
}

static bool testing_open(struct testing *testing, const struct loader_setup *base,
                         const char *path) {
    arena_init(&testing->arena);
    struct loader_setup setup = { .folder = configuration_folder(&testing->arena, path),
                                  .share = base->share,
                                  .maker = base->maker,
                                  .context = base->context,
                                  .limits = &testing_limits,
                                  .texts = testing->files,
                                  .variables = testing->variables,
                                  .add_test_names = add_test_names };
    testing->loader = loader_create(&setup);
    testing->raw_projector = projector_create(NULL);
    reader_init(&testing->reader);
    reader_seal(&testing->reader);
    return testing->loader != NULL;
}

static void testing_close(struct testing *testing) {
    testing_free_subjects(testing);
    testing_free_messages(testing);
    for (size_t i = 0; i < MAX_ENGINES && testing->engines[i]; i++)
        scorer_ops_find(slice_of(scorer_ops_name(i)))->destroy(testing->engines[i]);
    lexicon_shelf_free(&testing->shelf);
    loader_destroy(testing->loader);
    reader_free(&testing->reader);
    projector_destroy(testing->raw_projector);
    arena_free(&testing->arena);
}

void test_file_run(const struct loader_setup *setup, const char *path, struct test_report *report) {
    struct running running = { .path = path, .report = report };
    struct error err = { 0 };
    if (!testing_open(&running.testing, setup, path)) {
        error_set(&err, ERROR_FAILED, "no Lua state could be made");
        tell(&running, "", &err);
    } else if (loader_run(running.testing.loader, load, &running, &err)) {
        run_tests(&running);
    } else {
        tell(&running, "", &err);
    }
    testing_close(&running.testing);
}
