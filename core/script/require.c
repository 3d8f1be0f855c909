/* script/require.h: names are checked first; no name leads out of the folders it is looked for in.
 */
#include "script/require.h"
#include "base/os.h"
#include <lauxlib.h>
#include <stdlib.h>

/* Names of files that may have been meant. */
#define MAX_NAMES 1000

struct names {
    struct arena *arena;
    struct slice wanted; /* which is not found, though a file that may not be taken has the name */
    const char **items;  /* MAX_NAMES */
    size_t count;
};

/* Letters, digits, "_" and "-", in steps that one dot separates. */
static bool name_is_safe(struct slice name, bool dots) {
    bool step = false;
    for (size_t i = 0; i < name.length; i++) {
        char byte = name.data[i];
        bool dot = byte == '.';
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                      (byte >= '0' && byte <= '9') || byte == '_' || byte == '-';
        if (!letter && !(dot && dots && step)) return false;
        step = letter;
    }
    return step && name.length <= 100;
}

static void add_name(void *context, const char *file) {
    struct names *names = context;
    struct slice name = slice_of(file);
    if (!slice_ends(name, SLICE(".lua")) || slice_ends(name, SLICE("_test.lua"))) return;
    name.length -= 4;
    bool other = name_is_safe(name, false) && !slice_equal(name, names->wanted);
    if (other && names->count < MAX_NAMES)
        names->items[names->count++] = arena_copy(names->arena, name).data;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *name_at(const void *context, size_t i) {
    const struct names *names = context;
    return i < names->count ? names->items[i] : NULL;
}

/* "did you mean", by what is in the folders; a folder that is not there has nothing. */
static void suggest_file(struct loader *loader, const char *const *folders, size_t count,
                         struct slice name, struct error *err) {
    struct names names = { .arena = &loader->arena, .wanted = name };
    if (loader->setup.sealed) return;
    names.items = arena_alloc(names.arena, MAX_NAMES * sizeof *names.items);
    for (size_t i = 0; i < count; i++)
        if (folders[i]) (void)!os_list_folder(folders[i], add_name, &names);
    if (names.count) qsort(names.items, names.count, sizeof *names.items, compare_names);
    const char *near = nearest_name(name, name_at, &names);
    if (near) error_suggest(err, "did you mean \"%s\"?", near);
}

/* The first of the folders that has NAME.lua; NULL when none does. `seen` gets where it looked. */
static const char *find_file(struct loader *loader, const char *const *folders, size_t count,
                             struct slice name, const struct script_file *skip,
                             struct slice *seen) {
    struct arena *arena = &loader->arena;
    const char *file = arena_format(arena, "%.*s.lua", SLICE_ARGS(name)).data;
    for (size_t i = 0; i < count; i++) {
        if (folders[i] == NULL) continue;
        const char *path = path_join(arena, folders[i], file);
        if (skip && strcmp(path, skip->path) == 0) continue;
        if (loader_has(loader, path)) return path;
        if (loader->inputs) inputs_add_missing(loader->inputs, path);
        *seen =
            arena_format(arena, "%.*s%s%s", SLICE_ARGS(*seen), seen->length ? " or " : "", path);
    }
    return NULL;
}

static const char *shared(struct loader *loader, const char *below) {
    return loader->setup.share ? path_join(&loader->arena, loader->setup.share, below) : NULL;
}

static const char *beside(struct loader *loader, const char *below) {
    return loader->setup.folder ? path_join(&loader->arena, loader->setup.folder, below) : NULL;
}

bool loader_push_plugin(struct loader *loader, const char *kind, struct slice name,
                        const struct script_file *skip, struct error *err) {
    int singular = (int)strlen(kind) - 1;
    if (!name_is_safe(name, false))
        return error_set(err, ERROR_CONFIG,
                         "\"%.*s\" is no name of a %.*s: letters, digits, \"_\" and \"-\"",
                         SLICE_ARGS(slice_first(name, 60)), singular, kind);
    const char *below = arena_format(&loader->arena, "plugins/%s", kind).data;
    const char *folders[] = { beside(loader, kind), shared(loader, below) };
    struct slice seen = SLICE("");
    const char *path = find_file(loader, folders, LENGTH(folders), name, skip, &seen);
    if (path) return loader_push_file(loader, path, err);
    error_set(err, ERROR_CONFIG, "there is no %.*s \"%.*s\": looked for %.*s", singular, kind,
              SLICE_ARGS(name), SLICE_ARGS(seen));
    suggest_file(loader, folders, LENGTH(folders), name, err);
    return false;
}

/* "lexicons.finance" → "lexicons/finance" */
static struct slice module_path(struct loader *loader, struct slice name) {
    struct slice copy = arena_copy(&loader->arena, name);
    for (size_t i = 0; i < copy.length; i++)
        if (copy.data[i] == '.') ((char *)copy.data)[i] = '/'; /* our own copy */
    return copy;
}

/* A file that returns nothing is most often one that an editor is about to fill: taken as it is, a
 * `track` of it would be no track, which keeps everything. */
static bool push_returned(struct loader *loader, const char *path, struct error *err) {
    if (!loader_push_file(loader, path, err)) return false;
    if (!lua_isnil(loader->lua, -1)) return true;
    error_set(err, ERROR_CONFIG, "this file is required and returns nothing");
    const struct script_file *file = loader_file(loader, path);
    if (file) error_locate(err, file->path, file->text, 0);
    error_suggest(err, "end it with what it declares, such as return { ... }");
    return false;
}

static bool push_module(struct loader *loader, struct slice name, struct error *err) {
    if (!name_is_safe(name, true))
        return error_set(err, ERROR_CONFIG,
                         "\"%.*s\" cannot be required: a name is like \"track\" or "
                         "\"lexicons.finance\"",
                         SLICE_ARGS(slice_first(name, 60)));
    const char *folders[] = { loader->setup.folder, shared(loader, "plugins"),
                              shared(loader, "lua") };
    struct slice seen = SLICE("");
    const char *path =
        find_file(loader, folders, LENGTH(folders), module_path(loader, name), NULL, &seen);
    if (path) return push_returned(loader, path, err);
    error_set(err, ERROR_CONFIG, "there is no \"%.*s\" to require: looked for %.*s",
              SLICE_ARGS(name), SLICE_ARGS(seen));
    suggest_file(loader, folders, LENGTH(folders), name, err);
    return false;
}

/* upvalue: the loader */
static int require(lua_State *lua) {
    struct loader *loader = lua_touserdata(lua, lua_upvalueindex(1));
    struct error err = { 0 };
    size_t length = 0;
    const char *name = lua_type(lua, 1) == LUA_TSTRING ? lua_tolstring(lua, 1, &length) : NULL;
    if (name == NULL)
        error_set(&err, ERROR_CONFIG, "require takes the name of a file as text");
    else if (push_module(loader, slice_from(name, length), &err))
        return 1;
    if (err.line == 0) sandbox_place(lua, &err);
    sandbox_raise(lua, &err);
}

void require_push(struct loader *loader) {
    lua_pushlightuserdata(loader->lua, loader);
    lua_pushcclosure(loader->lua, require, 1);
}
