/* Scripts that try to leave the sandbox or their budget: tests/data/escapes/NN_name.lua.
 *
 * Each returns a function. "budget" on its first line: the call must be stopped in time; "refused":
 * it must return nothing but nil or false. Either way the state serves others as if nothing had
 * been. */
#include "base/arena.h"
#include "base/os.h"
#include "script/library.h"
#include "script/sandbox.h"
#include <dirent.h>
#include <lauxlib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
/* cmocka needs the four above it */
#include <cmocka.h>

#define FOLDER "tests/data/escapes"
#define LEAST_SCRIPTS 25
#define CALLS 3 /* some leave a trap for the next one */

/* Our own C code is slower under a sanitizer. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWER 10
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLOWER 10
#endif
#endif
#ifndef SLOWER
#define SLOWER 1
#endif
#define MOST_MS (100 * SLOWER)

/* Of this thread: what others do at the same time does not count. */
static double busy_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

struct script {
    struct sandbox *sandbox;
    const char *name, *text;
};

/* Leaves what the file returns as the global `name` of the state itself, which no script sees. */
static bool load(void *context, struct error *err) {
    const struct script *script = context;
    lua_State *lua = sandbox_lua(script->sandbox);
    char name[300];
    snprintf(name, sizeof name, "@%s", script->name);
    if (luaL_loadbufferx(lua, script->text, strlen(script->text), name, "t") != LUA_OK)
        return error_set(err, ERROR_CONFIG, "%s", lua_tostring(lua, -1));
    library_push(lua);
    lua_setupvalue(lua, -2, 1);
    lua_call(lua, 0, 1);
    lua_setglobal(lua, script->name);
    return true;
}

static void prepare(const struct script *script) {
    struct error err;
    if (!sandbox_run(script->sandbox, load, (void *)script, &err))
        fail_msg("%s:%d: %s", err.file, err.line, err.text);
}

static const char good_text[] =
    "local kept = 0\n"
    "return function(text)\n"
    "  kept = kept + 1\n"
    "  local words = {}\n"
    "  for word in text:gmatch('%a+') do words[#words + 1] = word:upper() end\n"
    "  table.sort(words)\n"
    "  local co = coroutine.wrap(function() coroutine.yield(tostring(kept)) end)\n"
    "  assert(type(text) == 'string' and leaked == nil and not pcall(error))\n"
    "  return table.concat(words, ' ') .. ' ' .. co()\n"
    "end\n";

static void serve(struct sandbox *sandbox, const char *after, int time) {
    struct error err;
    char wanted[40];
    lua_State *lua = sandbox_lua(sandbox);
    snprintf(wanted, sizeof wanted, "A GOOD POST %d", time);
    lua_getglobal(lua, "good");
    lua_pushliteral(lua, "a good post");
    if (!sandbox_call(sandbox, 1, 1, &err))
        fail_msg("after %s: %s:%d: %s", after, err.file, err.line, err.text);
    assert_string_equal(lua_tostring(lua, -1), wanted);
    lua_settop(lua, 0);
}

/* The shortest of a few tries: a machine that others use, too, may stall any of them. */
static bool call_timed(const struct script *script, double *ms, struct error *err) {
    lua_State *lua = sandbox_lua(script->sandbox);
    bool done = false;
    *ms = 2 * MOST_MS;
    for (int tries = 0; tries < 3 && *ms > MOST_MS; tries++) {
        lua_settop(lua, 0);
        lua_getglobal(lua, script->name);
        double start = busy_ms();
        done = sandbox_call(script->sandbox, 0, 1, err);
        *ms = busy_ms() - start;
    }
    return done;
}

static void try_to_escape(const struct script *script, bool budget) {
    struct error err;
    double ms;
    lua_State *lua = sandbox_lua(script->sandbox);
    bool done = call_timed(script, &ms, &err);
    if (ms > MOST_MS) fail_msg("%s ran for %.1f ms", script->name, ms);
    if (getenv("ESCAPE_TIMES"))
        printf("%-40s %6.1f ms  %s\n", script->name, ms, done ? "" : err.text);
    if (budget && done) fail_msg("%s was not stopped", script->name);
    if (!budget && !done) fail_msg("%s: %s:%d: %s", script->name, err.file, err.line, err.text);
    if (done && lua_toboolean(lua, -1)) fail_msg("%s escaped", script->name);
    if (!done && strcmp(err.file, script->name) != 0) fail_msg("%s: no place", script->name);
    if (sandbox_memory(script->sandbox) > script_limits.memory_bytes)
        fail_msg("%s holds %zu bytes", script->name, sandbox_memory(script->sandbox));
    lua_settop(lua, 0);
}

static void run_script(const char *name, const char *text) {
    struct sandbox *sandbox = sandbox_create(&script_limits);
    struct script good = { sandbox, "good", good_text }, bad = { sandbox, name, text };
    bool budget = strncmp(text, "--- budget: ", 12) == 0;
    assert_true(budget || strncmp(text, "--- refused: ", 13) == 0);
    prepare(&good);
    prepare(&bad);
    for (int i = 1; i <= CALLS; i++) {
        try_to_escape(&bad, budget);
        serve(sandbox, name, i);
    }
    sandbox_destroy(sandbox);
}

static void no_script_escapes(void **state) {
    (void)state;
    struct dirent **entries;
    int count = scandir(FOLDER, &entries, NULL, alphasort), scripts = 0;
    for (int i = 0; i < count; i++) {
        char path[300];
        size_t length;
        snprintf(path, sizeof path, FOLDER "/%s", entries[i]->d_name);
        char *text = strstr(path, ".lua") ? os_read_file(path, 1 << 20, &length) : NULL;
        const char *only = getenv("ESCAPE_ONLY");
        if (text && (only == NULL || strstr(path, only))) {
            run_script(entries[i]->d_name, text);
            scripts++;
        }
        free(text);
        free(entries[i]);
    }
    free(entries);
    if (getenv("ESCAPE_ONLY") == NULL) assert_true(scripts >= LEAST_SCRIPTS);
}

int main(void) {
    const struct CMUnitTest tests[] = { cmocka_unit_test(no_script_escapes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
