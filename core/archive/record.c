/* archive/record.h */
#include "archive/record.h"
#include "archive/name.h"
#include "base/alloc.h"
#include "base/base64.h"
#include "post/notice.h"
#include "json/projection.h"
#include "json/writer.h"

/* Members that say the language: of our documents and X's v1.1, X's v2, Mastodon, Bluesky. */
static const char *const lang_paths[] = { "lang", "data.lang", "language", "commit.record.langs" };

struct record_keeper {
    struct record_style style;
    struct arena arena; /* of one record */
    struct projection *projection;
    struct projector *projector;
    int langs[LENGTH(lang_paths)]; /* slots */
};

struct record_keeper *record_keeper_create(const struct record_style *style) {
    struct record_keeper *keeper = memory_zeroed(1, sizeof *keeper);
    keeper->style = *style;
    arena_init(&keeper->arena);
    keeper->projection = projection_create();
    for (size_t i = 0; i < LENGTH(lang_paths); i++)
        keeper->langs[i] = projection_add(keeper->projection, slice_of(lang_paths[i]));
    projection_seal(keeper->projection);
    keeper->projector = projector_create(keeper->projection);
    return keeper;
}

void record_keeper_destroy(struct record_keeper *keeper) {
    projector_destroy(keeper->projector);
    projection_destroy(keeper->projection);
    arena_free(&keeper->arena);
    memory_free(keeper);
}

/* ---- what tells records apart --------------------------------------------------------------- */

static struct slice text_of(const struct json_slot *slots, int slot) {
    const struct json_value *value = &slots[slot].first;
    return value->type == JSON_STRING ? value->text : (struct slice){ 0 };
}

static struct slice lang_in(struct record_keeper *keeper, struct slice json) {
    struct slice reason;
    if (json.length == 0) return json;
    const struct json_slot *slots = projector_run(
        keeper->projector, json_padded(&keeper->arena, json), &keeper->arena, &reason);
    struct slice lang = { 0 };
    for (size_t i = 0; slots && lang.length == 0 && i < LENGTH(lang_paths); i++)
        lang = text_of(slots, keeper->langs[i]);
    return lang;
}

/* A document of schema `post` has the one that was found out, others what the network says. */
static struct slice lang_of(struct record_keeper *keeper, const struct record *record,
                            const struct document *document) {
    struct slice lang = { 0 };
    if (record_is_notice(record->kind)) return lang;
    if (document) lang = lang_in(keeper, document->bytes);
    return lang.length ? lang : lang_in(keeper, record->raw);
}

/* Of "x:123", "at://..." and "https://server/...". */
static struct slice network_of(const struct record *record) {
    const char *colon = memchr(record->key.data, ':', record->key.length);
    struct slice scheme = slice_first(record->key, colon ? (size_t)(colon - record->key.data) : 0);
    if (slice_is(scheme, "at")) return SLICE("bluesky");
    return slice_is(scheme, "https") || slice_is(scheme, "http") ? SLICE("mastodon") : scheme;
}

void record_partition(struct record_keeper *keeper, const struct record *record, uint32_t members,
                      struct partition *into) {
    const struct document *document = sink_document(keeper->style.context, record);
    *into = (struct partition){ .members = members };
    if (keeper->style.documents && document == NULL) {
        into->members = PARTITION_ERRORS;
        return;
    }
    if (members & 1U << PARTITION_QUERY)
        partition_value(record->query_count ? record->queries[0] : SLICE(""), "none",
                        into->values[PARTITION_QUERY]);
    if (members & 1U << PARTITION_NETWORK)
        partition_value(network_of(record), "none", into->values[PARTITION_NETWORK]);
    if ((members & 1U << PARTITION_LANG) == 0) return;
    arena_reset(&keeper->arena, ARENA_BLOCK_BYTES);
    partition_value(lang_of(keeper, record, document), "und", into->values[PARTITION_LANG]);
}

/* ---- what is kept --------------------------------------------------------------------------- */

/* The same whenever it is made again: its instants are the record's. */
static struct slice error_record(struct arena *arena, const struct record *record) {
    struct writer writer;
    writer_init(&writer, arena, 512 + record->raw.length * 2);
    write_object(&writer);
    write_integer_member(&writer, "attemptsMade", 1);
    write_integer_member(&writer, "arrivalTimestamp", record->received_ms);
    write_text_member(&writer, "errorCode", SLICE("Linnet.NoDocument"));
    write_text_member(&writer, "errorMessage",
                      SLICE("it was kept without a document in this sink's schema"));
    write_integer_member(&writer, "attemptEndingTimestamp", record->received_ms);
    write_text_member(&writer, "rawData", base64_text(record->raw, arena));
    write_object_end(&writer);
    return writer_finish(&writer);
}

static struct slice kept_bytes(struct record_keeper *keeper, const struct record *record) {
    const struct document *document = sink_document(keeper->style.context, record);
    if (!keeper->style.documents && record->raw.length) return record->raw;
    if (record_is_notice(record->kind) || document == NULL)
        return notice_of(record->kind, document ? document->key : record->key, &keeper->arena);
    return document->bytes;
}

void record_keep(struct record_keeper *keeper, const struct record *record, struct object *object) {
    bool error = object->partition.members & PARTITION_ERRORS;
    arena_reset(&keeper->arena, ARENA_BLOCK_BYTES);
    object_add(object, error ? error_record(&keeper->arena, record) : kept_bytes(keeper, record));
    object_add(object, error ? SLICE("\n") : keeper->style.delimiter);
}
