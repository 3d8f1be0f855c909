/* database/document.h */
#include "database/document.h"
#include "base/alloc.h"
#include "base/date.h"
#include "json/number.h"
#include <math.h>

/* Sums of scores stay exact, and far from the ends of 64 bits. */
#define SCORE_LIMIT 1e6

enum member {
    NETWORK,
    CREATED,
    RECEIVED,
    LANG,
    AUTHOR_ID,
    AUTHOR_HANDLE,
    AUTHOR_NAME,
    TEXT,
    LABEL,
    SCORE,
    SCORER,
    GENERATION,
    /* no columns: */
    ID,
    QUERIES,
    HASHTAGS,
    MENTIONS,
    URLS,
    LON,
    LAT,
    MEMBERS
};
_Static_assert(GENERATION + 1 == STORE_COLUMNS, "the columns come first");

static const char *const members[MEMBERS] = {
    "network",   "created",         "received",        "lang",
    "author.id", "author.handle",   "author.name",     "text",
    "label",     "score",           "scorer",          "generation",
    "id",        "queries",         "hashtags",        "mentions",
    "urls",      "coordinates.lon", "coordinates.lat",
};

struct store_reader {
    struct projection *projection;
    struct projector *projector;
};

struct store_reader *store_reader_create(void) {
    struct store_reader *reader = memory_zeroed(1, sizeof *reader);
    reader->projection = projection_create();
    for (size_t i = 0; i < MEMBERS; i++)
        (void)!projection_add(reader->projection, slice_of(members[i]));
    projection_seal(reader->projection);
    reader->projector = projector_create(reader->projection);
    return reader;
}

void store_reader_destroy(struct store_reader *reader) {
    if (reader == NULL) return;
    projector_destroy(reader->projector);
    projection_destroy(reader->projection);
    memory_free(reader);
}

static bool is_text(const struct json_value *value) {
    return value->type == JSON_STRING || value->type == JSON_NUMBER;
}

static struct slice text_of(const struct json_slot *slot) {
    return slot->count > 0 && is_text(&slot->first) ? slot->first.text : SLICE("");
}

static struct slice_list list_of(const struct json_slot *slot, struct arena *arena) {
    struct slice_list list = { 0 };
    if (slot->count == 0) return list;
    list.items = arena_alloc(arena, slot->count * sizeof *list.items);
    for (const struct json_value *value = &slot->first; value; value = value->next)
        if (is_text(value)) list.items[list.count++] = value->text;
    return list;
}

static int64_t instant_of(const struct json_slot *slot) {
    int64_t ms;
    struct slice text = text_of(slot);
    if (text.length == 0 || !(date_read_iso(text, &ms) || date_read_epoch_ms(text, &ms)))
        return TIME_UNKNOWN;
    return ms;
}

static bool number_of(const struct json_slot *slot, double *value) {
    return slot->count > 0 && slot->first.type == JSON_NUMBER &&
           number_double(slot->first.text, value);
}

static void read_score(const struct json_slot *slots, struct store_document *document) {
    struct message *message = &document->message;
    message->scored = number_of(&slots[SCORE], &message->score);
    if (message->scored)
        document->score_millionths =
            llround(fmax(-SCORE_LIMIT, fmin(SCORE_LIMIT, message->score)) * 1e6);
}

static void read_message(const struct json_slot *slots, struct slice key, struct arena *arena,
                         struct message *message) {
    *message = (struct message){ .kind = MESSAGE_POST,
                                 .network = text_of(&slots[NETWORK]),
                                 .id = text_of(&slots[ID]),
                                 .key = key,
                                 .text = text_of(&slots[TEXT]),
                                 .lang = text_of(&slots[LANG]),
                                 .author = { .id = text_of(&slots[AUTHOR_ID]),
                                             .handle = text_of(&slots[AUTHOR_HANDLE]),
                                             .name = text_of(&slots[AUTHOR_NAME]),
                                             .followers = -1 },
                                 .created_ms = instant_of(&slots[CREATED]),
                                 .received_ms = instant_of(&slots[RECEIVED]),
                                 .hashtags = list_of(&slots[HASHTAGS], arena),
                                 .mentions = list_of(&slots[MENTIONS], arena),
                                 .urls = list_of(&slots[URLS], arena),
                                 .label = text_of(&slots[LABEL]),
                                 .scorer = text_of(&slots[SCORER]) };
    if (number_of(&slots[LON], &message->lon) && number_of(&slots[LAT], &message->lat))
        message->traits |= TRAIT_COORDINATES;
}

bool store_document_read(struct store_reader *reader, struct slice bytes, struct slice key,
                         struct arena *arena, struct store_document *document,
                         struct slice *reject) {
    const struct json_slot *slots =
        projector_run(reader->projector, json_padded(arena, bytes), arena, reject);
    if (slots == NULL) return false;
    if (slots[TEXT].first.type != JSON_STRING) {
        *reject = SLICE("its document has no text");
        return false;
    }
    struct message *message = &document->message;
    *document = (struct store_document){ .columns = slots };
    read_message(slots, key, arena, message);
    read_score(slots, document);
    document->queries = list_of(&slots[QUERIES], arena);
    bool created = message->created_ms != TIME_UNKNOWN;
    bool received = message->received_ms != TIME_UNKNOWN;
    document->created_ms = created ? message->created_ms : message->received_ms;
    document->received_ms = received ? message->received_ms : message->created_ms;
    return true;
}
