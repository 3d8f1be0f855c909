/* script/compile.h: a plugin by name, or the declaration itself. */
#include "script/compile.h"
#include "script/value.h"
#include <lauxlib.h>

const struct plugin_kind schema_plugins = { "schema", "schemas" };
const struct plugin_kind lexicon_plugins = { "lexicon", "lexicons" };
const struct plugin_kind scorer_plugins = { "scorer", "scorers" };
const struct plugin_kind filter_plugins = { "filter", "filters" };
const struct plugin_kind dialect_plugins = { "dialect", "dialects" };
const struct plugin_kind *const all_plugin_kinds[] = { &filter_plugins,  &scorer_plugins,
                                                       &schema_plugins,  &lexicon_plugins,
                                                       &dialect_plugins, NULL };

static bool is_made_by(lua_State *lua, int index, const char *maker) {
    const struct declaration *declaration = declaration_at(lua, index);
    return declaration && strcmp(declaration->maker, maker) == 0;
}

/* "finance" for config/scorers/finance.lua */
static struct slice file_name(const struct script_file *file) {
    const char *slash = strrchr(file->path, '/');
    struct slice name = slice_of(slash ? slash + 1 : file->path);
    if (slice_ends(name, SLICE(".lua"))) name.length -= 4;
    return name;
}

bool plugin_push_named(struct loader *loader, const struct plugin_kind *kind, struct slice name,
                       const struct script_file *skip, const struct place **place,
                       struct error *err) {
    if (!loader_push_plugin(loader, kind->folder, name, skip, err)) {
        if (err->line == 0 && err->file[0] == '\0')
            place_locate(*place, PLACE_VALUE, &loader->arena, err);
        return false;
    }
    const struct script_file *file = loader_origin(loader, -1);
    struct place *at = arena_zeroed(&loader->arena, 1, sizeof *at);
    const struct declaration *declaration = declaration_at(loader->lua, -1);
    *at = (struct place){ .file = declaration ? declaration->file : file,
                          .maker = declaration ? declaration->maker : NULL,
                          .line = declaration ? declaration->line : 0 };
    if (is_made_by(loader->lua, -1, kind->maker)) {
        *place = at;
        return true;
    }
    const struct place *wrong = at->file ? at : *place;
    return place_error(wrong, PLACE_VALUE, &loader->arena, err,
                       "%s/%.*s.lua returns no linnet.%s{}", kind->folder, SLICE_ARGS(name),
                       kind->maker);
}

bool plugin_push(struct loader *loader, const struct plugin_kind *kind, int index,
                 const struct script_file *skip, const struct place **place, struct slice *name,
                 struct error *err) {
    lua_State *lua = loader->lua;
    luaL_checkstack(lua, 20, "declarations in declarations");
    if (lua_type(lua, index) == LUA_TSTRING) {
        index = lua_absindex(lua, index);
        return value_text(loader, index, *place, name, err) &&
               plugin_push_named(loader, kind, *name, skip, place, err);
    }
    if (!is_made_by(lua, index, kind->maker)) {
        struct slice wanted = arena_format(&loader->arena, "the name of a %s or linnet.%s{}",
                                           kind->maker, kind->maker);
        return value_refuse(loader, index, *place, wanted.data, err);
    }
    const struct script_file *file = loader_origin(loader, index);
    *name = file ? file_name(file) : SLICE("");
    lua_pushvalue(lua, index);
    return true;
}
