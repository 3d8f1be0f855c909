/* script/sandbox.h: a counting allocator, a counting hook, one protected call. */
#include "script/sandbox.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

/* Instructions between two looks at the budget. One may take as long as its operands are: comparing
 * or converting a megabyte takes 2 ms, so beside long texts the looks are closer. */
#define STEPS_A_LOOK 250
#define STEPS_A_LOOK_AT_LONG_TEXTS 10
#define LONG_TEXT_BYTES ((size_t)64 << 10)
#define MAX_LONG_TEXTS 256 /* 16 MiB of them */
#define BYTES_A_STEP 32
/* lua_resetthread (5.4.4) does not count C calls, so that closings in closings overflow the C
 * stack: each can have Lua's 200 calls in it. */
#define MAX_CLOSINGS 4
#define TRACEBACK_LEVELS 12
/* What Lua's table takes for a name. */
#define NAME_BYTES 24

/* Nanoseconds in a millisecond; sanitizers make everything several times slower. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TIME_SCALE UINT64_C(10000000)
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TIME_SCALE UINT64_C(10000000)
#endif
#endif
#ifndef TIME_SCALE
#define TIME_SCALE UINT64_C(1000000)
#endif

#define LOAD_LIMITS { .steps = 50 * 1000 * 1000, .time_ms = 2000, .names = (size_t)1 << 20 }
#define CALL_LIMITS { .steps = 1000 * 1000, .time_ms = 50, .names = (size_t)1 << 13 }

const struct sandbox_limits configuration_limits = {
    .memory_bytes = (size_t)256 << 20,
    .text_bytes = (size_t)256 << 20,
    .load = LOAD_LIMITS,
    .call = CALL_LIMITS,
};
const struct sandbox_limits script_limits = {
    .memory_bytes = (size_t)16 << 20,
    .text_bytes = (size_t)1 << 20,
    .load = LOAD_LIMITS,
    .call = CALL_LIMITS,
};

struct sandbox {
    lua_State *lua, *running; /* the state; the coroutine of it that runs */
    struct sandbox_limits limits;
    size_t held;

    int depth; /* runs and calls in each other */
    int closings;
    const struct work_limits *work; /* of the outermost run or call */
    enum error_kind kind;           /* of what goes wrong in it */
    uint64_t steps, next_look, deadline_ns;
    uint64_t thread_start_ns; /* 0: not late by the wall clock yet */
    bool exhausted;           /* until the outermost returns, nothing goes on; `failure` says why */

    struct error failure;
    char traceback[1024];
    const void *long_texts[MAX_LONG_TEXTS];
    size_t long_text_count;
};

static struct sandbox *sandbox_of(lua_State *lua) {
    return *(struct sandbox **)lua_getextraspace(lua);
}

/* ---- places --------------------------------------------------------------------------------- */

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

static void write_traceback(struct sandbox *sandbox, lua_State *lua) {
    char *to = sandbox->traceback, *end = to + sizeof sandbox->traceback;
    lua_Debug record;
    *to = '\0';
    for (int level = 0; level < TRACEBACK_LEVELS && lua_getstack(lua, level, &record); level++) {
        lua_getinfo(lua, "Sln", &record);
        const char *name = record.name ? record.name : "a function";
        if (*record.what == 'C' && record.name == NULL) continue; /* our own way in */
        int written = *record.what == 'C'
                          ? snprintf(to, (size_t)(end - to), "  in %s\n", name)
                          : snprintf(to, (size_t)(end - to), "  %s:%d: in %s\n", record.short_src,
                                     record.currentline, *record.what == 'm' ? "the file" : name);
        if (written < 0 || written >= end - to) {
            *to = '\0'; /* whole lines only */
            return;
        }
        to += written;
    }
}

const char *sandbox_traceback(const struct sandbox *sandbox) { return sandbox->traceback; }

/* ---- the budget ----------------------------------------------------------------------------- */

static void look_at_budget(lua_State *lua, lua_Debug *record);

static void arm(lua_State *lua, int steps) {
    lua_sethook(lua, look_at_budget, LUA_MASKCOUNT, steps);
}

static void fit_hook(const struct sandbox *sandbox, lua_State *lua) {
    int wanted = sandbox->long_text_count ? STEPS_A_LOOK_AT_LONG_TEXTS : STEPS_A_LOOK;
    if (sandbox->exhausted) wanted = 1;
    if (lua_gethookcount(lua) != wanted) arm(lua, wanted);
}

/* The value that is raised once all is used up; sandbox_raise raises the sandbox itself. */
static void *stop_value(struct sandbox *sandbox) { return &sandbox->exhausted; }

_Noreturn static void stop(struct sandbox *sandbox, lua_State *lua) {
    fit_hook(sandbox, lua);
    lua_pushlightuserdata(lua, stop_value(sandbox));
    lua_error(lua);
    abort(); /* not reached */
}

/* Keeps what `failure` will say about the place that runs now. */
static void note_place(struct sandbox *sandbox, lua_State *lua) {
    sandbox_place(lua, &sandbox->failure);
    write_traceback(sandbox, lua);
}

_Noreturn static void exhaust(struct sandbox *sandbox, lua_State *lua) {
    const struct work_limits *work = sandbox->work;
    sandbox->exhausted = true;
    if (sandbox->steps > work->steps)
        error_set(&sandbox->failure, sandbox->kind,
                  "this runs too long: a script has %d million steps",
                  (int)(work->steps / 1000000));
    else
        error_set(&sandbox->failure, sandbox->kind, "this runs too long: a script has %u ms",
                  work->time_ms);
    note_place(sandbox, lua);
    stop(sandbox, lua);
}

static bool is_late(struct sandbox *sandbox) {
    uint64_t now = clock_monotonic_ns(), limit_ns = TIME_SCALE * sandbox->work->time_ms;
    if (sandbox->deadline_ns == 0) sandbox->deadline_ns = now + limit_ns;
    if (now <= sandbox->deadline_ns) return false;
    /* Late by the wall clock, which also runs while others have the processor: the thread's own
     * time decides, from the first time that it is asked. */
    uint64_t used_ns = clock_thread_ns();
    if (sandbox->thread_start_ns == 0) sandbox->thread_start_ns = used_ns;
    sandbox->deadline_ns = now + limit_ns / 2;
    return used_ns - sandbox->thread_start_ns > limit_ns / 4;
}

static void look(struct sandbox *sandbox, lua_State *lua) {
    if (sandbox->depth == 0) return;
    if (sandbox->exhausted) stop(sandbox, lua);
    if (sandbox->steps > sandbox->work->steps || is_late(sandbox)) exhaust(sandbox, lua);
    sandbox->next_look = MIN(sandbox->steps + STEPS_A_LOOK, sandbox->work->steps + 1);
    fit_hook(sandbox, lua);
}

static void look_at_budget(lua_State *lua, lua_Debug *record) {
    (void)record;
    struct sandbox *sandbox = sandbox_of(lua);
    sandbox->steps += (uint64_t)lua_gethookcount(lua);
    look(sandbox, lua);
}

void sandbox_charge(lua_State *lua, uint64_t steps) {
    struct sandbox *sandbox = sandbox_of(lua);
    sandbox->steps += steps;
    if (sandbox->steps >= sandbox->next_look) look(sandbox, lua);
}

uint64_t sandbox_steps_left(lua_State *lua) {
    const struct sandbox *sandbox = sandbox_of(lua);
    return sandbox->work->steps - MIN(sandbox->steps, sandbox->work->steps);
}

/* ---- memory --------------------------------------------------------------------------------- */

/* Lua calls no handler when memory is short: remember the place now. It may be but the first try,
 * before a collection makes room; the last one counts. */
static void *refuse(struct sandbox *sandbox, const char *reason, size_t number) {
    if (sandbox->depth == 0) return NULL;
    error_set(&sandbox->failure, sandbox->kind, reason, number);
    note_place(sandbox, sandbox->running);
    /* A collection follows, as long as many instructions: the next one must look at the clock. */
    arm(sandbox->running, 1);
    return NULL;
}

/* `type` is what Lua says of a new block: 0 for what belongs to an object, as a table's names. */
static const char *find_excess(const struct sandbox *sandbox, size_t type, size_t before,
                               size_t bytes, size_t *number) {
    const struct sandbox_limits *limits = &sandbox->limits;
    size_t names = bytes / NAME_BYTES;
    if (bytes - before > limits->memory_bytes - MIN(sandbox->held, limits->memory_bytes)) {
        *number = limits->memory_bytes >> 20;
        return "this needs more than its %zu MiB of memory";
    }
    if (sandbox->depth == 0 || before) return NULL;
    if (type == LUA_TSTRING && bytes > limits->text_bytes + 64) {
        *number = limits->text_bytes >> 20;
        return "a text here would be longer than %zu MiB";
    }
    if (type == 0 && names > sandbox->work->names && names * NAME_BYTES == bytes &&
        (names & (names - 1)) == 0) {
        *number = sandbox->work->names;
        return "a table here would have more than %zu names";
    }
    return NULL;
}

static void remember_long_text(struct sandbox *sandbox, const void *block) {
    if (sandbox->long_text_count == MAX_LONG_TEXTS) return;
    sandbox->long_texts[sandbox->long_text_count++] = block;
    if (sandbox->long_text_count == 1) fit_hook(sandbox, sandbox->running);
}

static void forget_long_text(struct sandbox *sandbox, const void *block) {
    for (size_t i = 0; i < sandbox->long_text_count; i++)
        if (sandbox->long_texts[i] == block)
            sandbox->long_texts[i] = sandbox->long_texts[--sandbox->long_text_count];
}

static void *release(struct sandbox *sandbox, void *block, size_t bytes) {
    if (bytes >= LONG_TEXT_BYTES) forget_long_text(sandbox, block);
    memory_free(block);
    sandbox->held -= bytes;
    return NULL;
}

/* Adds what is allocated to the steps; the next instruction looks when that was too much. */
static void charge_bytes(struct sandbox *sandbox, size_t bytes) {
    sandbox->steps += bytes / BYTES_A_STEP;
    if (sandbox->depth && sandbox->steps > sandbox->work->steps &&
        lua_gethookcount(sandbox->running) != 1)
        arm(sandbox->running, 1);
}

static void *allocate(void *context, void *block, size_t old_bytes, size_t bytes) {
    struct sandbox *sandbox = context;
    size_t before = block ? old_bytes : 0; /* without a block the size is a type's number */
    if (bytes == 0) return release(sandbox, block, before);
    if (bytes > before) {
        size_t number = 0;
        bool held = sandbox->depth || sandbox->lua == NULL;
        const char *excess = held ? find_excess(sandbox, old_bytes, before, bytes, &number) : NULL;
        if (excess) return refuse(sandbox, excess, number);
        charge_bytes(sandbox, bytes - before);
    }
    void *moved = memory_try_resize(block, bytes);
    if (moved == NULL) return refuse(sandbox, "there is no memory left%.0zu", 0);
    sandbox->held = sandbox->held - before + bytes;
    if (block == NULL && old_bytes == LUA_TSTRING && bytes >= LONG_TEXT_BYTES)
        remember_long_text(sandbox, moved);
    return moved;
}

/* ---- making --------------------------------------------------------------------------------- */

/* Outside sandbox_run and sandbox_call nothing may raise: a mistake in linnet itself. */
static int panic(lua_State *lua) {
    log_error("script", "a script failed outside its sandbox: %s", lua_tostring(lua, -1));
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
    sandbox->lua = sandbox->running = lua;
    lua_atpanic(lua, panic);
    arm(lua, STEPS_A_LOOK);
    return sandbox;
}

void sandbox_destroy(struct sandbox *sandbox) {
    if (sandbox == NULL) return;
    lua_close(sandbox->lua);
    memory_free(sandbox);
}

lua_State *sandbox_lua(struct sandbox *sandbox) { return sandbox->lua; }

size_t sandbox_memory(const struct sandbox *sandbox) { return sandbox->held; }

/* ---- failures ------------------------------------------------------------------------------- */

_Noreturn void sandbox_raise(lua_State *lua, const struct error *err) {
    sandbox_of(lua)->failure = *err;
    lua_pushlightuserdata(lua, sandbox_of(lua));
    lua_error(lua);
    abort(); /* not reached */
}

/* Runs where the error happened, while the stack still says where that was. */
static int note_failure(lua_State *lua) {
    struct sandbox *sandbox = sandbox_of(lua);
    struct error *failure = &sandbox->failure;
    if (lua_touserdata(lua, 1) == stop_value(sandbox)) return 1;
    write_traceback(sandbox, lua);
    if (lua_touserdata(lua, 1) == sandbox) return 1;
    error_set(failure, sandbox->kind, "the script raised a %s", luaL_typename(lua, 1));
    sandbox_place(lua, failure);
    if (lua_type(lua, 1) == LUA_TSTRING) {
        const char *message = sandbox_strip(lua_tostring(lua, 1), failure->file, &failure->line);
        snprintf(failure->text, sizeof failure->text, "%s", message);
    }
    return 1;
}

/* "file:line: text", what Lua's own errors look like */
static void push_failure(lua_State *lua, const struct error *failure) {
    if (failure->line)
        lua_pushfstring(lua, "%s:%d: %s", failure->file, failure->line, failure->text);
    else
        lua_pushstring(lua, failure->text);
}

void sandbox_recover(lua_State *lua, int status) {
    struct sandbox *sandbox = sandbox_of(lua);
    if (status == LUA_ERRMEM) sandbox->exhausted = true;
    if (sandbox->exhausted) stop(sandbox, lua);
    if (lua_touserdata(lua, -1) != sandbox) return;
    push_failure(lua, &sandbox->failure);
    lua_replace(lua, -2);
}

bool sandbox_enter_coroutine(lua_State *from, lua_State *coroutine, bool closing) {
    struct sandbox *sandbox = sandbox_of(from);
    if (closing && sandbox->closings == MAX_CLOSINGS) return false;
    sandbox->closings += closing;
    sandbox->running = coroutine;
    fit_hook(sandbox, coroutine);
    return true;
}

void sandbox_leave_coroutine(lua_State *from, bool closing) {
    struct sandbox *sandbox = sandbox_of(from);
    sandbox->closings -= closing;
    sandbox->running = from;
    fit_hook(sandbox, from);
}

/* An error that left a hook has turned hooks off in its coroutine for good. */
bool sandbox_stopped(lua_State *coroutine) {
    return lua_status(coroutine) > LUA_YIELD &&
           lua_touserdata(coroutine, -1) == stop_value(sandbox_of(coroutine));
}

/* ---- calls ---------------------------------------------------------------------------------- */

static void begin(struct sandbox *sandbox, const struct work_limits *work, enum error_kind kind) {
    sandbox->work = work;
    sandbox->kind = kind;
    sandbox->steps = 0;
    sandbox->next_look = 0;
    sandbox->deadline_ns = 0;
    sandbox->thread_start_ns = 0;
    fit_hook(sandbox, sandbox->lua);
}

static void end_failed(struct sandbox *sandbox, int status, struct error *err) {
    lua_State *lua = sandbox->lua;
    if (status == LUA_ERRERR && !sandbox->exhausted)
        error_set(&sandbox->failure, sandbox->kind, "calls are nested too deeply here");
    *err = sandbox->failure;
    lua_pop(lua, 1);
    if (sandbox->depth) return;
    bool full = sandbox->exhausted || status == LUA_ERRMEM;
    sandbox->exhausted = false;
    sandbox->running = lua;
    sandbox->closings = 0;
    if (full) lua_gc(lua, LUA_GCCOLLECT); /* the next call shall not pay for this one */
    fit_hook(sandbox, lua);
}

/* The function and its arguments are on top, as in lua_pcall. */
static bool call(struct sandbox *sandbox, const struct work_limits *work, enum error_kind kind,
                 int arguments, int results, struct error *err) {
    lua_State *lua = sandbox->lua;
    int base = lua_gettop(lua) - arguments;
    if (sandbox->depth == 0) begin(sandbox, work, kind);
    lua_pushcfunction(lua, note_failure);
    lua_insert(lua, base);
    sandbox->depth++;
    int status = lua_pcall(lua, arguments, results, base);
    sandbox->depth--;
    lua_remove(lua, base);
    if (LIKELY(status == LUA_OK)) return true;
    end_failed(sandbox, status, err);
    return false;
}

bool sandbox_call(struct sandbox *sandbox, int arguments, int results, struct error *err) {
    return call(sandbox, &sandbox->limits.call, ERROR_FAILED, arguments, results, err);
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
    lua_pushcfunction(lua, run_body);
    lua_pushlightuserdata(lua, &run);
    if (!call(sandbox, &sandbox->limits.load, ERROR_CONFIG, 1, 1, err)) return false;
    bool done = lua_toboolean(lua, -1);
    lua_pop(lua, 1);
    return done;
}
