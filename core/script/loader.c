/* script/loader.h: reading, running, remembering, and columns for Lua's own errors. */
#include "script/loader.h"
#include "base/alloc.h"
#include "base/os.h"
#include "base/utf8.h"
#include "script/environment.h"
#include "script/syntax.h"
#include <errno.h>
#include <lauxlib.h>

#define MAX_FILE_BYTES ((size_t)16 << 20)
#define MAX_PATH_BYTES ((size_t)500) /* fits an error's file */

enum file_state { FILE_RUNNING, FILE_DONE };

struct loaded_file {
    struct script_file file;
    enum file_state state;
    int value; /* reference in the registry, once done */
    char *bytes;
    struct loaded_file *next;
};

static const char origins_key; /* registry: value that a file returned → its script_file */

struct loader *loader_create(const struct loader_setup *setup) {
    struct sandbox *sandbox = sandbox_create(setup->limits ? setup->limits : &configuration_limits);
    if (sandbox == NULL) return NULL;
    struct loader *loader = memory_zeroed(1, sizeof *loader);
    arena_init(&loader->arena);
    loader->setup = *setup;
    loader->sandbox = sandbox;
    loader->lua = sandbox_lua(sandbox);
    return loader;
}

void loader_destroy(struct loader *loader) {
    if (loader == NULL) return;
    sandbox_destroy(loader->sandbox);
    for (struct loaded_file *file = loader->files; file; file = file->next)
        memory_free(file->bytes);
    arena_free(&loader->arena);
    memory_free(loader);
}

static struct loaded_file *find_loaded(const struct loader *loader, const char *path) {
    struct loaded_file *file = loader->files;
    while (file && strcmp(file->file.path, path) != 0)
        file = file->next;
    return file;
}

const struct script_file *loader_file(const struct loader *loader, const char *path) {
    const struct loaded_file *file = find_loaded(loader, path);
    return file ? &file->file : NULL;
}

size_t loader_file_count(const struct loader *loader) {
    size_t count = 0;
    for (const struct loaded_file *file = loader->files; file; file = file->next)
        count++;
    return count;
}

const struct script_file *loader_file_at(const struct loader *loader, size_t index) {
    const struct loaded_file *file = loader->files;
    while (index-- > 0)
        file = file->next;
    return &file->file;
}

/* NULL when the setup has no such text. */
static const struct script_file *given_text(const struct loader *loader, const char *path) {
    for (size_t i = 0; i < loader->setup.text_count; i++)
        if (strcmp(loader->setup.texts[i].path, path) == 0) return &loader->setup.texts[i];
    return NULL;
}

bool loader_has(const struct loader *loader, const char *path) {
    struct os_info info;
    if (given_text(loader, path)) return true;
    if (loader->setup.sealed) return false;
    return !os_stat(path, &info) || info.kind != OS_MISSING;
}

bool loader_run(struct loader *loader, bool (*body)(void *context, struct error *err),
                void *context, struct error *err) {
    if (sandbox_run(loader->sandbox, body, context, err)) return true;
    const struct script_file *file = loader_file(loader, err->file);
    if (file && err->line && err->column == 0) syntax_find_column(file, &loader->arena, err);
    return false;
}

static struct loaded_file *read_failed(const char *path, struct error *err) {
    if (errno == EFBIG)
        error_set(err, ERROR_CONFIG, "%s is larger than %zu MiB", path, MAX_FILE_BYTES >> 20);
    else
        error_set(err, ERROR_CONFIG, "cannot read %s: %s", path, strerror(errno));
    return NULL;
}

static size_t first_broken_byte(struct slice text) {
    size_t good = 0, at = 0;
    while (at < text.length) {
        size_t length = utf8_sequence_length((unsigned char)text.data[at]);
        if (length == 0 || !utf8_valid(slice_first(slice_skip(text, at), length))) break;
        good = at += length;
    }
    return good;
}

static struct loaded_file *add_file(struct loader *loader, const char *path, char *bytes,
                                    struct slice text) {
    struct loaded_file *file = arena_zeroed(&loader->arena, 1, sizeof *file);
    bool marked = slice_starts(text, SLICE("\xEF\xBB\xBF")); /* what some editors put first */
    *file = (struct loaded_file){
        .file = { arena_copy(&loader->arena, slice_of(path)).data,
                  slice_skip(text, marked ? 3 : 0) },
        .bytes = bytes,
        .next = loader->files,
    };
    loader->files = file;
    return file;
}

static struct loaded_file *read_file(struct loader *loader, const char *path, struct error *err) {
    if (strlen(path) > MAX_PATH_BYTES) {
        error_set(err, ERROR_CONFIG, "this path is longer than %zu bytes", MAX_PATH_BYTES);
        return NULL;
    }
    const struct script_file *given = given_text(loader, path);
    if (given) return add_file(loader, path, NULL, given->text);
    if (loader->setup.sealed) {
        error_set(err, ERROR_CONFIG, "%s was not there when this was proven", path);
        return NULL;
    }
    size_t length = 0;
    char *bytes = os_read_file(path, MAX_FILE_BYTES, &length);
    if (loader->inputs && bytes) inputs_add(loader->inputs, path, slice_from(bytes, length));
    if (loader->inputs && bytes == NULL) inputs_add_missing(loader->inputs, path);
    if (bytes == NULL) return read_failed(path, err);
    struct loaded_file *file = add_file(loader, path, bytes, slice_from(bytes, length));
    if (utf8_valid(file->file.text)) return file;
    error_set(err, ERROR_CONFIG, "this is not UTF-8");
    error_locate(err, file->file.path, file->file.text, first_broken_byte(file->file.text));
    return NULL;
}

static void remember_origin(lua_State *lua, const struct script_file *file) {
    if (lua_rawgetp(lua, LUA_REGISTRYINDEX, &origins_key) == LUA_TNIL) {
        lua_pop(lua, 1);
        lua_newtable(lua);
        lua_pushvalue(lua, -1);
        lua_rawsetp(lua, LUA_REGISTRYINDEX, &origins_key);
    }
    lua_pushvalue(lua, -2);
    lua_pushlightuserdata(lua, (void *)file); /* only read again */
    lua_rawset(lua, -3);
    lua_pop(lua, 1);
}

const struct script_file *loader_origin(struct loader *loader, int index) {
    lua_State *lua = loader->lua;
    int at = lua_absindex(lua, index);
    const struct script_file *file = NULL;
    if (!lua_istable(lua, at) && !lua_isuserdata(lua, at)) return NULL;
    if (lua_rawgetp(lua, LUA_REGISTRYINDEX, &origins_key) == LUA_TTABLE) {
        lua_pushvalue(lua, at);
        lua_rawget(lua, -2);
        file = lua_touserdata(lua, -1);
        lua_pop(lua, 1);
    }
    lua_pop(lua, 1);
    return file;
}

/* Runs the file; what it returned is on top of the stack and remembered. */
static bool run_file(struct loader *loader, struct loaded_file *file, struct error *err) {
    lua_State *lua = loader->lua;
    const char *name = arena_format(&loader->arena, "@%s", file->file.path).data;
    struct slice text = file->file.text;
    if (luaL_loadbufferx(lua, text.data, text.length, name, "t") != LUA_OK)
        return syntax_error(lua, &file->file, &loader->arena, err);
    environment_push(loader, file->file.path);
    lua_setupvalue(lua, -2, 1); /* a main chunk's only upvalue is _ENV */
    lua_call(lua, 0, 1);
    if (lua_istable(lua, -1) || lua_isuserdata(lua, -1)) remember_origin(lua, &file->file);
    lua_pushvalue(lua, -1);
    file->value = luaL_ref(lua, LUA_REGISTRYINDEX);
    file->state = FILE_DONE;
    return true;
}

bool loader_push_file(struct loader *loader, const char *path, struct error *err) {
    luaL_checkstack(loader->lua, 20, "files require each other too deeply");
    struct loaded_file *file = find_loaded(loader, path);
    if (file && file->state == FILE_RUNNING)
        return error_set(err, ERROR_CONFIG, "this requires itself: %s is still being read", path);
    if (file) {
        lua_rawgeti(loader->lua, LUA_REGISTRYINDEX, file->value);
        return true;
    }
    file = read_file(loader, path, err);
    return file && run_file(loader, file, err);
}

const char *path_join(struct arena *arena, const char *folder, const char *name) {
    size_t length = strlen(folder);
    if (length == 0 || name[0] == '/') return name;
    const char *slash = folder[length - 1] == '/' ? "" : "/";
    return arena_format(arena, "%s%s%s", folder, slash, name).data;
}

const char *path_folder(struct arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL) return "";
    size_t length = slash == path ? 1 : (size_t)(slash - path);
    return arena_copy(arena, slice_from(path, length)).data;
}
