/* Plain objects: schema post's own names, so that what linnet wrote can be replayed. */
#include "base/date.h"
#include "post/dialect_internal.h"

enum path {
    ID,
    NETWORK,
    TEXT,
    LANG,
    CREATED,
    AUTHOR,
    AUTHOR_ID,
    AUTHOR_HANDLE,
    AUTHOR_NAME,
    HASHTAGS,
    MENTIONS,
    URLS,
    COORDINATES,
    GEOJSON,
    LON,
    LAT,
    KEY,
    DELETED,
    SCRUBBED,
    PATHS
};

static const char *const paths[PATHS] = {
    [ID] = "id",
    [NETWORK] = "network",
    [TEXT] = "text",
    [LANG] = "lang",
    [CREATED] = "created",
    [AUTHOR] = "author",
    [AUTHOR_ID] = "author.id",
    [AUTHOR_HANDLE] = "author.handle",
    [AUTHOR_NAME] = "author.name",
    [HASHTAGS] = "hashtags",
    [MENTIONS] = "mentions",
    [URLS] = "urls",
    [COORDINATES] = "coordinates",
    [GEOJSON] = "coordinates.coordinates",
    [LON] = "coordinates.lon",
    [LAT] = "coordinates.lat",
    [KEY] = "_id",
    [DELETED] = "deleted",
    [SCRUBBED] = "scrub_geo",
};

/* A notice as linnet writes it, see post/notice.h. */
static bool is_notice(const struct reading *reading) {
    bool says = slot_is(slot_at(reading, DELETED), JSON_TRUE) ||
                slot_is(slot_at(reading, SCRUBBED), JSON_TRUE);
    return says && slot_text(slot_at(reading, KEY)).length > 0;
}

static bool plain_fits(const struct reading *reading) {
    return slot_is(slot_at(reading, TEXT), JSON_STRING) || is_notice(reading);
}

/* The key is NETWORK:ID; without a colon it is an id alone, and a URI is one, too: then members of
 * their own say both. */
static void read_notice(const struct reading *reading) {
    struct slice key = slot_text(slot_at(reading, KEY));
    const char *colon = memchr(key.data, ':', key.length);
    size_t length = colon ? (size_t)(colon - key.data) : 0;
    struct message *message = reading->message;
    bool deleted = slot_is(slot_at(reading, DELETED), JSON_TRUE);
    message->kind = deleted ? MESSAGE_DELETE : MESSAGE_SCRUB;
    message->network = either(slot_text(slot_at(reading, NETWORK)),
                              colon ? slice_first(key, length) : SLICE("plain"));
    message->id = either(slot_id(slot_at(reading, ID)), colon ? slice_skip(key, length + 1) : key);
    if (message->id.length == 0) read_malformed(message, "the notice names no post");
}

static void read_created(const struct reading *reading) {
    const struct json_slot *created = slot_at(reading, CREATED);
    int64_t ms;
    bool known = slot_is(created, JSON_STRING)   ? date_read_iso(created->first.text, &ms)
                 : slot_is(created, JSON_NUMBER) ? date_read_epoch_ms(created->first.text, &ms)
                                                 : false;
    if (known) reading->message->created_ms = ms;
}

/* GeoJSON Point, {"lon":…,"lat":…}, or [lon, lat]. */
static void read_place(const struct reading *reading) {
    const struct json_slot *pair = slot_at(reading, GEOJSON);
    if (pair->count != 2) pair = slot_at(reading, COORDINATES);
    if (pair->array && pair->count == 2)
        read_coordinates(reading->message, &pair->first, pair->first.next);
    else
        read_coordinates(reading->message, &slot_at(reading, LON)->first,
                         &slot_at(reading, LAT)->first);
}

static void plain_read(const struct reading *reading) {
    struct message *message = reading->message;
    if (is_notice(reading)) {
        read_notice(reading);
        return;
    }
    message->kind = MESSAGE_POST;
    message->network = either(slot_text(slot_at(reading, NETWORK)), SLICE("plain"));
    message->id = slot_id(slot_at(reading, ID));
    message->text = slot_text(slot_at(reading, TEXT));
    message->lang = slot_text(slot_at(reading, LANG));
    message->author.id = slot_id(slot_at(reading, AUTHOR_ID));
    message->author.handle =
        either(slot_text(slot_at(reading, AUTHOR_HANDLE)), slot_text(slot_at(reading, AUTHOR)));
    message->author.name = slot_text(slot_at(reading, AUTHOR_NAME));
    message->hashtags = slot_texts(slot_at(reading, HASHTAGS), reading->arena);
    message->mentions = slot_texts(slot_at(reading, MENTIONS), reading->arena);
    message->urls = slot_texts(slot_at(reading, URLS), reading->arena);
    read_created(reading);
    read_place(reading);
}

const struct dialect dialect_plain = {
    .name = "plain",
    .paths = paths,
    .path_count = PATHS,
    .fits = plain_fits,
    .read = plain_read,
};
