/* post/schema.h: field types, compiling, the small look-ups. */
#include "post/schema.h"
#include "base/alloc.h"
#include "post/schema_internal.h"

/* No legitimate pattern over a post needs more; a hostile one ends here. */
#define MATCH_LIMIT 100000

static const char *const type_names[] = {
    [FIELD_KEYWORD] = "keyword",     [FIELD_TEXT] = "text",     [FIELD_DATE] = "date",
    [FIELD_LONG] = "long",           [FIELD_DOUBLE] = "double", [FIELD_BOOLEAN] = "boolean",
    [FIELD_GEO_POINT] = "geo_point",
};

int field_type_find(struct slice name) {
    for (size_t i = 0; i < LENGTH(type_names); i++)
        if (slice_is(name, type_names[i])) return (int)i;
    return -1;
}

const char *field_type_name(size_t index) {
    return index < LENGTH(type_names) ? type_names[index] : NULL;
}

/* What a compile needs along the way down. */
struct compilation {
    struct schema *schema;
    struct projection *projection;
    const struct field_spec **bad_field;
    struct error *err;
};

static const struct slice raw_prefix = { "raw.", 4 };

/* The slot of "raw.PATH"; -1 with the error set. */
static int add_slot(struct compilation *compilation, struct slice from) {
    int slot = projection_add_later(compilation->projection, slice_skip(from, raw_prefix.length));
    if (slot < 0)
        error_set(compilation->err, ERROR_CONFIG,
                  "\"%.*s\" is no path: write raw.name.name, 16 steps at most", SLICE_ARGS(from));
    return slot;
}

static bool compile_pattern(struct compilation *compilation, struct field *field,
                            struct slice pattern) {
    int code;
    PCRE2_SIZE offset;
    field->pattern =
        pcre2_compile((PCRE2_SPTR)pattern.data, pattern.length,
                      PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &code, &offset, NULL);
    if (field->pattern) {
        pcre2_jit_compile(field->pattern, PCRE2_JIT_COMPLETE); /* without JIT it is only slower */
        return true;
    }
    PCRE2_UCHAR why[160];
    pcre2_get_error_message(code, why, sizeof why);
    return error_set(compilation->err, ERROR_CONFIG,
                     "the pattern does not compile: %s (at its byte %zu)", (const char *)why,
                     offset);
}

/* Where the field's value comes from. */
static bool compile_source(struct compilation *compilation, struct field *field,
                           struct slice from) {
    if (slice_starts(from, raw_prefix)) return (field->slot = add_slot(compilation, from)) >= 0;
    if (field->type == FIELD_OBJECT) return true; /* its fields know */
    field->taken = message_name_find(from);
    if (field->taken) return true;
    error_set(compilation->err, ERROR_CONFIG, "a message has no \"%.*s\"", SLICE_ARGS(from));
    const char *nearest = nearest_name(from, message_name_at, NULL);
    if (nearest) error_suggest(compilation->err, "did you mean \"%s\"?", nearest);
    return false;
}

/* Whether it tells where the post was written. */
static bool is_place(enum field_type type, struct slice from) {
    /* of X's v1.1 and v2, and of plain objects */
    static const char *const members[] = {
        "coordinates", "raw.coordinates", "raw.geo",
        "raw.place",   "raw.data.geo",    "raw.includes.places"
    };
    for (size_t i = 0; i < LENGTH(members); i++) {
        size_t length = strlen(members[i]);
        if (slice_starts(from, slice_of(members[i])) &&
            (from.length == length || from.data[length] == '.'))
            return true;
    }
    return type == FIELD_GEO_POINT;
}

static bool compile_fields(struct compilation *compilation, const struct field_spec *specs,
                           size_t count, struct slice parent, struct field **fields);

static bool compile_field(struct compilation *compilation, const struct field_spec *spec,
                          struct slice parent, struct field *field) {
    struct arena *arena = &compilation->schema->arena;
    struct slice own =
        parent.length ? arena_format(arena, "%.*s.%.*s", SLICE_ARGS(parent), SLICE_ARGS(spec->name))
                      : spec->name;
    struct slice from = spec->from.length ? spec->from : own;
    *field = (struct field){ .name = arena_copy(arena, spec->name),
                             .type = spec->type,
                             .format = arena_copy(arena, spec->format),
                             .epoch = slice_is(spec->format, "epoch_millis"),
                             .slot = -1,
                             .field_count = spec->field_count };
    *compilation->bad_field = spec;
    field->function = spec->function;
    field->place = is_place(spec->type, spec->function ? SLICE("") : from);
    if (spec->function) return true;
    if (!compile_source(compilation, field, from)) return false;
    if (spec->all.length) {
        field->full_text = slice_is(from, "text");
        if (field->slot < 0 && !field->full_text)
            return error_set(compilation->err, ERROR_CONFIG,
                             "all = reads \"text\" or a raw path, not \"%.*s\"", SLICE_ARGS(from));
        if (!compile_pattern(compilation, field, spec->all)) return false;
    }
    return spec->type != FIELD_OBJECT ||
           compile_fields(compilation, spec->fields, spec->field_count, from, &field->fields);
}

static bool is_repeated(const struct field_spec *specs, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (slice_equal(specs[i].name, specs[index].name)) return true;
    return false;
}

static bool compile_fields(struct compilation *compilation, const struct field_spec *specs,
                           size_t count, struct slice parent, struct field **fields) {
    *fields = arena_zeroed(&compilation->schema->arena, count, sizeof **fields);
    for (size_t i = 0; i < count; i++) {
        if (is_repeated(specs, i)) {
            *compilation->bad_field = &specs[i];
            return error_set(compilation->err, ERROR_CONFIG, "the schema has two fields \"%.*s\"",
                             SLICE_ARGS(specs[i].name));
        }
        if (!compile_field(compilation, &specs[i], parent, &(*fields)[i])) return false;
    }
    return true;
}

/* A schema's key or text: "" and `own` are the message's, "raw.…" is the record's. */
static bool compile_own(struct compilation *compilation, struct slice from, const char *own,
                        int *slot) {
    *slot = -1;
    *compilation->bad_field = NULL;
    if (from.length == 0 || slice_is(from, own)) return true;
    if (slice_starts(from, raw_prefix)) return (*slot = add_slot(compilation, from)) >= 0;
    return error_set(compilation->err, ERROR_CONFIG, "%s = takes a raw path, not \"%.*s\"", own,
                     SLICE_ARGS(from));
}

/* Whether any of them is a place, or has one in it. */
static bool have_place(const struct field *fields, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (fields[i].place || have_place(fields[i].fields, fields[i].field_count)) return true;
    return false;
}

static void write_unlocated(struct writer *writer, const struct field *fields, size_t count) {
    write_object(writer);
    for (size_t i = 0; i < count; i++) {
        const struct field *field = &fields[i];
        if (!field->place && !have_place(field->fields, field->field_count)) continue;
        write_name(writer, field->name);
        if (field->place)
            write_raw(writer, SLICE("null"));
        else
            write_unlocated(writer, field->fields, field->field_count);
    }
    write_object_end(writer);
}

static struct slice unlocated(struct schema *schema) {
    struct writer writer;
    writer_init(&writer, &schema->arena, 64);
    write_unlocated(&writer, schema->fields, schema->field_count);
    return writer_finish(&writer);
}

struct slice schema_unlocated(const struct schema *schema) { return schema->unlocated; }

struct schema *schema_create(const struct schema_spec *spec, struct projection *projection,
                             const struct field_spec **bad_field, struct error *err) {
    struct schema *schema = memory_zeroed(1, sizeof *schema);
    struct compilation compilation = { schema, projection, bad_field, err };
    arena_init(&schema->arena);
    schema->name = (char *)arena_copy(&schema->arena, spec->name).data;
    schema->field_count = spec->field_count;
    if (compile_own(&compilation, spec->key, "key", &schema->key_slot) &&
        compile_own(&compilation, spec->text, "text", &schema->text_slot) &&
        compile_fields(&compilation, spec->fields, spec->field_count, slice_from(NULL, 0),
                       &schema->fields)) {
        schema->unlocated = unlocated(schema);
        return schema;
    }
    schema_destroy(schema);
    return NULL;
}

static void fields_free(struct field *fields, size_t count) {
    for (size_t i = 0; fields && i < count; i++) {
        pcre2_code_free(fields[i].pattern);
        fields_free(fields[i].fields, fields[i].field_count);
    }
}

void schema_destroy(struct schema *schema) {
    fields_free(schema->fields, schema->field_count);
    arena_free(&schema->arena);
    memory_free(schema);
}

const char *schema_name(const struct schema *schema) { return schema->name; }

struct schema_scratch *schema_scratch_create(void) {
    struct schema_scratch *scratch = memory_zeroed(1, sizeof *scratch);
    scratch->match = pcre2_match_data_create(1, NULL);
    scratch->limits = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(scratch->limits, MATCH_LIMIT);
    return scratch;
}

void schema_scratch_destroy(struct schema_scratch *scratch) {
    pcre2_match_data_free(scratch->match);
    pcre2_match_context_free(scratch->limits);
    memory_free(scratch);
}

static bool slot_is_text(const struct json_slot *slots, int slot) {
    return slots && slot >= 0 && slots[slot].count > 0 && slots[slot].first.type == JSON_STRING;
}

struct slice schema_text(const struct schema *schema, const struct message *message,
                         const struct json_slot *slots) {
    return slot_is_text(slots, schema->text_slot) ? slots[schema->text_slot].first.text
                                                  : message->text;
}

struct slice schema_key(const struct schema *schema, const struct message *message,
                        const struct json_slot *slots) {
    /* A notice has the network's own id, and often nothing else of the post. */
    struct slice other = message_is_post(message->kind) ? message->key : message->id;
    if (schema->key_slot < 0) return message->key;
    if (slots == NULL) return other;
    const struct json_value *key = &slots[schema->key_slot].first;
    bool usable = (key->type == JSON_STRING || key->type == JSON_NUMBER) && key->text.length > 0;
    return usable ? key->text : other;
}
