/* config/draft.h: the tables `spool` and `http`, and the secrets of all options. */
#include "config/draft.h"
#include "script/value.h"

const struct known_key spool_keys[] = {
    { "max", "string|number|nil", "how long it may become before sources wait: \"10GiB\"" },
    { 0 },
};

/* A table of options, on top of the Lua stack. */
struct table_reading {
    const struct option_table *options;
    const struct known_key *keys;
    const char *of;     /* "the spool" */
    const char *wanted; /* "a table: spool = { ... }" */
    void *settings;
};

/* Whether a text option is switched off: `false` is the empty text. */
static bool is_off(lua_State *lua, const struct option *option) {
    return option->type == OPTION_TEXT && lua_isboolean(lua, -1) && !lua_toboolean(lua, -1);
}

static bool read_table(struct draft *draft, const struct table_reading *reading,
                       const struct place *place, struct error *err) {
    struct loader *loader = draft->loader;
    int index = lua_gettop(loader->lua);
    struct table_keys keys;
    if (!value_keys(loader, index, place, reading->wanted, &keys, err) ||
        !value_known_keys(loader, &keys, reading->keys, reading->of, place, err) ||
        !value_no_items(loader, &keys, "this needs a name: name = value", place, err))
        return false;
    for (size_t i = 0; i < reading->options->count; i++) {
        const struct option *option = &reading->options->options[i];
        struct slice name = slice_of(option->name);
        if (!value_push_member(loader->lua, index, name)) continue;
        if (is_off(loader->lua, option)) {
            lua_pop(loader->lua, 1);
            lua_pushliteral(loader->lua, "");
        }
        if (!option_set_value(draft, option, reading->settings, lua_gettop(loader->lua),
                              place_member(loader, place, name, -1), err))
            return false;
        lua_pop(loader->lua, 1);
    }
    return true;
}

/* spool = { max = "10GiB" } */
bool draft_read_spool(struct draft *draft, const struct place *place, struct error *err) {
    struct table_reading reading = { &spool_options, spool_keys, "the spool",
                                     "a table: spool = { max = \"10GiB\" }", &draft->spool };
    return read_table(draft, &reading, place, err);
}

/* http = { listen = "127.0.0.1:7711", token = secret "file:..." } or false */
bool draft_read_http(struct draft *draft, const struct place *place, struct error *err) {
    struct table_reading reading = { &http_options, http_keys, "http",
                                     "a table: http = { listen = \"127.0.0.1:7711\" }",
                                     &draft->http };
    draft->http_place = place;
    if (!lua_isboolean(draft->loader->lua, -1) || lua_toboolean(draft->loader->lua, -1))
        return read_table(draft, &reading, place, err);
    draft->http.listen = "";
    return true;
}

bool draft_blame(struct draft *draft, const struct place *place, const char *name,
                 struct error *err) {
    struct place at = { .up = place, .key = slice_of(name) };
    if (place) place_locate(&at, PLACE_VALUE, &draft->loader->arena, err);
    return false;
}

bool draft_check_http(struct draft *draft, struct error *err) {
    return http_check(&draft->http, err) || draft_blame(draft, draft->http_place, "listen", err);
}

static bool read_secrets(struct draft *draft, const struct option_table *table, void *settings,
                         const struct place *place, struct error *err) {
    for (size_t i = 0; i < table->count; i++) {
        struct secret **secret = (void *)((char *)settings + table->options[i].offset);
        if (table->options[i].type != OPTION_SECRET || *secret == NULL) continue;
        if (!secret_read(*secret, draft->loader->inputs, err))
            return draft_blame(draft, place, table->options[i].name, err);
    }
    return true;
}

static bool read_part_secrets(struct draft *draft, const struct part_drafts *parts,
                              struct error *err) {
    for (size_t i = 0; i < parts->count; i++) {
        const struct part_draft *part = &parts->items[i];
        if (!read_secrets(draft, &part->kind->options, part->settings, part->place, err))
            return false;
    }
    return true;
}

bool draft_read_secrets(struct draft *draft, struct error *err) {
    return read_secrets(draft, &http_options, &draft->http, draft->http_place, err) &&
           read_part_secrets(draft, &draft->sources, err) &&
           read_part_secrets(draft, &draft->sinks, err);
}
