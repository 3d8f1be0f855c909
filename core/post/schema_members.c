/* What a schema's documents have, told one by one to whoever builds on an index of them. */
#include "post/schema_internal.h"

static size_t count_members(const struct field *fields, size_t count) {
    size_t all = 0;
    for (size_t i = 0; i < count; i++)
        all += fields[i].type == FIELD_OBJECT
                   ? count_members(fields[i].fields, fields[i].field_count)
                   : 1;
    return all;
}

/* What it takes from the message, also where the schema takes it from the record itself. */
static const char *taken_from(const struct schema *schema, const struct field *field) {
    if (field->pattern) return NULL;
    if (field->taken) return field->taken->name;
    return field->slot >= 0 && field->slot == schema->text_slot ? "text" : NULL;
}

static struct schema_member *put_members(const struct schema *schema, const struct field *fields,
                                         size_t count, struct slice above, struct arena *arena,
                                         struct schema_member *next) {
    for (size_t i = 0; i < count; i++) {
        const struct field *field = &fields[i];
        struct slice path = above.length ? ARENA_JOIN(arena, above, SLICE("."), field->name)
                                         : arena_copy(arena, field->name);
        if (field->type == FIELD_OBJECT)
            next = put_members(schema, field->fields, field->field_count, path, arena, next);
        else
            *next++ = (struct schema_member){ path, field->type, taken_from(schema, field) };
    }
    return next;
}

const struct schema_member *schema_members(const struct schema *schema, struct arena *arena,
                                           size_t *count) {
    *count = count_members(schema->fields, schema->field_count);
    struct schema_member *members = arena_zeroed(arena, *count, sizeof *members);
    put_members(schema, schema->fields, schema->field_count, SLICE(""), arena, members);
    return members;
}
