/* index/body.h */
#include "index/body.h"
#include "json/writer.h"

/* Of an action line beside the id and the name of the index. */
#define ACTION_BYTES 112

/* Ids and names are ASCII without quotes nearly always. */
static bool is_plain(struct slice text) {
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte < 0x20 || byte >= 0x7F || byte == '"' || byte == '\\') return false;
    }
    return true;
}

/* The text as it stands between quotes. */
static struct slice escape(struct slice text, struct arena *arena) {
    struct writer writer;
    if (is_plain(text)) return text;
    writer_init(&writer, arena, text.length + 16);
    write_text(&writer, text);
    struct slice quoted = writer_finish(&writer);
    return slice_from(quoted.data + 1, quoted.length - 2);
}

static void put(struct buffer *body, struct slice bytes) {
    memcpy(body->data + body->length, bytes.data, bytes.length);
    body->length += bytes.length;
}

static void put_number(struct buffer *body, int64_t number) {
    char digits[24], *at = digits + sizeof digits;
    do
        *--at = (char)('0' + number % 10);
    while (number /= 10);
    put(body, slice_from(at, (size_t)(digits + sizeof digits - at)));
}

const char *index_verb_name(enum index_verb verb) {
    static const char *const names[] = { "index", "update", "delete" };
    return names[verb];
}

bool index_body_add(struct buffer *body, const struct index_action *action, struct arena *arena) {
    struct slice id = escape(action->id, arena);
    struct slice index = escape(action->index, arena);
    bool removes = action->verb == INDEX_REMOVE, changes = action->verb == INDEX_CHANGE;
    size_t document_bytes = removes ? 0 : action->document.length + 16;
    if (!buffer_reserve(body, ACTION_BYTES + id.length + index.length + document_bytes))
        return false;
    put(body, SLICE("{\""));
    put(body, slice_of(index_verb_name(action->verb)));
    put(body, SLICE("\":{"));
    if (index.length) {
        put(body, SLICE("\"_index\":\""));
        put(body, index);
        put(body, SLICE("\","));
    }
    put(body, SLICE("\"_id\":\""));
    put(body, id);
    put(body, SLICE("\""));
    if (action->version > 0) {
        put(body, SLICE(",\"version_type\":\"external_gte\",\"version\":"));
        put_number(body, action->version);
    }
    put(body, SLICE("}}\n"));
    if (removes) return true;
    if (changes) put(body, SLICE("{\"doc\":"));
    put(body, action->document);
    put(body, changes ? SLICE("}\n") : SLICE("\n"));
    return true;
}
