/* script/compile.h: a schema's list of fields. */
#include "script/compile.h"
#include "script/value.h"

#define MAX_DEPTH 8
#define MAX_FIELDS 500

struct field_place {
    const struct field_spec *field;
    const struct place *place;
    struct field_place *next;
};

struct reading {
    struct loader *loader;
    struct schema_source *source;
    struct program *program;
    struct error *err;
    int depth, extended;
};

static bool read_fields(struct reading *reading, int index, const struct place *place,
                        const struct table_keys *keys, const struct field_spec **fields,
                        size_t *count);

static bool read_name(struct reading *reading, int index, const struct place *place,
                      struct field_spec *field) {
    struct loader *loader = reading->loader;
    lua_rawgeti(loader->lua, index, 1);
    const struct place *at = place_item(loader, place, 1, -1);
    if (!value_text(loader, -1, at, &field->name, reading->err)) return false;
    lua_pop(loader->lua, 1);
    if (!memchr(field->name.data, '.', field->name.length)) return true;
    return place_error(at, PLACE_VALUE, &loader->arena, reading->err,
                       "a field's name has no dot: give it fields of its own");
}

static const char *type_candidate(const void *context, size_t i) {
    (void)context;
    return field_type_name(i);
}

static bool refuse_type(struct reading *reading, struct slice name, const struct place *place) {
    place_error(place, PLACE_VALUE, &reading->loader->arena, reading->err,
                "there is no field type \"%.*s\"", SLICE_ARGS(slice_first(name, 60)));
    const char *near = nearest_name(name, type_candidate, NULL);
    if (near)
        error_suggest(reading->err, "did you mean \"%s\"?", near);
    else
        error_suggest(reading->err, "keyword, text, date, long, double, boolean or geo_point");
    return false;
}

/* The second item: a type's name, or a list of fields. */
static bool read_type(struct reading *reading, int index, const struct place *place,
                      struct field_spec *field) {
    struct loader *loader = reading->loader;
    lua_rawgeti(loader->lua, index, 2);
    const struct place *at = place_item(loader, place, 2, -1);
    bool good;
    if (lua_istable(loader->lua, -1)) {
        struct table_keys keys;
        field->type = FIELD_OBJECT;
        good = value_keys(loader, -1, at, "a list of fields", &keys, reading->err) &&
               value_no_names(loader, &keys, "a list of fields", at, reading->err) &&
               read_fields(reading, lua_gettop(loader->lua), at, &keys, &field->fields,
                           &field->field_count);
    } else if (lua_type(loader->lua, -1) == LUA_TSTRING) {
        struct slice name = SLICE("");
        good = value_text(loader, -1, at, &name, reading->err);
        int type = good ? field_type_find(name) : -1;
        if (type >= 0)
            field->type = (enum field_type)type;
        else if (good)
            good = refuse_type(reading, name, at);
    } else {
        good = value_refuse(loader, -1, at, "a type or a list of fields", reading->err);
    }
    lua_pop(loader->lua, 1);
    return good;
}

/* A text, or a function that computes the value. */
static bool read_from(struct reading *reading, int index, const struct place *place,
                      struct field_spec *field) {
    struct loader *loader = reading->loader;
    lua_State *lua = loader->lua;
    if (!value_push_member(lua, index, SLICE("from"))) return true;
    bool computed = lua_isfunction(lua, -1);
    const struct place *at = place_member(loader, place, SLICE("from"), -1);
    lua_pop(lua, 1);
    if (!computed)
        return value_text_member(loader, index, place, "from", &field->from, reading->err);
    if (field->type == FIELD_OBJECT)
        return place_error(at, PLACE_VALUE, &loader->arena, reading->err,
                           "a function gives one value, not an object: give its fields functions");
    struct slice name =
        arena_format(&loader->arena, "schema %.*s, field %.*s",
                     SLICE_ARGS(reading->source->spec.name), SLICE_ARGS(field->name));
    field->function = program_add(reading->program, at, name) + 1;
    return true;
}

static bool read_field(struct reading *reading, int index, const struct place *place,
                       struct field_spec *field) {
    struct loader *loader = reading->loader;
    struct table_keys keys;
    if (!value_keys(loader, index, place, "a field such as { \"id\", \"keyword\" }", &keys,
                    reading->err) ||
        !value_known_keys(loader, &keys, field_keys, "a field", place, reading->err))
        return false;
    if (keys.item_count != 2)
        return place_error(place, PLACE_VALUE, &loader->arena, reading->err,
                           "a field has a name and a type: { \"id\", \"keyword\" }");
    struct field_place *note = arena_alloc(&loader->arena, sizeof *note);
    *note = (struct field_place){ field, place, reading->source->fields };
    reading->source->fields = note;
    return read_name(reading, index, place, field) && read_type(reading, index, place, field) &&
           read_from(reading, index, place, field) &&
           value_text_member(loader, index, place, "format", &field->format, reading->err) &&
           value_text_member(loader, index, place, "all", &field->all, reading->err);
}

static bool read_fields(struct reading *reading, int index, const struct place *place,
                        const struct table_keys *keys, const struct field_spec **fields,
                        size_t *count) {
    struct loader *loader = reading->loader;
    if (keys->item_count == 0 || keys->item_count > MAX_FIELDS || reading->depth == MAX_DEPTH)
        return place_error(place, PLACE_VALUE, &loader->arena, reading->err,
                           reading->depth == MAX_DEPTH
                               ? "fields lie at most 8 deep"
                               : "a list of fields has one field at least and 500 at most");
    *count = (size_t)keys->item_count;
    struct field_spec *specs = arena_zeroed(&loader->arena, *count, sizeof *specs);
    *fields = specs;
    reading->depth++;
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(loader->lua, index, (lua_Integer)i + 1);
        const struct place *at = place_item(loader, place, (long long)i + 1, -1);
        if (!read_field(reading, lua_gettop(loader->lua), at, &specs[i])) return false;
        lua_pop(loader->lua, 1);
    }
    reading->depth--;
    return true;
}

/* The note of a field that was copied moves with it. */
static void move_field(struct schema_source *source, const struct field_spec *from,
                       struct field_spec *to) {
    *to = *from;
    for (struct field_place *note = source->fields; note; note = note->next)
        if (note->field == from) note->field = to;
}

/* The base's fields first; one of the same name takes the base's place. */
static void merge_fields(struct reading *reading, const struct schema_spec *base) {
    struct schema_spec *spec = &reading->source->spec;
    size_t own_count = spec->field_count, count = base->field_count;
    const struct field_spec *own = spec->fields;
    struct field_spec *all = arena_zeroed(&reading->loader->arena, count + own_count, sizeof *all);
    for (size_t i = 0; i < count; i++)
        move_field(reading->source, &base->fields[i], &all[i]);
    for (size_t i = 0; i < own_count; i++) {
        size_t at = 0;
        while (at < count && !slice_equal(all[at].name, own[i].name))
            at++;
        count += at == count;
        move_field(reading->source, &own[i], &all[at]);
    }
    spec->fields = all;
    spec->field_count = count;
    if (spec->key.length == 0) spec->key = base->key;
    if (spec->text.length == 0) spec->text = base->text;
}

static bool read_schema(struct reading *reading, int index, const struct place *place);

/* `extends`: *base stays empty without it. */
static bool read_base(struct reading *reading, int table, const struct place *place,
                      struct schema_spec *base) {
    struct loader *loader = reading->loader;
    struct schema_spec own = reading->source->spec;
    struct slice name;
    if (!value_push_member(loader->lua, table, SLICE("extends"))) return true;
    const struct place *at = place_member(loader, place, SLICE("extends"), -1);
    if (reading->extended++ == MAX_DEPTH)
        return place_error(at, PLACE_VALUE, &loader->arena, reading->err,
                           "schemas extend each other more than %d times", MAX_DEPTH);
    if (!plugin_push(loader, &schema_plugins, -1, place->file, &at, &name, reading->err))
        return false;
    reading->source->spec = (struct schema_spec){ .name = own.name };
    bool done = read_schema(reading, lua_gettop(loader->lua), at);
    *base = reading->source->spec;
    reading->source->spec = own;
    lua_pop(loader->lua, 2);
    return done;
}

/* The declaration at `index`, into the source's spec, whose name is set. */
static bool read_schema(struct reading *reading, int index, const struct place *place) {
    struct loader *loader = reading->loader;
    struct schema_spec *spec = &reading->source->spec, base = { 0 };
    struct table_keys keys = { 0 };
    declaration_push_content(loader->lua, index);
    int table = lua_gettop(loader->lua);
    bool done = value_keys(loader, table, place, "a list of fields", &keys, reading->err) &&
                value_known_keys(loader, &keys, schema_keys, "a schema", place, reading->err) &&
                read_base(reading, table, place, &base) &&
                value_text_member(loader, table, place, "key", &spec->key, reading->err) &&
                value_text_member(loader, table, place, "text", &spec->text, reading->err);
    bool adds = keys.item_count > 0 || base.field_count == 0;
    if (done && adds)
        done = read_fields(reading, table, place, &keys, &spec->fields, &spec->field_count);
    if (done && base.field_count) merge_fields(reading, &base);
    lua_pop(loader->lua, 1);
    return done;
}

bool compile_schema(struct loader *loader, int index, const struct place *place, struct slice name,
                    struct program *program, struct schema_source *source, struct error *err) {
    *source = (struct schema_source){ .spec.name = name, .place = place };
    struct reading reading = { .loader = loader, .source = source, .program = program, .err = err };
    return read_schema(&reading, index, place);
}

static bool quotes(const struct error *err, struct slice text) {
    if (text.length == 0) return false;
    for (const char *at = strchr(err->text, '"'); at; at = strchr(at + 1, '"'))
        if (slice_starts(slice_of(at + 1), text) && at[text.length + 1] == '"') return true;
    return false;
}

/* The member of a field or schema that a sentence is about, by what it quotes. */
static struct place guess_member(const struct schema_source *source, const struct field_spec *field,
                                 const struct place *place, const struct error *err) {
    struct place member = { .up = place };
    if (field == NULL)
        member.key = quotes(err, source->spec.key) ? SLICE("key") : SLICE("text");
    else if (quotes(err, field->from))
        member.key = SLICE("from");
    else if (field->all.length)
        member.key = SLICE("all");
    else
        member.item = 1;
    return member;
}

void schema_source_locate(struct loader *loader, const struct schema_source *source,
                          const struct field_spec *bad_field, struct error *err) {
    const struct place *place = source->place;
    for (struct field_place *note = source->fields; note; note = note->next)
        if (bad_field && note->field == bad_field) place = note->place;
    struct place member = guess_member(source, bad_field, place, err);
    place_locate(&member, PLACE_VALUE, &loader->arena, err);
}
