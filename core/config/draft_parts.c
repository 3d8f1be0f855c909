/* config/draft.h: the sources and sinks that a configuration declares. */
#include "config/draft.h"
#include "script/declaration.h"
#include "script/value.h"

/* Whether the value suits the type; numbers and booleans then become text, as on the command line.
 */
static bool value_suits(lua_State *lua, int index, enum option_type type) {
    switch (type) {
    case OPTION_TEXT:
    case OPTION_PATH:
    case OPTION_CHOICE: return lua_type(lua, index) == LUA_TSTRING;
    case OPTION_INTEGER:
    case OPTION_NUMBER: return lua_type(lua, index) == LUA_TNUMBER;
    case OPTION_BYTES:
    case OPTION_DURATION:
        return lua_type(lua, index) == LUA_TNUMBER || lua_type(lua, index) == LUA_TSTRING;
    case OPTION_LIST: return lua_type(lua, index) == LUA_TSTRING || lua_istable(lua, index);
    case OPTION_SECRET:
    case OPTION_BOOLEAN: break;
    }
    return lua_isboolean(lua, index);
}

/* What stands there may be the secret itself: an error does not quote it. */
static bool set_secret(struct draft *draft, const struct option *option, void *settings, int index,
                       const char *folder, const struct place *place, struct error *err) {
    lua_State *lua = draft->loader->lua;
    const struct declaration *declaration = declaration_at(lua, index);
    struct slice text = SLICE("");
    bool said = declaration && strcmp(declaration->maker, "secret") == 0;
    if (said) declaration_push_content(lua, index);
    if (said && lua_type(lua, -1) == LUA_TSTRING) text.data = lua_tolstring(lua, -1, &text.length);
    bool set = option_set_text(option, settings, text, folder, draft->arena, err);
    if (said) lua_pop(lua, 1);
    if (set) return true;
    place_locate(place, PLACE_VALUE, &draft->loader->arena, err);
    err->quoted[0] = '\0';
    err->caret = 0;
    return false;
}

static struct slice value_as_text(struct draft *draft, int index) {
    lua_State *lua = draft->loader->lua;
    lua_Number number = lua_tonumber(lua, index);
    struct slice text;
    if (lua_isboolean(lua, index)) return slice_of(lua_toboolean(lua, index) ? "true" : "false");
    if (lua_type(lua, index) == LUA_TNUMBER && lua_isinteger(lua, index))
        return arena_format(draft->arena, "%lld", (long long)lua_tointeger(lua, index));
    if (lua_type(lua, index) == LUA_TNUMBER) return arena_format(draft->arena, "%.17g", number);
    text.data = lua_tolstring(lua, index, &text.length);
    return text;
}

/* Texts and numbers of a list, joined by commas. */
static bool list_as_text(struct draft *draft, const struct option *option, int index,
                         const struct place *place, struct slice *text, struct error *err) {
    struct loader *loader = draft->loader;
    *text = SLICE("");
    for (lua_Unsigned i = 1; i <= lua_rawlen(loader->lua, index); i++) {
        lua_rawgeti(loader->lua, index, (lua_Integer)i);
        int type = lua_type(loader->lua, -1), top = lua_gettop(loader->lua);
        const struct place *at = place_item(loader, place, (long long)i, -1);
        struct slice item = SLICE("");
        if (type == LUA_TNUMBER && !lua_isinteger(loader->lua, top))
            item = arena_format(draft->arena, "%.12g", lua_tonumber(loader->lua, top));
        else if (type == LUA_TSTRING || type == LUA_TNUMBER)
            item = value_as_text(draft, top);
        if (item.length == 0 || memchr(item.data, ',', item.length))
            return value_refuse(loader, top, at, option_takes(option, &loader->arena), err);
        *text = arena_format(draft->arena, "%.*s%s%.*s", SLICE_ARGS(*text), i > 1 ? "," : "",
                             SLICE_ARGS(item));
        lua_pop(loader->lua, 1);
    }
    return true;
}

bool option_set_value(struct draft *draft, const struct option *option, void *settings, int index,
                      const struct place *place, struct error *err) {
    struct arena *arena = &draft->loader->arena;
    bool secret = option->type == OPTION_SECRET;
    if (!secret && !value_suits(draft->loader->lua, index, option->type))
        return value_refuse(draft->loader, index, place, option_takes(option, arena), err);
    const char *folder = draft->folder;
    for (const struct place *at = place; at; at = at->up)
        if (at->file) {
            folder = path_folder(arena, at->file->path);
            break;
        }
    if (secret) return set_secret(draft, option, settings, index, folder, place, err);
    struct slice text;
    if (lua_istable(draft->loader->lua, index)) {
        if (!list_as_text(draft, option, index, place, &text, err)) return false;
    } else
        text = value_as_text(draft, index);
    if (option_set_text(option, settings, text, folder, draft->arena, err)) return true;
    place_locate(place, PLACE_VALUE, arena, err);
    return false;
}

struct part_reading {
    struct draft *draft;
    const struct part_kind *const *kinds;
    const char *what; /* "source" */
    struct error *err;
};

static bool is_part_name(struct slice name) {
    for (size_t i = 0; i < name.length; i++) {
        char byte = name.data[i];
        bool good = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                    (byte >= '0' && byte <= '9') || byte == '_' || byte == '-';
        if (!good) return false;
    }
    return name.length > 0 && name.length <= 60;
}

/* What it has, where no name is near. */
static void suggest_names(const struct part_reading *reading, const struct part_kind *kind,
                          struct error *err) {
    const struct option_table *tables[] = { &kind->options, &sink_options };
    bool sink = strcmp(reading->what, "sink") == 0;
    struct arena *arena = &reading->draft->loader->arena;
    struct slice names = SLICE("");
    for (size_t table = 0; table < (sink ? 2 : 1); table++) {
        if (table == 1) names = ARENA_JOIN(arena, names, SLICE(", schema"));
        for (size_t i = 0; i < tables[table]->count; i++)
            names =
                arena_format(arena, "%.*s, %s", SLICE_ARGS(names), tables[table]->options[i].name);
    }
    if (names.length == 0) return;
    names = slice_skip(names, 2);
    size_t most = 120;
    bool cut = names.length > most;
    while (cut && names.data[most] != ',')
        most--;
    error_suggest(err, "it has %.*s%s", SLICE_ARGS(slice_first(names, most)),
                  cut ? " and more: `linnet help run`" : "");
}

/* The option of this name, of the part's kind or of all sinks, and what it is set in; NULL with the
 * error. */
static const struct option *find_option(struct part_reading *reading, struct part_draft *part,
                                        struct slice key, void **settings) {
    const struct option_table *own = &part->kind->options;
    const char *of =
        arena_format(&reading->draft->loader->arena, "linnet.%s", part->kind->name).data;
    struct error of_all = { 0 };
    *settings = &part->sink;
    if (strcmp(reading->what, "sink") == 0) {
        const struct option *common = option_find(&sink_options, key, of, &of_all);
        if (common) return common;
    }
    *settings = part->settings;
    const struct option *option = option_find(own, key, of, reading->err);
    if (option) {
        part->given[option - own->options] = true;
        return option;
    }
    if (reading->err->suggestion[0] == '\0') error_suggest(reading->err, "%s", of_all.suggestion);
    if (reading->err->suggestion[0] == '\0') suggest_names(reading, part->kind, reading->err);
    return NULL;
}

/* One `key = value` of a part; the value is on top of the stack. */
static bool read_part_key(struct part_reading *reading, struct part_draft *part, struct slice key) {
    struct draft *draft = reading->draft;
    struct loader *loader = draft->loader;
    const struct place *at = place_member(loader, part->place, key, -1);
    if (slice_is(key, "schema") && strcmp(reading->what, "sink") == 0) {
        lua_pushvalue(loader->lua, -1);
        part->schema = choice_of_top(draft, at);
        return true;
    }
    void *settings;
    const struct option *option = find_option(reading, part, key, &settings);
    if (option == NULL) {
        place_locate(at, PLACE_KEY, &loader->arena, reading->err);
        return false;
    }
    return option_set_value(draft, option, settings, lua_gettop(loader->lua), at, reading->err);
}

static bool read_part_options(struct part_reading *reading, struct part_draft *part, int index) {
    struct loader *loader = reading->draft->loader;
    struct table_keys keys;
    declaration_push_content(loader->lua, index);
    int content = lua_gettop(loader->lua);
    if (!value_keys(loader, content, part->place, "a table of options", &keys, reading->err) ||
        !value_no_items(loader, &keys, "an option needs its name: name = value", part->place,
                        reading->err))
        return false;
    for (size_t i = 0; i < keys.name_count; i++) {
        (void)value_push_member(loader->lua, content, keys.names[i]);
        if (!read_part_key(reading, part, keys.names[i])) return false;
        lua_pop(loader->lua, 1);
    }
    lua_pop(loader->lua, 1);
    return true;
}

/* What stands at `index` is no part of this sort, but perhaps it leads to one. */
static bool refuse_part(struct part_reading *reading, int index, const struct place *place,
                        const struct declaration *declaration) {
    struct loader *loader = reading->draft->loader;
    const char *known = reading->kinds && *reading->kinds ? (*reading->kinds)->name : "NAME";
    struct slice wanted =
        arena_format(&loader->arena, "a %s such as linnet.%s {}", reading->what, known);
    const struct part_kind *meant =
        declaration ? part_kind_meant(reading->kinds, slice_of(declaration->maker)) : NULL;
    (void)value_refuse(loader, index, place, wanted.data, reading->err);
    if (meant) error_suggest(reading->err, "did you mean linnet.%s {}?", meant->name);
    return false;
}

/* The part's declaration is on top of the stack. */
static bool read_part(struct part_reading *reading, struct slice name, const struct place *place,
                      struct part_draft *part) {
    struct draft *draft = reading->draft;
    struct loader *loader = draft->loader;
    int index = lua_gettop(loader->lua);
    if (!is_part_name(name)) {
        struct place key = { .up = place->up, .key = name };
        return place_error(&key, PLACE_KEY, &loader->arena, reading->err,
                           "a %s's name is made of letters, digits, \"_\" and \"-\"",
                           reading->what);
    }
    const struct declaration *declaration = declaration_at(loader->lua, index);
    const struct part_kind *kind =
        declaration ? part_kind_find(reading->kinds, slice_of(declaration->maker)) : NULL;
    if (kind == NULL) return refuse_part(reading, index, place, declaration);
    part_draft_init(draft, part, kind, arena_copy(draft->arena, name).data);
    part->place = place;
    return read_part_options(reading, part, index);
}

static bool read_parts(struct part_reading *reading, const struct place *place,
                       struct part_drafts *parts) {
    struct loader *loader = reading->draft->loader;
    struct table_keys keys;
    int table = lua_gettop(loader->lua);
    const char *wanted = arena_format(&loader->arena, "a table of %ss", reading->what).data;
    const char *unnamed =
        arena_format(&loader->arena, "a %s needs a name: NAME = linnet...", reading->what).data;
    if (!value_keys(loader, table, place, wanted, &keys, reading->err) ||
        !value_no_items(loader, &keys, unnamed, place, reading->err))
        return false;
    parts->items = arena_zeroed(reading->draft->arena, keys.name_count, sizeof *parts->items);
    parts->count = keys.name_count;
    for (size_t i = 0; i < keys.name_count; i++) {
        (void)value_push_member(loader->lua, table, keys.names[i]);
        const struct place *at = place_member(loader, place, keys.names[i], -1);
        if (!read_part(reading, keys.names[i], at, &parts->items[i])) return false;
        lua_pop(loader->lua, 1);
    }
    return true;
}

bool draft_read_sources(struct draft *draft, const struct place *place, struct error *err) {
    struct part_reading reading = { draft, draft->parts->sources, "source", err };
    return read_parts(&reading, place, &draft->sources);
}

bool draft_read_sinks(struct draft *draft, const struct place *place, struct error *err) {
    struct part_reading reading = { draft, draft->parts->sinks, "sink", err };
    return read_parts(&reading, place, &draft->sinks);
}
