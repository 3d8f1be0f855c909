/* Writes a post's document, and the index mapping that fits it. */
#include "post/schema_internal.h"

struct making {
    struct writer writer;
    struct schema_scratch *scratch;
    struct message *message;
    const struct json_slot *slots;
    const struct document_context *context;
};

static void write_value(struct writer *writer, const struct json_value *value) {
    if (value->type == JSON_STRING)
        write_text(writer, value->text);
    else if (value->type != JSON_OBJECT) /* an object has no value here: its members have fields */
        write_raw(writer, value->text);
}

/* A value as the record has it: null stays null, an empty array stays empty. */
static bool write_slot(struct making *making, const struct field *field) {
    if (making->slots == NULL) return false;
    const struct json_slot *slot = &making->slots[field->slot];
    if (!slot->array) {
        if (slot->count == 0 || slot->first.type == JSON_OBJECT) return false;
        write_value(&making->writer, &slot->first);
        return true;
    }
    write_array(&making->writer);
    if (slot->count)
        for (const struct json_value *value = &slot->first; value; value = value->next)
            write_value(&making->writer, value);
    write_array_end(&making->writer);
    return true;
}

static void write_matches(struct making *making, const struct field *field, struct slice text) {
    PCRE2_SIZE *range = pcre2_get_ovector_pointer(making->scratch->match);
    PCRE2_SIZE at = 0;
    write_array(&making->writer);
    while (at <= text.length) {
        /* JSON and bare lines were checked: the text is UTF-8. */
        int found =
            pcre2_match(field->pattern, (PCRE2_SPTR)text.data, text.length, at, PCRE2_NO_UTF_CHECK,
                        making->scratch->match, making->scratch->limits);
        if (found < 0) break;
        write_text(&making->writer, slice_from(text.data + range[0], range[1] - range[0]));
        at = range[1];
        if (range[1] > range[0]) continue;
        at++; /* an empty match: on to the next code point */
        while (at < text.length && ((unsigned char)text.data[at] & 0xC0) == 0x80)
            at++;
    }
    write_array_end(&making->writer);
}

static bool write_all(struct making *making, const struct field *field) {
    struct slice text = making->message->text;
    if (!field->full_text) {
        const struct json_slot *slot = making->slots ? &making->slots[field->slot] : NULL;
        if (slot == NULL || slot->count == 0 || slot->first.type != JSON_STRING) return false;
        text = slot->first.text;
    }
    write_matches(making, field, text.data ? text : SLICE(""));
    return true;
}

static bool write_fields(struct making *making, const struct field *fields, size_t count);

/* An object of the record is null where that is null, and not there where that is not; one of the
 * message's own is left out when it would be empty. */
static bool write_nested(struct making *making, const struct field *field) {
    if (field->slot >= 0) {
        if (making->slots == NULL) return false;
        const struct json_slot *slot = &making->slots[field->slot];
        if (slot->count == 0 && !slot->array) return false;
        if (slot->count == 0 || slot->first.type != JSON_OBJECT) return write_slot(making, field);
    }
    write_object(&making->writer);
    bool any = write_fields(making, field->fields, field->field_count);
    write_object_end(&making->writer);
    return any || field->slot >= 0;
}

static bool write_field(struct making *making, const struct field *field) {
    if (field->type == FIELD_OBJECT) return write_nested(making, field);
    if (field->function)
        return making->context->computed(making->context->computer, field->function - 1,
                                         field->type, &making->writer);
    if (field->pattern) return write_all(making, field);
    if (field->slot >= 0) return write_slot(making, field);
    return field->taken->write(&making->writer, making->message, making->context, field->epoch);
}

/* Fields without a value take their name back. */
static bool write_fields(struct making *making, const struct field *fields, size_t count) {
    struct writer *writer = &making->writer;
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        size_t before = (size_t)(writer->next - writer->start);
        bool comma = writer->comma;
        write_name(writer, fields[i].name);
        if (write_field(making, &fields[i])) {
            any = true;
            continue;
        }
        writer->next = writer->start + before;
        writer->comma = comma;
    }
    return any;
}

struct slice schema_document(const struct schema *schema, struct schema_scratch *scratch,
                             struct message *message, const struct json_slot *slots,
                             const struct document_context *context, struct arena *arena) {
    struct making making = {
        .scratch = scratch, .message = message, .slots = slots, .context = context
    };
    writer_init(&making.writer, arena, message->text.length * 2 + 768);
    write_object(&making.writer);
    write_fields(&making, schema->fields, schema->field_count);
    write_object_end(&making.writer);
    return writer_finish(&making.writer);
}

static void write_properties(struct writer *writer, const struct field *fields, size_t count) {
    write_name(writer, SLICE("properties"));
    write_object(writer);
    for (size_t i = 0; i < count; i++) {
        write_name(writer, fields[i].name);
        write_object(writer);
        if (fields[i].type == FIELD_OBJECT)
            write_properties(writer, fields[i].fields, fields[i].field_count);
        else {
            write_name(writer, SLICE("type"));
            write_text(writer, slice_of(field_type_name(fields[i].type)));
        }
        if (fields[i].format.length) {
            write_name(writer, SLICE("format"));
            write_text(writer, fields[i].format);
        }
        write_object_end(writer);
    }
    write_object_end(writer);
}

struct slice schema_mapping(const struct schema *schema, struct arena *arena) {
    struct writer writer;
    writer_init(&writer, arena, 2048);
    write_object(&writer);
    write_name(&writer, SLICE("mappings"));
    write_object(&writer);
    write_properties(&writer, schema->fields, schema->field_count);
    write_object_end(&writer);
    write_object_end(&writer);
    return writer_finish(&writer);
}
