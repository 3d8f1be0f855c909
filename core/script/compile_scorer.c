/* script/compile.h: an engine or a function, its words and its labels. */
#include "script/compile.h"
#include "script/value.h"

static const char *engine_candidate(const void *context, size_t i) {
    (void)context;
    return scorer_ops_name(i);
}

/* NULL with *err. */
static const struct scorer_ops *read_engine(struct loader *loader, int content,
                                            const struct place *place, struct error *err) {
    struct slice name = SLICE("");
    struct place at = { .up = place, .key = SLICE("engine") };
    if (!value_text_member(loader, content, place, "engine", &name, err)) return NULL;
    if (name.length == 0) {
        place_error(place, PLACE_VALUE, &loader->arena, err,
                    "a scorer needs an engine or a function: engine = \"vader\"");
        return NULL;
    }
    const struct scorer_ops *ops = scorer_ops_find(name);
    if (ops) return ops;
    place_error(&at, PLACE_VALUE, &loader->arena, err, "there is no engine \"%.*s\"",
                SLICE_ARGS(slice_first(name, 60)));
    const char *near = nearest_name(name, engine_candidate, NULL);
    if (near) error_suggest(err, "did you mean \"%s\"?", near);
    return NULL;
}

/* What `lexicon` says, else the one that is named as the engine. */
static bool read_lexicon(struct loader *loader, int content, const struct place *place,
                         struct lexicon_shelf *shelf, struct scorer_spec *spec, struct error *err) {
    lua_State *lua = loader->lua;
    struct slice name;
    int top = lua_gettop(lua);
    if (!value_push_member(lua, content, SLICE("lexicon"))) {
        if (spec->ops == NULL) return true; /* a function does without */
        lua_pushstring(lua, spec->ops->name);
    }
    const struct place *at = place_member(loader, place, SLICE("lexicon"), -1);
    if (!plugin_push(loader, &lexicon_plugins, -1, NULL, &at, &name, err)) return false;
    spec->lexicon = compile_lexicon(loader, lua_gettop(lua), at, shelf, err);
    lua_settop(lua, top);
    return spec->lexicon != NULL;
}

static bool read_labels(struct loader *loader, int content, const struct place *place,
                        struct arena *arena, struct scorer_spec *spec, struct error *err) {
    const struct scorer_ops *ops = spec->ops ? spec->ops : &vader_ops;
    spec->labels = ops->labels;
    spec->label_count = ops->label_count;
    if (!value_push_member(loader->lua, content, SLICE("labels"))) return true;
    const struct place *at = place_member(loader, place, SLICE("labels"), -1);
    bool done = compile_labels(loader, -1, at, arena, &spec->labels, &spec->label_count, err);
    lua_pop(loader->lua, 1);
    return done;
}

static bool read_function(struct loader *loader, int content, const struct place *place,
                          struct slice name, struct program *program, struct scorer_spec *spec,
                          struct error *err) {
    lua_State *lua = loader->lua;
    if (!value_push_member(lua, content, SLICE("score"))) return true;
    const struct place *at = place_member(loader, place, SLICE("score"), -1);
    bool good = lua_isfunction(lua, -1) ||
                value_refuse(loader, lua_gettop(lua), at, "a function of a message", err);
    lua_pop(lua, 1);
    if (good) {
        struct slice full = arena_format(&loader->arena, "scorer %.*s", SLICE_ARGS(name));
        spec->function = program_add(program, at, full) + 1;
    }
    return good;
}

/* An engine, or a function, not both. */
static bool read_means(struct loader *loader, int content, const struct place *place,
                       struct scorer_spec *spec, struct error *err) {
    lua_State *lua = loader->lua;
    bool engine = value_push_member(lua, content, SLICE("engine"));
    if (engine) lua_pop(lua, 1);
    if (spec->function && engine) {
        struct place at = { .up = place, .key = SLICE("engine") };
        return place_error(&at, PLACE_KEY, &loader->arena, err,
                           "a scorer has an engine or a function, not both");
    }
    return spec->function || (spec->ops = read_engine(loader, content, place, err));
}

bool compile_scorer(struct loader *loader, int index, const struct place *place, struct slice name,
                    struct program *program, struct lexicon_shelf *shelf, struct arena *arena,
                    struct scorer_spec *spec, struct error *err) {
    struct table_keys keys;
    *spec = (struct scorer_spec){ 0 };
    declaration_push_content(loader->lua, index);
    int content = lua_gettop(loader->lua);
    bool done =
        value_keys(loader, content, place, "a table", &keys, err) &&
        value_known_keys(loader, &keys, scorer_keys, "a scorer", place, err) &&
        value_no_items(loader, &keys, "a scorer takes names: engine = \"vader\"", place, err) &&
        read_function(loader, content, place, name, program, spec, err) &&
        read_means(loader, content, place, spec, err) &&
        read_lexicon(loader, content, place, shelf, spec, err) &&
        read_labels(loader, content, place, arena, spec, err);
    lua_settop(loader->lua, content - 1);
    return done;
}
