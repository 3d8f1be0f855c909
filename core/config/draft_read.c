/* config/draft.h: the table that a configuration returns. Each reader of a key finds its value on
 * top of the Lua stack. */
#include "config/draft.h"
#include "script/compile.h"
#include "script/value.h"
#include <lauxlib.h>

static bool read_query(struct draft *draft, struct slice name, const struct place *place,
                       struct error *err) {
    struct loader *loader = draft->loader;
    const struct declaration *declaration = declaration_at(loader->lua, -1);
    struct query_draft query = { .place = place };
    query.track = declaration && strcmp(declaration->maker, "track") == 0;
    if (query.track)
        declaration_push_content(loader->lua, -1);
    else if (lua_type(loader->lua, -1) != LUA_TSTRING)
        return value_refuse(loader, lua_gettop(loader->lua), place, "a query as text", err);
    else
        lua_pushvalue(loader->lua, -1);
    if (!value_text(loader, -1, place, &query.text, err)) return false;
    lua_pop(loader->lua, 1);
    query.text = arena_copy(draft->arena, query.text);
    query.name = arena_copy(draft->arena, name).data;
    draft->queries[draft->query_count++] = query; /* names come sorted */
    return true;
}

static bool check_query_name(struct draft *draft, struct slice name, const struct place *place,
                             struct error *err) {
    if (name.length > 0 && name.length <= 100 && !memchr(name.data, '\0', name.length)) return true;
    return place_error(place, PLACE_KEY, &draft->loader->arena, err,
                       "a query's name has 1 to 100 bytes");
}

static bool read_track(struct draft *draft, const struct place *place, struct error *err) {
    struct loader *loader = draft->loader;
    struct table_keys keys;
    int table = lua_gettop(loader->lua);
    if (!value_keys(loader, table, place, "a table of queries", &keys, err) ||
        !value_no_items(loader, &keys, "a track needs a name: NAME = \"query\"", place, err))
        return false;
    draft->queries = arena_zeroed(draft->arena, keys.name_count, sizeof *draft->queries);
    for (size_t i = 0; i < keys.name_count; i++) {
        (void)value_push_member(loader->lua, table, keys.names[i]);
        const struct place *at = place_member(loader, place, keys.names[i], -1);
        if (!check_query_name(draft, keys.names[i], at, err) ||
            !read_query(draft, keys.names[i], at, err))
            return false;
        lua_pop(loader->lua, 1);
    }
    return true;
}

static bool read_schema(struct draft *draft, const struct place *place, struct error *err) {
    (void)err; /* what it is, is seen when it is built */
    lua_pushvalue(draft->loader->lua, -1);
    draft->schema = choice_of_top(draft, place);
    return true;
}

/* A list of plugins by name or in place. */
static bool read_choices(struct draft *draft, const struct place *place, const char *what,
                         struct choice **choices, size_t *count, struct error *err) {
    struct loader *loader = draft->loader;
    struct table_keys keys;
    int table = lua_gettop(loader->lua);
    if (!value_keys(loader, table, place, what, &keys, err) ||
        !value_no_names(loader, &keys, what, place, err))
        return false;
    *choices = arena_zeroed(draft->arena, (size_t)keys.item_count, sizeof **choices);
    for (long long i = 1; i <= keys.item_count; i++) {
        lua_rawgeti(loader->lua, table, i);
        const struct place *at = place_item(loader, place, i, -1);
        (*choices)[(*count)++] = choice_of_top(draft, at);
    }
    return true;
}

static bool read_filters(struct draft *draft, const struct place *place, struct error *err) {
    return read_choices(draft, place, "a list of filters", &draft->filters, &draft->filter_count,
                        err);
}

/* Codes of languages begin with two or three letters. */
static bool is_language(struct slice lang) {
    const char *dash = lang.length ? memchr(lang.data, '-', lang.length) : NULL;
    size_t first = dash ? (size_t)(dash - lang.data) : lang.length;
    if (first > 3 && !slice_is(lang, "default")) return false;
    for (size_t i = 0; i < lang.length; i++) {
        char byte = lang.data[i] | 0x20;
        bool letter = byte >= 'a' && byte <= 'z';
        bool digit = lang.data[i] >= '0' && lang.data[i] <= '9';
        if (!letter && !(i > 0 && (digit || lang.data[i] == '-'))) return false;
    }
    return lang.length >= 2 && lang.length <= 16;
}

static bool read_scorers(struct draft *draft, const struct place *place, struct error *err) {
    struct loader *loader = draft->loader;
    struct table_keys keys;
    int table = lua_gettop(loader->lua);
    if (!value_keys(loader, table, place, "a table: language = scorer", &keys, err) ||
        !value_no_items(loader, &keys, "a scorer needs its language: en = \"vader\"", place, err))
        return false;
    draft->language_count = 0; /* what a user says replaces the defaults as a whole */
    for (size_t i = 0; i < keys.name_count; i++) {
        (void)value_push_member(loader->lua, table, keys.names[i]);
        const struct place *at = place_member(loader, place, keys.names[i], -1);
        if (!is_language(keys.names[i]))
            return place_error(at, PLACE_KEY, &loader->arena, err,
                               "\"%.*s\" is no language: write a code such as en, und or default",
                               SLICE_ARGS(slice_first(keys.names[i], 60)));
        draft_set_language(draft, arena_copy(draft->arena, keys.names[i]),
                           choice_of_top(draft, at));
    }
    return true;
}

static bool read_labels(struct draft *draft, const struct place *place, struct error *err) {
    return compile_labels(draft->loader, -1, place, draft->arena, &draft->labels,
                          &draft->label_count, err);
}

static bool read_option(struct draft *draft, const char *name, const struct place *place,
                        struct error *err) {
    const struct option *option =
        option_find(&top_options, slice_of(name), "the configuration", err);
    return option && option_set_value(draft, option, &draft->settings,
                                      lua_gettop(draft->loader->lua), place, err);
}

static bool read_dialects(struct draft *draft, const struct place *place, struct error *err) {
    return read_choices(draft, place, "a list of dialects", &draft->dialects, &draft->dialect_count,
                        err);
}

const struct known_key configuration_keys[] = {
    { "sources", "table<string, linnet.source>?", "where posts come from: name = linnet.file {}" },
    { "track", "table<string, string|linnet.track>?",
      "what is kept: name = query; none keeps all" },
    { "filters", "(string|linnet.filter)[]?", "what a kept post must pass, in order" },
    { "dialects", "(string|linnet.dialect)[]?", "networks of your own; the last one that fits" },
    { "schema", "string|linnet.schema|nil", "what sinks get: \"post\"" },
    { "scorers", "table<string, string|linnet.scorer>?", "language = scorer; und, default" },
    { "labels", "linnet.label[]?", "what a score is called, instead of the scorers' own" },
    { "sinks", "table<string, linnet.sink>?", "where documents go: name = linnet.ndjson {}" },
    { "workers", "integer?", "threads that process posts" },
    { "state", "string?", "the folder for what linnet remembers, and its control socket" },
    { "grace", "string|number|nil", "how long sinks may take to answer at a stop: \"10s\"" },
    { "spool", "linnet.spool?", "where posts wait for sinks: { max = \"10GiB\" }" },
    { "http", "linnet.http|false|nil", "metrics and reload: { listen = \"127.0.0.1:7711\" }" },
    { 0 },
};

/* By the number of their name in configuration_keys; NULL: an option of that name. */
static bool (*const readers[])(struct draft *draft, const struct place *place,
                               struct error *err) = {
    draft_read_sources,
    read_track,
    read_filters,
    read_dialects,
    read_schema,
    read_scorers,
    read_labels,
    draft_read_sinks,
    NULL,
    NULL,
    NULL,
    draft_read_spool,
    draft_read_http,
};

static bool check_top(struct draft *draft, int index, const struct place *root, struct error *err) {
    struct table_keys keys;
    struct loader *loader = draft->loader;
    if (!lua_istable(loader->lua, index))
        return place_error(root, PLACE_VALUE, &loader->arena, err,
                           "a configuration returns one table: return { ... }");
    return value_keys(loader, index, root, "a table", &keys, err) &&
           value_known_keys(loader, &keys, configuration_keys, "the configuration", root, err) &&
           value_no_items(loader, &keys, "this needs a name, such as track = ...", root, err);
}

bool draft_read(struct draft *draft, const struct script_file *file, struct error *err) {
    struct loader *loader = draft->loader;
    int index = lua_gettop(loader->lua);
    struct place *root = arena_zeroed(&loader->arena, 1, sizeof *root);
    root->file = file;
    if (!check_top(draft, index, root, err)) return false;
    for (size_t i = 0; i < LENGTH(readers); i++) {
        struct slice key = slice_of(configuration_keys[i].name);
        if (!value_push_member(loader->lua, index, key)) continue;
        const struct place *place = place_member(loader, root, key, -1);
        bool read = readers[i] ? readers[i](draft, place, err)
                               : read_option(draft, configuration_keys[i].name, place, err);
        if (!read) return false;
        lua_settop(loader->lua, index);
    }
    return true;
}
