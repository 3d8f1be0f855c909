/* script/compile.h: what a filter keeps, as a query or a function. */
#include "script/compile.h"
#include "script/value.h"

static bool read_keep(struct loader *loader, int content, const struct place *place,
                      struct slice name, struct program *program, struct filter_spec *spec,
                      struct error *err) {
    lua_State *lua = loader->lua;
    if (!value_push_member(lua, content, SLICE("keep")))
        return place_error(place, PLACE_VALUE, &loader->arena, err,
                           "a filter needs `keep`: a query, or a function of a message");
    const struct place *at = place_member(loader, place, SLICE("keep"), -1);
    bool function = lua_isfunction(lua, -1), text = lua_type(lua, -1) == LUA_TSTRING;
    bool good =
        function || text ||
        value_refuse(loader, lua_gettop(lua), at, "a query or a function of a message", err);
    if (text) good = value_text(loader, -1, at, &spec->query, err);
    lua_pop(lua, 1);
    spec->query_place = at;
    if (function)
        spec->function =
            program_add(program, at, arena_format(&loader->arena, "filter %.*s", SLICE_ARGS(name)));
    return good;
}

static bool read_fallback(struct loader *loader, int content, const struct place *place,
                          struct filter_spec *spec, struct error *err) {
    struct slice text = SLICE("keep");
    if (!value_text_member(loader, content, place, "on_error", &text, err)) return false;
    spec->keep_on_error = slice_is(text, "keep");
    if (spec->keep_on_error || slice_is(text, "drop")) return true;
    struct place at = { .up = place, .key = SLICE("on_error") };
    return place_error(&at, PLACE_VALUE, &loader->arena, err, "on_error is \"keep\" or \"drop\"");
}

bool compile_filter(struct loader *loader, int index, const struct place *place, struct slice name,
                    struct program *program, struct filter_spec *spec, struct error *err) {
    struct table_keys keys;
    *spec = (struct filter_spec){ 0 };
    declaration_push_content(loader->lua, index);
    int content = lua_gettop(loader->lua);
    bool done = value_keys(loader, content, place, "a table", &keys, err) &&
                value_known_keys(loader, &keys, filter_keys, "a filter", place, err) &&
                value_no_items(loader, &keys, "a filter takes names: keep = ...", place, err) &&
                read_keep(loader, content, place, name, program, spec, err) &&
                read_fallback(loader, content, place, spec, err);
    lua_settop(loader->lua, content - 1);
    return done;
}
