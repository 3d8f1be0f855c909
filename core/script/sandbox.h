/* A Lua state that cannot take more memory, steps or time than it was given.
 *
 * It opens no library: what a script sees, its owner puts there (script/library.h is written for
 * it). One thread at a time, except where a function says otherwise. Everything that may raise a
 * Lua error runs inside sandbox_run (loading) or sandbox_call (one function, for one post), which
 * turn the error into a struct error. Outside of both, the memory ceiling is not held, so that
 * pushing arguments cannot fail.
 *
 * How a script is held: a count hook, set before any script runs and so inherited by every
 * coroutine, looks at the budget; what Lua allocates and what long C functions do (sandbox_charge)
 * is added to it. Once it is used up, every further instruction of the outermost call fails and no
 * pcall catches that. Then the state serves the next call. */
#ifndef SCRIPT_SANDBOX_H
#define SCRIPT_SANDBOX_H

#include "base/error.h"
#include <lua.h>
#include <stdint.h>

/* A step is a VM instruction, or what takes about as long: 32 bytes allocated, one comparison. */
struct work_limits {
    uint64_t steps;
    uint32_t time_ms; /* of the thread, or half as much again; for what steps do not measure */
    size_t names;     /* in one table: growing it is one step, and keys can be made to collide */
};

struct sandbox_limits {
    size_t memory_bytes; /* held at any moment */
    size_t text_bytes;   /* of one string */
    struct work_limits load, call;
};

/* For reading a configuration: lexicons are big, endless loops end within two seconds. */
extern const struct sandbox_limits configuration_limits;
/* For a worker's state: loading as above, a call as fits one post. */
extern const struct sandbox_limits script_limits;

struct sandbox;

struct sandbox *sandbox_create(const struct sandbox_limits *limits) MUST_CHECK;
void sandbox_destroy(struct sandbox *sandbox);
lua_State *sandbox_lua(struct sandbox *sandbox);
size_t sandbox_memory(const struct sandbox *sandbox);

/* Calls `body` under the limits for loading, counted anew. False with *err when it returned false
 * or raised; then the error's file and line are those of the Lua code that ran, if any, and its
 * column is 0. What `body` pushed is gone afterwards. */
bool sandbox_run(struct sandbox *sandbox, bool (*body)(void *context, struct error *err),
                 void *context, struct error *err) MUST_CHECK;

/* Calls the function below the topmost `arguments` values under the limits for a call. True:
 * `results` values (LUA_MULTRET: all) have taken their place; false: nothing has, and *err (kind
 * ERROR_FAILED) has file and line as above. Inside another run or call, that one's budget goes on.
 */
bool sandbox_call(struct sandbox *sandbox, int arguments, int results,
                  struct error *err) MUST_CHECK;
/* Where the last failure happened, one "  FILE:LINE: in NAME" a line, innermost first. */
const char *sandbox_traceback(const struct sandbox *sandbox);

/* Raises `err`, inside sandbox_run or sandbox_call only. */
_Noreturn void sandbox_raise(lua_State *lua, const struct error *err);
/* File and line of the innermost Lua code that runs, into *err; nothing changes when none does. */
void sandbox_place(lua_State *lua, struct error *err);
/* Lua's `message` without the "file:line: " that it starts with; *line gets the number. */
const char *sandbox_strip(const char *message, const char *path, int *line);

/* ---- for C functions that scripts call ------------------------------------------------------ */

/* Adds work to the running call; raises when that is more than it has. */
void sandbox_charge(lua_State *lua, uint64_t steps);
/* What the running call has left: how long a C function may go on before it charges. */
uint64_t sandbox_steps_left(lua_State *lua);
/* For what catches errors, after it caught one (`status`, value on top): raises again when the call
 * is over, and turns what sandbox_raise raised into a text. */
void sandbox_recover(lua_State *lua, int status);
/* Around resuming or closing `coroutine`. False: closings are nested too deeply, nothing changed.
 */
bool sandbox_enter_coroutine(lua_State *from, lua_State *coroutine, bool closing) MUST_CHECK;
void sandbox_leave_coroutine(lua_State *from, bool closing);
/* Whether the coroutine was stopped by its budget: it must not run, nor be closed, ever again. */
bool sandbox_stopped(lua_State *coroutine);

#endif
