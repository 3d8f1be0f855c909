/* script/value.h */
#include "script/value.h"
#include "base/utf8.h"
#include "script/declaration.h"
#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>

#define MAX_KEYS 1000000

/* Makes the step a root when the value remembers where it comes from. */
static void place_enter(struct loader *loader, struct place *place, int index) {
    const struct declaration *declaration = declaration_at(loader->lua, index);
    place->file = declaration ? declaration->file : loader_origin(loader, index);
    if (declaration == NULL) return;
    place->maker = declaration->maker;
    place->line = declaration->line;
}

const struct place *place_member(struct loader *loader, const struct place *up, struct slice key,
                                 int index) {
    struct place *place = arena_zeroed(&loader->arena, 1, sizeof *place);
    *place = (struct place){ .up = up, .key = key };
    place_enter(loader, place, index);
    return place;
}

const struct place *place_item(struct loader *loader, const struct place *up, long long item,
                               int index) {
    struct place *place = arena_zeroed(&loader->arena, 1, sizeof *place);
    *place = (struct place){ .up = up, .item = item };
    place_enter(loader, place, index);
    return place;
}

static const char *value_describe(struct loader *loader, int index) {
    const struct declaration *declaration = declaration_at(loader->lua, index);
    if (declaration) return arena_format(&loader->arena, "linnet.%s", declaration->maker).data;
    switch (lua_type(loader->lua, index)) {
    case LUA_TNIL: return "nothing";
    case LUA_TBOOLEAN: return lua_toboolean(loader->lua, index) ? "true" : "false";
    case LUA_TNUMBER: return "a number";
    case LUA_TSTRING: return "text";
    case LUA_TTABLE: return "a table";
    default: return "a function";
    }
}

bool value_refuse(struct loader *loader, int index, const struct place *place, const char *wanted,
                  struct error *err) {
    if (lua_isfunction(loader->lua, index) && !lua_iscfunction(loader->lua, index))
        return place_error(place, PLACE_VALUE, &loader->arena, err,
                           "this is data: no function goes here");
    struct slice name = place_name(place, &loader->arena);
    if (name.length == 0) name = SLICE("this");
    return place_error(place, PLACE_VALUE, &loader->arena, err, "%.*s takes %s, not %s",
                       SLICE_ARGS(slice_first(name, 120)), wanted, value_describe(loader, index));
}

static int compare_names(const void *a, const void *b) {
    const struct slice *left = a, *right = b;
    int order = memcmp(left->data, right->data, MIN(left->length, right->length));
    if (order) return order;
    return (left->length > right->length) - (left->length < right->length);
}

static bool refuse_key(struct loader *loader, const struct place *place, struct error *err,
                       const char *sentence) {
    return place_error(place, PLACE_VALUE, &loader->arena, err, "%s", sentence);
}

/* Counts the keys, so that the names can be stored in one piece. */
static bool count_keys(struct loader *loader, int index, const struct place *place,
                       struct table_keys *keys, struct error *err) {
    lua_State *lua = loader->lua;
    *keys = (struct table_keys){ 0 };
    lua_Integer highest = 0;
    for (lua_pushnil(lua); lua_next(lua, index);) {
        lua_pop(lua, 1);
        if (lua_isinteger(lua, -1)) {
            highest = MAX(highest, lua_tointeger(lua, -1));
            keys->item_count++;
        } else if (lua_type(lua, -1) == LUA_TSTRING) {
            keys->name_count++;
        } else {
            return refuse_key(loader, place, err, "a key here is neither a name nor a number");
        }
    }
    if (highest != keys->item_count)
        return refuse_key(loader, place, err, "this list has holes: items count from 1");
    if (keys->name_count + (size_t)keys->item_count > MAX_KEYS)
        return refuse_key(loader, place, err, "this table has more than a million entries");
    return true;
}

bool value_keys(struct loader *loader, int index, const struct place *place, const char *what,
                struct table_keys *keys, struct error *err) {
    lua_State *lua = loader->lua;
    if (!lua_istable(lua, index)) return value_refuse(loader, index, place, what, err);
    luaL_checkstack(lua, 20, "tables in tables");
    index = lua_absindex(lua, index);
    if (!count_keys(loader, index, place, keys, err)) return false;
    keys->names = arena_alloc(&loader->arena, keys->name_count * sizeof *keys->names);
    size_t at = 0;
    for (lua_pushnil(lua); lua_next(lua, index);) {
        lua_pop(lua, 1);
        if (lua_type(lua, -1) != LUA_TSTRING) continue;
        struct slice name;
        name.data = lua_tolstring(lua, -1, &name.length);
        keys->names[at++] = arena_copy(&loader->arena, name);
    }
    if (at) qsort(keys->names, at, sizeof *keys->names, compare_names);
    return true;
}

static bool is_listed(const struct known_key *list, struct slice name) {
    for (; list->name; list++)
        if (slice_is(name, list->name)) return true;
    return false;
}

bool value_known_keys(struct loader *loader, const struct table_keys *keys,
                      const struct known_key *known, const char *of, const struct place *place,
                      struct error *err) {
    for (size_t i = 0; i < keys->name_count; i++) {
        struct slice name = keys->names[i];
        if (is_listed(known, name)) continue;
        struct place at = { .up = place, .key = name };
        place_error(&at, PLACE_KEY, &loader->arena, err, "%s has no \"%.*s\"", of,
                    SLICE_ARGS(slice_first(name, 60)));
        const char *near = nearest_name(name, known_key_name, known);
        if (near) error_suggest(err, "did you mean \"%s\"?", near);
        return false;
    }
    return true;
}

bool value_no_items(struct loader *loader, const struct table_keys *keys, const char *sentence,
                    const struct place *place, struct error *err) {
    if (keys->item_count == 0) return true;
    struct place at = { .up = place, .item = 1 };
    return place_error(&at, PLACE_VALUE, &loader->arena, err, "%s", sentence);
}

bool value_no_names(struct loader *loader, const struct table_keys *keys, const char *what,
                    const struct place *place, struct error *err) {
    if (keys->name_count == 0) return true;
    struct place at = { .up = place, .key = keys->names[0] };
    struct slice name = place_name(place, &loader->arena);
    return place_error(&at, PLACE_KEY, &loader->arena, err, "%.*s takes %s, without names",
                       SLICE_ARGS(slice_first(name, 120)), what);
}

bool value_push_member(lua_State *lua, int index, struct slice key) {
    index = lua_absindex(lua, index);
    lua_pushlstring(lua, key.data, key.length);
    if (lua_rawget(lua, index) != LUA_TNIL) return true;
    lua_pop(lua, 1);
    return false;
}

bool value_text(struct loader *loader, int index, const struct place *place, struct slice *text,
                struct error *err) {
    if (lua_type(loader->lua, index) != LUA_TSTRING)
        return value_refuse(loader, index, place, "text", err);
    struct slice found;
    found.data = lua_tolstring(loader->lua, index, &found.length);
    if (found.length == 0)
        return place_error(place, PLACE_VALUE, &loader->arena, err, "this text is empty");
    if (memchr(found.data, '\0', found.length) || !utf8_valid(found))
        return place_error(place, PLACE_VALUE, &loader->arena, err,
                           "this text is not UTF-8 or holds a NUL byte");
    *text = arena_copy(&loader->arena, found);
    return true;
}

bool value_number(struct loader *loader, int index, const struct place *place, double *number,
                  struct error *err) {
    if (lua_type(loader->lua, index) != LUA_TNUMBER)
        return value_refuse(loader, index, place, "a number", err);
    *number = lua_tonumber(loader->lua, index);
    if (isfinite(*number)) return true;
    return place_error(place, PLACE_VALUE, &loader->arena, err, "this is no finite number");
}

bool value_text_member(struct loader *loader, int index, const struct place *place, const char *key,
                       struct slice *text, struct error *err) {
    if (!value_push_member(loader->lua, index, slice_of(key))) return true;
    const struct place *at = place_member(loader, place, slice_of(key), lua_gettop(loader->lua));
    bool done = value_text(loader, -1, at, text, err);
    lua_pop(loader->lua, 1);
    return done;
}
