/* script/sandbox.h: a counting allocator, a counting hook, one protected call. */
#include "script/sandbox.h"
#include "base/alloc.h"
#include "base/clock.h"
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

/* Between two looks at the budget: few enough that comparing huge strings cannot hide in it. */
#define STEPS_A_HOOK 100

const struct sandbox_limits configuration_limits = {
    .memory_bytes = (size_t)256 << 20,
    .traffic_bytes = UINT64_C(2) << 30,
    .steps = 50 * 1000 * 1000,
    .time_ms = 2000,
};

enum exhausted { EXHAUSTED_NOTHING, EXHAUSTED_MEMORY, EXHAUSTED_WORK };

struct sandbox {
    lua_State *lua;
    struct sandbox_limits limits;
    size_t held;
    uint64_t traffic, steps, deadline_ns; /* of this run */
    enum exhausted exhausted;
    struct error failure; /* what the error handler saw */
};

static struct sandbox *sandbox_of(lua_State *lua) {
    return *(struct sandbox **)lua_getextraspace(lua);
}

static void *refuse(struct sandbox *sandbox, enum exhausted what) {
    /* Lua calls no handler when memory is short: remember the place now. It may be but the first
     * try, before a collection makes room; the last one counts. */
    if (sandbox->lua) {
        sandbox->exhausted = what;
        error_clear(&sandbox->failure);
        sandbox_place(sandbox->lua, &sandbox->failure);
    }
    return NULL;
}

static void *allocate(void *context, void *block, size_t old_bytes, size_t bytes) {
    struct sandbox *sandbox = context;
    size_t before = block ? old_bytes : 0; /* without a block the size is a type's number */
    if (bytes == 0) {
        memory_free(block);
        sandbox->held -= before;
        return NULL;
    }
    if (bytes > before) {
        size_t more = bytes - before;
        if (more > sandbox->limits.memory_bytes - MIN(sandbox->held, sandbox->limits.memory_bytes))
            return refuse(sandbox, EXHAUSTED_MEMORY);
        sandbox->traffic += more;
        if (sandbox->traffic > sandbox->limits.traffic_bytes)
            return refuse(sandbox, EXHAUSTED_WORK);
    }
    void *moved = memory_try_resize(block, bytes);
    if (moved) sandbox->held = sandbox->held - before + bytes;
    return moved ? moved : refuse(sandbox, EXHAUSTED_MEMORY);
}

static void count_steps(lua_State *lua, lua_Debug *record) {
    (void)record;
    struct sandbox *sandbox = sandbox_of(lua);
    sandbox->steps += STEPS_A_HOOK;
    if (sandbox->steps > sandbox->limits.steps)
        luaL_error(lua, "this runs too long: a script has %d million steps",
                   (int)(sandbox->limits.steps / 1000000));
    if (clock_monotonic_ns() > sandbox->deadline_ns)
        luaL_error(lua, "this runs too long: a script has %d seconds",
                   (int)(sandbox->limits.time_ms / 1000));
}

/* Outside sandbox_run nothing may raise: a mistake in linnet itself. */
static int panic(lua_State *lua) {
    fprintf(stderr, "linnet: a script failed outside its sandbox: %s\n", lua_tostring(lua, -1));
    abort();
}

struct sandbox *sandbox_create(const struct sandbox_limits *limits) {
    struct sandbox *sandbox = memory_zeroed(1, sizeof *sandbox);
    sandbox->limits = *limits;
    lua_State *lua = lua_newstate(allocate, sandbox);
    if (lua == NULL) { /* a ceiling below an empty state's 3 KB */
        memory_free(sandbox);
        return NULL;
    }
    *(struct sandbox **)lua_getextraspace(lua) = sandbox;
    sandbox->lua = lua;
    lua_atpanic(lua, panic);
    return sandbox;
}

void sandbox_destroy(struct sandbox *sandbox) {
    if (sandbox == NULL) return;
    lua_close(sandbox->lua);
    memory_free(sandbox);
}

lua_State *sandbox_lua(struct sandbox *sandbox) { return sandbox->lua; }

size_t sandbox_memory(const struct sandbox *sandbox) { return sandbox->held; }

void sandbox_place(lua_State *lua, struct error *err) {
    lua_Debug record;
    for (int level = 0; lua_getstack(lua, level, &record); level++) {
        lua_getinfo(lua, "Sl", &record);
        if (record.currentline <= 0 || record.source[0] != '@') continue;
        snprintf(err->file, sizeof err->file, "%s", record.source + 1);
        err->line = record.currentline;
        return;
    }
}

const char *sandbox_strip(const char *message, const char *path, int *line) {
    size_t shown = MIN(strlen(path), (size_t)LUA_IDSIZE - 1); /* Lua cuts longer names so */
    if (strlen(message) <= shown || message[shown] != ':') return message;
    char *end;
    long number = strtol(message + shown + 1, &end, 10);
    if (end == message + shown + 1 || end[0] != ':' || end[1] != ' ') return message;
    *line = (int)number;
    return end + 2;
}

_Noreturn void sandbox_raise(lua_State *lua, const struct error *err) {
    sandbox_of(lua)->failure = *err;
    lua_pushlightuserdata(lua, sandbox_of(lua));
    lua_error(lua);
    abort(); /* not reached */
}

/* Runs where the error happened, while the stack still says where that was. */
static int note_failure(lua_State *lua) {
    struct sandbox *sandbox = sandbox_of(lua);
    if (lua_touserdata(lua, 1) == sandbox) return 1;
    struct error *failure = &sandbox->failure;
    error_set(failure, ERROR_CONFIG, "the script failed");
    sandbox_place(lua, failure);
    if (lua_type(lua, 1) == LUA_TSTRING) {
        int line;
        const char *message = sandbox_strip(lua_tostring(lua, 1), failure->file, &line);
        snprintf(failure->text, sizeof failure->text, "%s", message);
    }
    return 1;
}

static void describe_exhaustion(struct sandbox *sandbox, struct error *err) {
    struct error place = sandbox->failure;
    if (sandbox->exhausted == EXHAUSTED_WORK)
        error_set(err, ERROR_CONFIG, "this makes too much text and tables before it is done");
    else
        error_set(err, ERROR_CONFIG, "this needs more than its %zu MiB of memory",
                  sandbox->limits.memory_bytes >> 20);
    memcpy(err->file, place.file, sizeof err->file);
    err->line = place.line;
}

struct run {
    bool (*body)(void *context, struct error *err);
    void *context;
    struct error *err;
};

static int run_body(lua_State *lua) {
    struct run *run = lua_touserdata(lua, 1);
    lua_settop(lua, 0);
    lua_pushboolean(lua, run->body(run->context, run->err));
    return 1;
}

bool sandbox_run(struct sandbox *sandbox, bool (*body)(void *context, struct error *err),
                 void *context, struct error *err) {
    lua_State *lua = sandbox->lua;
    struct run run = { body, context, err };
    sandbox->traffic = 0;
    sandbox->steps = 0;
    sandbox->exhausted = EXHAUSTED_NOTHING;
    sandbox->deadline_ns = clock_monotonic_ns() + sandbox->limits.time_ms * 1000000;
    lua_sethook(lua, count_steps, LUA_MASKCOUNT, STEPS_A_HOOK);
    lua_pushcfunction(lua, note_failure);
    lua_pushcfunction(lua, run_body);
    lua_pushlightuserdata(lua, &run);
    int status = lua_pcall(lua, 1, 1, -3);
    bool done = status == LUA_OK && lua_toboolean(lua, -1);
    lua_settop(lua, 0);
    if (status == LUA_ERRMEM || (status == LUA_ERRERR && sandbox->exhausted))
        describe_exhaustion(sandbox, err);
    else if (status != LUA_OK)
        *err = sandbox->failure;
    return done;
}
