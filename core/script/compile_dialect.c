/* script/compile.h: where a network's records have a post's parts. */
#include "script/compile.h"
#include "script/value.h"

static bool check_path(struct loader *loader, struct slice path, const struct place *place,
                       struct error *err) {
    bool step = false;
    for (size_t i = 0; i < path.length; i++) {
        if (path.data[i] == '.' && !step) break;
        step = path.data[i] != '.';
        if (i + 1 == path.length && step) return true;
    }
    return place_error(place, PLACE_VALUE, &loader->arena, err,
                       "\"%.*s\" is no path: members with one dot between them, \"user.id\"",
                       SLICE_ARGS(slice_first(path, 60)));
}

/* The text at `key`, a path; *path stays when there is none. */
static bool read_path(struct loader *loader, int table, const struct place *place, const char *key,
                      struct slice *path, struct error *err) {
    struct place at = { .up = place, .key = slice_of(key) };
    if (!value_text_member(loader, table, place, key, path, err)) return false;
    return path->length == 0 || check_path(loader, *path, &at, err);
}

static bool read_has(struct loader *loader, int table, const struct place *place,
                     struct dialect_spec *spec, struct error *err) {
    lua_State *lua = loader->lua;
    struct table_keys keys;
    if (!value_push_member(lua, table, SLICE("has")))
        return place_error(place, PLACE_VALUE, &loader->arena, err,
                           "a dialect needs `has`: members that only its records have");
    const struct place *at = place_member(loader, place, SLICE("has"), -1);
    int list = lua_gettop(lua);
    if (!value_keys(loader, list, at, "a list of paths", &keys, err) ||
        !value_no_names(loader, &keys, "a list of paths", at, err))
        return false;
    if (keys.item_count < 1 || keys.item_count > DIALECT_MAX_HAS)
        return place_error(at, PLACE_VALUE, &loader->arena, err, "`has` lists 1 to %d paths",
                           DIALECT_MAX_HAS);
    for (long long i = 1; i <= keys.item_count; i++) {
        lua_rawgeti(lua, list, i);
        const struct place *item = place_item(loader, at, i, -1);
        if (!value_text(loader, -1, item, &spec->has[i - 1], err) ||
            !check_path(loader, spec->has[i - 1], item, err))
            return false;
        lua_pop(lua, 1);
    }
    spec->has_count = (size_t)keys.item_count;
    lua_pop(lua, 1);
    return true;
}

static bool read_format(struct loader *loader, int table, const struct place *place,
                        struct dialect_spec *spec, struct error *err) {
    static const char *const names[] = { "iso8601", "epoch_millis", "epoch_seconds" };
    struct slice format = slice_of(names[0]);
    if (!value_text_member(loader, table, place, "format", &format, err)) return false;
    for (size_t i = 0; i < LENGTH(names); i++) {
        spec->created = (enum created_format)i;
        if (slice_is(format, names[i])) return true;
    }
    struct place at = { .up = place, .key = SLICE("format") };
    return place_error(&at, PLACE_VALUE, &loader->arena, err,
                       "format is \"iso8601\", \"epoch_millis\" or \"epoch_seconds\"");
}

/* A path, or { PATH, format = ... }. */
static bool read_created(struct loader *loader, int table, const struct place *place,
                         struct dialect_spec *spec, struct error *err) {
    lua_State *lua = loader->lua;
    struct slice *path = &spec->paths[DECLARED_CREATED];
    struct table_keys keys;
    if (!value_push_member(lua, table, SLICE("created"))) return true;
    const struct place *at = place_member(loader, place, SLICE("created"), -1);
    int value = lua_gettop(lua);
    if (lua_type(lua, value) == LUA_TSTRING) {
        lua_pop(lua, 1);
        return read_path(loader, table, place, "created", path, err);
    }
    if (!value_keys(loader, value, at, "a path, or { PATH, format = \"iso8601\" }", &keys, err) ||
        !value_known_keys(loader, &keys, created_keys, "created", at, err))
        return false;
    if (keys.item_count != 1)
        return place_error(at, PLACE_VALUE, &loader->arena, err,
                           "created is { PATH, format = \"iso8601\" }");
    lua_rawgeti(lua, value, 1);
    const struct place *item = place_item(loader, at, 1, -1);
    if (!value_text(loader, -1, item, path, err) || !check_path(loader, *path, item, err) ||
        !read_format(loader, value, at, spec, err))
        return false;
    lua_pop(lua, 2);
    return true;
}

static bool read_author(struct loader *loader, int table, const struct place *place,
                        struct dialect_spec *spec, struct error *err) {
    lua_State *lua = loader->lua;
    struct table_keys keys;
    if (!value_push_member(lua, table, SLICE("author"))) return true;
    const struct place *at = place_member(loader, place, SLICE("author"), -1);
    int value = lua_gettop(lua);
    bool done = value_keys(loader, value, at, "a table such as { id = \"user.id\" }", &keys, err) &&
                value_known_keys(loader, &keys, author_keys, "author", at, err) &&
                value_no_items(loader, &keys, "author takes names: id = ...", at, err) &&
                read_path(loader, value, at, "id", &spec->paths[DECLARED_AUTHOR_ID], err) &&
                read_path(loader, value, at, "handle", &spec->paths[DECLARED_AUTHOR_HANDLE], err) &&
                read_path(loader, value, at, "name", &spec->paths[DECLARED_AUTHOR_NAME], err);
    lua_pop(lua, 1);
    return done;
}

static bool read_network(struct loader *loader, int table, const struct place *place,
                         struct dialect_spec *spec, struct error *err) {
    struct slice name = SLICE("");
    if (!value_text_member(loader, table, place, "network", &name, err)) return false;
    if (name.length == 0)
        return place_error(place, PLACE_VALUE, &loader->arena, err,
                           "a dialect needs `network`: what message.network will be");
    spec->network = name;
    bool good = name.length <= DIALECT_MAX_NETWORK_BYTES;
    for (size_t i = 0; i < name.length; i++) {
        char byte = name.data[i];
        good &= (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '_' ||
                byte == '-';
    }
    struct place at = { .up = place, .key = SLICE("network") };
    return good || place_error(&at, PLACE_VALUE, &loader->arena, err,
                               "a network's name has up to %d of a-z, 0-9, \"_\" and \"-\"",
                               DIALECT_MAX_NETWORK_BYTES);
}

static bool read_paths(struct loader *loader, int table, const struct place *place,
                       struct dialect_spec *spec, struct error *err) {
    static const struct {
        const char *key;
        enum declared_path path;
    } plain[] = { { "id", DECLARED_ID },
                  { "text", DECLARED_TEXT },
                  { "lang", DECLARED_LANG },
                  { "hashtags", DECLARED_HASHTAGS },
                  { "mentions", DECLARED_MENTIONS },
                  { "urls", DECLARED_URLS } };
    for (size_t i = 0; i < LENGTH(plain); i++)
        if (!read_path(loader, table, place, plain[i].key, &spec->paths[plain[i].path], err))
            return false;
    return spec->paths[DECLARED_TEXT].length ||
           place_error(place, PLACE_VALUE, &loader->arena, err,
                       "a dialect needs `text`: the path of a post's text");
}

bool compile_dialect(struct loader *loader, int index, const struct place *place,
                     struct dialect_spec *spec, struct error *err) {
    struct table_keys keys;
    *spec = (struct dialect_spec){ 0 };
    declaration_push_content(loader->lua, index);
    int content = lua_gettop(loader->lua);
    bool done = value_keys(loader, content, place, "a table", &keys, err) &&
                value_known_keys(loader, &keys, dialect_keys, "a dialect", place, err) &&
                value_no_items(loader, &keys, "a dialect takes names: text = ...", place, err) &&
                read_network(loader, content, place, spec, err) &&
                read_has(loader, content, place, spec, err) &&
                read_paths(loader, content, place, spec, err) &&
                read_created(loader, content, place, spec, err) &&
                read_author(loader, content, place, spec, err);
    lua_settop(loader->lua, content - 1);
    return done;
}
