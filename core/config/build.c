/* config/build.h */
#include "config/build.h"
#include "base/hash.h"
#include "config/find.h"
#include <lauxlib.h>

/* Pushes the declaration that was chosen; *place and *name are its own afterwards. */
static bool push_choice(struct draft *draft, const struct plugin_kind *kind,
                        const struct choice *choice, const struct place **place, struct slice *name,
                        struct error *err) {
    lua_State *lua = draft->loader->lua;
    *place = choice->place;
    lua_rawgeti(lua, LUA_REGISTRYINDEX, choice->value);
    if (!plugin_push(draft->loader, kind, -1, NULL, place, name, err)) return false;
    lua_remove(lua, -2);
    return true;
}

/* ---- schemas ------------------------------------------------------------------------------- */

struct schema_building {
    struct snapshot *snapshot;
    struct draft *draft;
    struct schema **schemas;
    const void **declarations; /* which one each schema was made from */
};

/* Adds the schema unless it is there; one that is declared in place is called `unnamed`.
 * *number is its place in the list. */
static bool build_schema(struct schema_building *building, const struct choice *choice,
                         struct slice unnamed, uint32_t *number, struct error *err) {
    struct loader *loader = building->draft->loader;
    const struct place *place;
    const struct field_spec *bad_field = NULL;
    struct schema_source source;
    struct slice name;
    size_t *count = &building->snapshot->schema_count;
    if (!push_choice(building->draft, &schema_plugins, choice, &place, &name, err)) return false;
    const void *declaration = lua_touserdata(loader->lua, -1);
    for (*number = 0; *number < *count; (*number)++)
        if (building->declarations[*number] == declaration) {
            lua_pop(loader->lua, 1);
            return true;
        }
    if (name.length == 0) name = unnamed;
    if (!compile_schema(loader, lua_gettop(loader->lua), place, name, building->snapshot->program,
                        &source, err))
        return false;
    building->schemas[*count] =
        schema_create(&source.spec, building->snapshot->projection, &bad_field, err);
    if (building->schemas[*count] == NULL) {
        schema_source_locate(loader, &source, bad_field, err);
        return false;
    }
    building->snapshot->state->schemas[*count] = schema_facts(&source.spec, building->draft->arena);
    building->declarations[(*count)++] = declaration;
    lua_pop(loader->lua, 1);
    return true;
}

static bool has_field(const struct schema_facts *facts, const char *name) {
    for (size_t i = 0; i < facts->count; i++)
        if (slice_is(facts->fields[i].name, name)) return true;
    return false;
}

/* A sink that reads documents takes only schemas with what it reads. */
static bool check_members(const struct schema_building *building, const struct part_draft *part,
                          const struct part_config *sink, struct error *err) {
    static const char text[] = "%s takes schema post or one that extends it: %s has no member %s";
    const struct schema_facts *facts = &building->snapshot->state->schemas[sink->schema];
    for (const char *const *member = part->kind->members; member && *member; member++) {
        if (has_field(facts, *member)) continue;
        if (part->place)
            return place_error(part->place, PLACE_VALUE, &building->draft->loader->arena, err, text,
                               part->kind->name, sink->schema_name, *member);
        return error_set(err, ERROR_CONFIG, text, part->kind->name, sink->schema_name, *member);
    }
    return true;
}

static bool build_sinks(struct schema_building *building, struct error *err) {
    struct snapshot *snapshot = building->snapshot;
    const struct part_drafts *drafts = &building->draft->sinks;
    struct part_config *sinks = arena_zeroed(building->draft->arena, drafts->count, sizeof *sinks);
    for (size_t i = 0; i < drafts->count; i++) {
        const struct part_draft *part = &drafts->items[i];
        sinks[i] = (struct part_config){
            .name = part->name, .kind = part->kind, .settings = part->settings, .sink = part->sink
        };
        if (part->schema.value != LUA_NOREF &&
            !build_schema(building, &part->schema,
                          arena_format(building->draft->arena, "inline:%s", part->name),
                          &sinks[i].schema, err))
            return false;
        const struct schema *schema = snapshot->schemas[sinks[i].schema];
        sinks[i].schema_name = schema_name(schema);
        if (part->kind->mapped) sinks[i].mapping = schema_mapping(schema, building->draft->arena);
        if (!check_members(building, part, &sinks[i], err)) return false;
        if (part->kind->fits && !part->kind->fits(&sinks[i], err))
            return draft_blame_part(building->draft, part, err);
    }
    snapshot->sinks = sinks;
    snapshot->sink_count = drafts->count;
    return true;
}

static bool build_schemas(struct snapshot *snapshot, struct draft *draft, struct error *err) {
    size_t room = draft->sinks.count + 1;
    uint32_t first;
    struct schema_building building = { snapshot, draft,
                                        arena_zeroed(draft->arena, room, sizeof(struct schema *)),
                                        arena_zeroed(&draft->loader->arena, room, sizeof(void *)) };
    snapshot->schemas = building.schemas;
    snapshot->state->schemas = arena_zeroed(draft->arena, room, sizeof *snapshot->state->schemas);
    return build_schema(&building, &draft->schema, SLICE("inline"), &first, err) &&
           build_sinks(&building, err);
}

static void build_sources(struct snapshot *snapshot, struct draft *draft) {
    struct part_config *sources = arena_zeroed(draft->arena, draft->sources.count, sizeof *sources);
    for (size_t i = 0; i < draft->sources.count; i++) {
        const struct part_draft *part = &draft->sources.items[i];
        sources[i] = (struct part_config){
            .name = part->name, .kind = part->kind, .settings = part->settings, .sink = part->sink
        };
    }
    snapshot->sources = sources;
    snapshot->source_count = draft->sources.count;
}

/* ---- scorers ------------------------------------------------------------------------------- */

static const struct scorer *create_scorer(struct snapshot *snapshot, struct draft *draft,
                                          const struct scorer_spec *spec, struct slice name,
                                          const void *declaration, struct error *err) {
    struct built_scorer *built = arena_zeroed(draft->arena, 1, sizeof *built);
    built->declaration = declaration;
    built->scorer = (struct scorer){ .name = arena_copy(draft->arena, name).data,
                                     .ops = spec->ops,
                                     .function = spec->function - 1,
                                     .labels = spec->labels,
                                     .label_count = spec->label_count };
    if (spec->ops && !(built->scorer.engine = spec->ops->create(spec->lexicon, err))) return NULL;
    if (!spec->ops && spec->lexicon) built->lexicon = lexicon_copy(spec->lexicon);
    built->scorer.lexicon = built->lexicon;
    built->words = lexicon_facts(spec->lexicon, draft->arena);
    built->next = snapshot->state->scorers;
    snapshot->state->scorers = built;
    return &built->scorer;
}

/* The scorer that was chosen, built once; `key` names one that is declared in place. */
static bool build_scorer(struct snapshot *snapshot, struct draft *draft,
                         struct lexicon_shelf *shelf, const struct choice *choice, struct slice key,
                         const struct scorer **scorer, struct error *err) {
    struct loader *loader = draft->loader;
    const struct place *place;
    struct scorer_spec spec;
    struct slice name;
    if (!push_choice(draft, &scorer_plugins, choice, &place, &name, err)) return false;
    const void *declaration = lua_touserdata(loader->lua, -1);
    *scorer = NULL;
    for (const struct built_scorer *built = snapshot->state->scorers; built; built = built->next)
        if (built->declaration == declaration) *scorer = &built->scorer;
    if (*scorer == NULL) {
        if (name.length == 0) name = key;
        if (!compile_scorer(loader, lua_gettop(loader->lua), place, name, snapshot->program, shelf,
                            draft->arena, &spec, err))
            return false;
        *scorer = create_scorer(snapshot, draft, &spec, name, declaration, err);
        if (*scorer == NULL) place_locate(place, PLACE_VALUE, &loader->arena, err);
    }
    lua_pop(loader->lua, 1);
    return *scorer != NULL;
}

static bool is_none(struct draft *draft, const struct choice *choice) {
    lua_State *lua = draft->loader->lua;
    lua_rawgeti(lua, LUA_REGISTRYINDEX, choice->value);
    bool none = lua_type(lua, -1) == LUA_TSTRING && strcmp(lua_tostring(lua, -1), "none") == 0;
    lua_pop(lua, 1);
    return none;
}

static bool build_scorers(struct snapshot *snapshot, struct draft *draft,
                          struct lexicon_shelf *shelf, struct error *err) {
    struct language_scorer *scorers =
        arena_zeroed(draft->arena, draft->language_count, sizeof *scorers);
    snapshot->scorers = scorers;
    for (size_t i = 0; i < draft->language_count; i++) {
        const struct language_draft *language = &draft->languages[i];
        const struct scorer *scorer = NULL;
        if (!is_none(draft, &language->scorer) &&
            !build_scorer(snapshot, draft, shelf, &language->scorer, language->lang, &scorer, err))
            return false;
        if (slice_is(language->lang, "default"))
            snapshot->default_scorer = scorer;
        else
            scorers[snapshot->scorer_count++] = (struct language_scorer){ language->lang, scorer };
    }
    return true;
}

static bool build_named(struct snapshot *snapshot, struct draft *draft, struct lexicon_shelf *shelf,
                        const char *named, struct error *err) {
    if (named == NULL || strcmp(named, "none") == 0) return true;
    struct choice choice = choice_of_name(draft, named);
    return build_scorer(snapshot, draft, shelf, &choice, slice_of(named), &snapshot->named_scorer,
                        err);
}

/* A function may ask for the score of any engine: message:score "vader". */
static bool build_engines(struct snapshot *snapshot, struct draft *draft,
                          struct lexicon_shelf *shelf, struct error *err) {
    const struct scorer *built;
    const char *name;
    if (program_count(snapshot->program) == 0) return true;
    for (size_t i = 0; (name = scorer_ops_name(i)); i++) {
        struct choice choice = choice_of_name(draft, name);
        if (snapshot_named(snapshot, slice_of(name))) continue;
        if (!build_scorer(snapshot, draft, shelf, &choice, slice_of(name), &built, err))
            return false;
    }
    return true;
}

/* ---- queries ------------------------------------------------------------------------------- */

/* Moves the place from the query's own text to where that text was written. */
static bool blame_query(struct draft *draft, const struct query_draft *query, size_t offset,
                        struct error *err) {
    if (query->place)
        place_locate_text(query->place, query->text, offset, &draft->loader->arena, err);
    else
        error_locate(err, query->flag, query->text, offset);
    return false;
}

static void keep_places(const struct snapshot *snapshot, const struct draft *draft) {
    struct place_keeper keeper = { .arena = draft->arena };
    bool wanted = false;
    for (size_t i = 0; i < draft->sources.count; i++)
        wanted |= draft->sources.items[i].kind->about_queries;
    if (!wanted) return;
    struct query_place *places = arena_zeroed(draft->arena, draft->query_count, sizeof *places);
    for (size_t i = 0; i < draft->query_count; i++) {
        places[i].place = place_keep(&keeper, draft->queries[i].place);
        places[i].flag = draft->queries[i].flag;
    }
    snapshot->state->places = places;
}

static bool build_queries(struct snapshot *snapshot, struct draft *draft, struct error *err) {
    size_t bad = 0, offset = 0, count = draft->query_count;
    struct query_source *sources = arena_zeroed(&draft->loader->arena, count, sizeof *sources);
    const char **names = arena_zeroed(draft->arena, count, sizeof *names);
    for (size_t i = 0; i < count; i++) {
        const struct query_draft *query = &draft->queries[i];
        names[i] = query->name;
        sources[i] = (struct query_source){ query->name, query->text,
                                            query->track ? QUERY_TRACK_LIST : QUERY_LANGUAGE };
    }
    snapshot->query_names = names;
    snapshot->state->queries = query_facts(draft, draft->arena);
    snapshot->queries = query_set_create(sources, count, &bad, &offset, err);
    if (snapshot->queries == NULL) return blame_query(draft, &draft->queries[bad], offset, err);
    dialects_need(snapshot->dialects, snapshot->projection, query_set_parts(snapshot->queries));
    keep_places(snapshot, draft);
    return true;
}

/* ---- filters ------------------------------------------------------------------------------- */

static bool build_filter(struct snapshot *snapshot, struct draft *draft,
                         const struct choice *choice, struct filter *filter, struct error *err) {
    struct loader *loader = draft->loader;
    const struct place *place;
    struct filter_spec spec;
    struct slice name;
    if (!push_choice(draft, &filter_plugins, choice, &place, &name, err)) return false;
    if (name.length == 0) name = SLICE("inline");
    if (!compile_filter(loader, lua_gettop(loader->lua), place, name, snapshot->program, &spec,
                        err))
        return false;
    *filter = (struct filter){ .name = arena_copy(draft->arena, name).data,
                               .function = spec.function,
                               .keep_on_error = spec.keep_on_error };
    listed_facts_add(&snapshot->state->filters, name, hash_bytes(spec.query) ^ spec.keep_on_error,
                     draft->arena);
    lua_pop(loader->lua, 1);
    if (spec.query.length == 0) return true;
    size_t bad, offset;
    struct query_source source = { filter->name, spec.query, QUERY_LANGUAGE };
    filter->query = query_set_create(&source, 1, &bad, &offset, err);
    if (filter->query) return true;
    place_locate_text(spec.query_place, spec.query, offset, &loader->arena, err);
    return false;
}

static bool build_filters(struct snapshot *snapshot, struct draft *draft, struct error *err) {
    struct filter *filters = arena_zeroed(draft->arena, draft->filter_count, sizeof *filters);
    snapshot->filters = filters;
    snapshot->state->filters.items =
        arena_zeroed(draft->arena, draft->filter_count, sizeof(struct listed_fact));
    for (size_t i = 0; i < draft->filter_count; i++) {
        snapshot->filter_count = i + 1;
        if (!build_filter(snapshot, draft, &draft->filters[i], &filters[i], err)) return false;
    }
    return true;
}

static const struct http_settings *build_http(struct draft *draft) {
    struct http_settings *http = arena_zeroed(draft->arena, 1, sizeof *http);
    *http = draft->http;
    return http;
}

/* ---- dialects ------------------------------------------------------------------------------ */

static bool build_dialect(struct snapshot *snapshot, struct draft *draft,
                          const struct choice *choice, struct error *err) {
    struct loader *loader = draft->loader;
    const struct place *place;
    struct dialect_spec spec;
    struct slice name;
    if (!push_choice(draft, &dialect_plugins, choice, &place, &name, err) ||
        !compile_dialect(loader, lua_gettop(loader->lua), place, &spec, err))
        return false;
    listed_facts_add(&snapshot->state->dialects, name.length ? name : spec.network,
                     dialect_fact(&spec), draft->arena);
    lua_pop(loader->lua, 1);
    if (dialects_add(snapshot->dialects, &spec, snapshot->projection, err)) return true;
    place_locate(place, PLACE_VALUE, &loader->arena, err);
    return false;
}

static bool build_dialects(struct snapshot *snapshot, struct draft *draft, struct error *err) {
    snapshot->state->dialects.items =
        arena_zeroed(draft->arena, draft->dialect_count, sizeof(struct listed_fact));
    for (size_t i = 0; i < draft->dialect_count; i++)
        if (!build_dialect(snapshot, draft, &draft->dialects[i], err)) return false;
    return true;
}

bool snapshot_build(struct snapshot *snapshot, struct draft *draft, struct lexicon_shelf *shelf,
                    const char *named, bool secrets, struct error *err) {
    snapshot->program = program_create(&draft->loader->setup);
    snapshot->projection = projection_create();
    snapshot->dialects = dialects_create(snapshot->projection);
    snapshot->workers = draft->settings.workers;
    snapshot->grace_ms = (uint64_t)draft->settings.grace_ms;
    snapshot->spool_bytes = (uint64_t)draft->spool.max_bytes;
    snapshot->state_folder =
        draft->settings.state ? draft->settings.state : state_folder_find(draft->arena);
    snapshot->labels = draft->labels;
    snapshot->label_count = draft->label_count;
    snapshot->http = build_http(draft);
    build_sources(snapshot, draft);
    if (!build_dialects(snapshot, draft, err) || !build_queries(snapshot, draft, err) ||
        !build_filters(snapshot, draft, err) || !build_schemas(snapshot, draft, err) ||
        !build_scorers(snapshot, draft, shelf, err) ||
        !build_named(snapshot, draft, shelf, named, err))
        return false;
    if (!build_engines(snapshot, draft, shelf, err)) return false;
    if (secrets && !draft_read_secrets(draft, err)) return false;
    projection_seal(snapshot->projection);
    program_keep_files(snapshot->program, draft->loader);
    return true;
}
