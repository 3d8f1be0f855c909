/* A Lua state that cannot take more memory, steps or time than it was given.
 *
 * It opens no library: what a script sees, its owner puts there. One thread at a time. Everything
 * that may raise a Lua error runs inside sandbox_run, which turns the error into a struct error. */
#ifndef SCRIPT_SANDBOX_H
#define SCRIPT_SANDBOX_H

#include "base/error.h"
#include <lua.h>
#include <stdint.h>

struct sandbox_limits {
    size_t memory_bytes;    /* held at any moment */
    uint64_t traffic_bytes; /* allocated over one run: holds long string operations */
    uint64_t steps;         /* VM instructions of one run */
    uint64_t time_ms;       /* of one run; for what steps and traffic do not measure */
};

/* For loading a configuration: lexicons are big, endless loops end within a second. */
extern const struct sandbox_limits configuration_limits;

struct sandbox;

struct sandbox *sandbox_create(const struct sandbox_limits *limits) MUST_CHECK;
void sandbox_destroy(struct sandbox *sandbox);
lua_State *sandbox_lua(struct sandbox *sandbox);
size_t sandbox_memory(const struct sandbox *sandbox);

/* Calls `body` under the limits, counted anew. False with *err when it returned false or raised;
 * then the error's file and line are those of the Lua code that ran, if any, and its column is 0.
 * What `body` pushed is gone afterwards. */
bool sandbox_run(struct sandbox *sandbox, bool (*body)(void *context, struct error *err),
                 void *context, struct error *err) MUST_CHECK;

/* Raises `err`, inside sandbox_run only. */
_Noreturn void sandbox_raise(lua_State *lua, const struct error *err);
/* File and line of the innermost Lua code that runs, into *err; nothing changes when none does. */
void sandbox_place(lua_State *lua, struct error *err);
/* Lua's `message` without the "file:line: " that it starts with; *line gets the number. */
const char *sandbox_strip(const char *message, const char *path, int *line);

#endif
