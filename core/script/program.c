/* script/program.h: gathering, states, one call. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "script/api.h"
#include "script/declaration.h"
#include "script/program_internal.h"
#include "script/syntax.h"
#include <lauxlib.h>

#define LOG_EVERY_MS 60000

struct program *program_create(const struct loader_setup *setup) {
    struct program *program = memory_zeroed(1, sizeof *program);
    arena_init(&program->arena);
    program->setup = *setup;
    return program;
}

void program_destroy(struct program *program) {
    memory_free(program->functions);
    arena_free(&program->arena);
    memory_free(program);
}

/* The steps from what a file returned down to `place`, the last first. A plugin that was named has
 * nothing above it; a declaration written in place has the configuration. */
static const struct place *climb(const struct place *place, struct function *function) {
    while (place->up && function->step_count < MAX_STEPS) {
        function->steps[function->step_count++] = (struct step){ place->key, place->item };
        place = place->up;
    }
    return place;
}

uint32_t program_add(struct program *program, const struct place *place, struct slice name) {
    if (program->count == program->room) {
        program->room = program->room ? program->room * 2 : 8;
        program->functions =
            memory_resize(program->functions, program->room * sizeof(struct function *));
    }
    struct function *function = arena_zeroed(&program->arena, 1, sizeof *function);
    const struct place *root = climb(place, function);
    for (size_t i = 0; i < function->step_count; i++)
        if (function->steps[i].key.data)
            function->steps[i].key = arena_copy(&program->arena, function->steps[i].key);
    function->name = arena_copy(&program->arena, name).data;
    function->path = arena_copy(&program->arena, slice_of(root->file ? root->file->path : "")).data;
    atomic_store(&function->logged_ms, INT64_MIN);
    program->functions[program->count] = function;
    return (uint32_t)program->count++;
}

void program_keep_files(struct program *program, const struct loader *loader) {
    struct arena *arena = &program->arena;
    size_t count = loader_file_count(loader);
    struct script_file *texts = arena_zeroed(arena, count, sizeof *texts);
    for (size_t i = 0; i < count; i++) {
        const struct script_file *file = loader_file_at(loader, i);
        texts[i].path = arena_copy(arena, slice_of(file->path)).data;
        texts[i].text = arena_copy(arena, file->text);
    }
    program->setup.texts = texts;
    program->setup.text_count = count;
    program->setup.sealed = true;
    program->setup.limits = &script_limits;
}

size_t program_count(const struct program *program) { return program->count; }

uint64_t program_failures(const struct program *program, uint32_t number, const char **name) {
    *name = program->functions[number]->name;
    return atomic_load(&program->functions[number]->failures);
}

const char *program_name(const struct program *program, uint32_t number) {
    return program->functions[number]->name;
}

/* Replaces the value on top by its member; a declaration's members are those of its content. */
static void push_step(lua_State *lua, const struct step *step) {
    if (declaration_at(lua, -1)) {
        declaration_push_content(lua, -1);
        lua_remove(lua, -2);
    }
    if (!lua_istable(lua, -1)) luaL_error(lua, "what was proven is no longer there");
    if (step->key.data)
        lua_pushlstring(lua, step->key.data, step->key.length);
    else
        lua_pushinteger(lua, step->item);
    lua_rawget(lua, -2);
    lua_remove(lua, -2);
}

static bool find_function(struct script_state *state, uint32_t number, struct error *err) {
    lua_State *lua = state->loader->lua;
    const struct function *function = state->program->functions[number];
    if (!loader_push_file(state->loader, function->path, err)) return false;
    for (size_t i = function->step_count; i-- > 0;)
        push_step(lua, &function->steps[i]);
    if (!lua_isfunction(lua, -1)) luaL_error(lua, "what was proven is no function any more");
    state->references[number] = luaL_ref(lua, LUA_REGISTRYINDEX);
    return true;
}

static bool load_functions(void *context, struct error *err) {
    struct script_state *state = context;
    message_open(state->loader->lua);
    lexicon_userdata_open(state->loader->lua);
    for (uint32_t i = 0; i < state->program->count; i++)
        if (!find_function(state, i, err)) return false;
    return true;
}

struct script_state *script_state_create(const struct program *program, struct error *err) {
    struct script_state *state = memory_zeroed(1, sizeof *state);
    state->program = program;
    state->references = memory_zeroed(program->count, sizeof *state->references);
    state->failures = memory_zeroed(program->count, sizeof *state->failures);
    state->loader = loader_create(&program->setup);
    if (state->loader && loader_run(state->loader, load_functions, state, err)) return state;
    script_state_destroy(state);
    return NULL;
}

void script_state_destroy(struct script_state *state) {
    if (state == NULL) return;
    loader_destroy(state->loader);
    arena_free(&state->places);
    memory_free(state->failures);
    memory_free(state->references);
    memory_free(state);
}

const struct error *script_failure(const struct script_state *state) {
    return &state->failures[state->failed_last];
}

const struct error *script_failure_of(const struct script_state *state, uint32_t function) {
    return &state->failures[function];
}

/* The traceback in one line: "; FILE:LINE: in NAME; ...". */
static void flatten(const char *traceback, char *out, size_t size) {
    size_t used = 0;
    bool begins = true;
    for (; *traceback && used + 3 < size; traceback++) {
        if (*traceback == '\n' || (begins && *traceback == ' ')) {
            begins = true;
            continue;
        }
        if (begins) {
            out[used++] = ';';
            out[used++] = ' ';
        }
        begins = false;
        out[used++] = *traceback;
    }
    out[used] = '\0';
}

/* Column, quoted line and caret; where the function begins when the failure has no line of its own.
 */
static void locate_failure(struct script_state *state, uint32_t function, struct error *err) {
    lua_State *lua = state->loader->lua;
    if (err->line == 0) {
        lua_Debug record;
        lua_rawgeti(lua, LUA_REGISTRYINDEX, state->references[function]);
        lua_getinfo(lua, ">S", &record);
        snprintf(err->file, sizeof err->file, "%s",
                 record.source[0] == '@' ? record.source + 1 : record.source);
        err->line = record.linedefined;
    }
    const struct script_file *file = loader_file(state->loader, err->file);
    if (file && err->column == 0) syntax_find_column(file, &state->places, err);
    arena_reset(&state->places, 0);
}

/* Logged once a minute and function, with the user's own line. */
void script_failed(struct script_state *state, uint32_t function, const struct error *err) {
    struct function *failed = state->program->functions[function];
    state->failures[function] = *err;
    state->failed_last = function;
    locate_failure(state, function, &state->failures[function]);
    err = &state->failures[function];
    uint64_t count = atomic_fetch_add(&failed->failures, 1) + 1;
    int64_t now = clock_wall_ms(), last = atomic_load(&failed->logged_ms);
    bool due = last == INT64_MIN || now - last >= LOG_EVERY_MS || now < last;
    if (!due || !atomic_compare_exchange_strong(&failed->logged_ms, &last, now)) return;
    char traceback[400];
    flatten(sandbox_traceback(state->loader->sandbox), traceback, sizeof traceback);
    char sentence[600];
    snprintf(sentence, sizeof sentence, "%s failed (%llu times so far)%s", failed->name,
             (unsigned long long)count, traceback);
    log_place(LOG_WARNING, "script", sentence, err);
}

bool script_call(struct script_state *state, uint32_t function, const struct script_call *call,
                 const struct lexicon *lexicon, int results) {
    lua_State *lua = state->loader->lua;
    struct error err;
    state->present.call = call;
    lua_rawgeti(lua, LUA_REGISTRYINDEX, state->references[function]);
    message_push(lua, &state->present);
    if (lexicon) lexicon_userdata_push(lua, lexicon);
    bool done = sandbox_call(state->loader->sandbox, lexicon ? 2 : 1, results, &err);
    if (done) return true;
    script_failed(state, function, &err);
    script_return(state);
    return false;
}

void script_return(struct script_state *state) {
    lua_settop(state->loader->lua, 0);
    state->present.call = NULL;
    state->present.serial++;
}
