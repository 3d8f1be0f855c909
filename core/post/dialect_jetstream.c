/* Bluesky's Jetstream: commits of app.bsky.feed.post are posts, everything else is control.
 *
 * Source: the event JSON of bluesky-social/jetstream (both generations: /subscribe, and
 * subscribeEvents in its xrpc.v1.json frames) and the lexicons app.bsky.feed.post and
 * app.bsky.richtext.facet. A post's id is its at:// URI, which deletes and updates address. Facets
 * are whatever a client wrote: their byte offsets are cut to the text, and those that make no sense
 * are skipped. The record has the author's DID only, no handle. */
#include "base/date.h"
#include "base/utf8.h"
#include "post/dialect_internal.h"

/* Tags, mentions and links that are taken: a post of 300 characters has no use for more. */
#define MAX_LISTED 256

#define COMMIT_PATHS(X)                                                                            \
    X(OPERATION, "operation")                                                                      \
    X(COLLECTION, "collection")                                                                    \
    X(RKEY, "rkey")                                                                                \
    X(TEXT, "record.text")                                                                         \
    X(CREATED_AT, "record.createdAt")                                                              \
    X(LANGS, "record.langs")                                                                       \
    X(TAGS, "record.tags")                                                                         \
    X(PARENT, "record.reply.parent.uri")                                                           \
    X(FACET_START, "record.facets.index.byteStart")                                                \
    X(FACET_END, "record.facets.index.byteEnd")                                                    \
    X(FACET_TAG, "record.facets.features.tag")                                                     \
    X(FACET_DID, "record.facets.features.did")                                                     \
    X(FACET_URI, "record.facets.features.uri")                                                     \
    X(EMBED, "record.embed.$type")                                                                 \
    X(EMBED_MEDIA, "record.embed.media.$type")                                                     \
    X(EMBED_URI, "record.embed.external.uri")                                                      \
    X(EMBED_MEDIA_URI, "record.embed.media.external.uri")

enum path {
#define FIRST(name, path) name,
    COMMIT_PATHS(FIRST)
#undef FIRST
#define SECOND(name, path) SECOND_##name,
        COMMIT_PATHS(SECOND)
#undef SECOND
            DID,
    TIME_US,
    KIND,
    FRAME,
    FRAME_ERROR,
    FRAME_KIND,
    FRAME_DID,
    FRAME_TIME,
    PATHS
};

#define SECOND_OFFSET (SECOND_OPERATION - OPERATION)

static const char *const paths[PATHS] = {
#define FIRST(name, path) [name] = "commit." path,
    COMMIT_PATHS(FIRST)
#undef FIRST
#define SECOND(name, path) [SECOND_##name] = "payload." path,
        COMMIT_PATHS(SECOND)
#undef SECOND
            [DID] = "did",
    [TIME_US] = "time_us",
    [KIND] = "kind",
    [FRAME] = "$type",
    [FRAME_ERROR] = "error",
    [FRAME_KIND] = "payload.$type",
    [FRAME_DID] = "payload.did",
    [FRAME_TIME] = "payload.time",
};

static const struct slice frame_kinds = { "network.bsky.jetstream.subscribeEvents#", 39 };

/* A frame of the second generation. */
static bool is_frame(const struct reading *reading) {
    struct slice type = slot_text(slot_at(reading, FRAME));
    if (slice_is(type, "error")) return slot_is(slot_at(reading, FRAME_ERROR), JSON_STRING);
    return slice_is(type, "message") &&
           slice_starts(slot_text(slot_at(reading, FRAME_KIND)), frame_kinds);
}

static bool jetstream_fits(const struct reading *reading) {
    bool event = slice_starts(slot_text(slot_at(reading, DID)), SLICE("did:")) &&
                 slot_present(slot_at(reading, TIME_US)) && slot_present(slot_at(reading, KIND));
    return event || is_frame(reading);
}

/* A member of the commit, in either generation. */
static const struct json_slot *member(const struct reading *reading, enum path path) {
    return slot_at(reading, (int)path + (is_frame(reading) ? SECOND_OFFSET : 0));
}

static void list_add(struct slice_list *list, struct slice text) {
    if (text.length == 0 || list->count == MAX_LISTED) return;
    for (uint32_t i = 0; i < list->count; i++)
        if (slice_equal(list->items[i], text)) return;
    list->items[list->count++] = text;
}

static void list_add_all(struct slice_list *list, const struct json_slot *slot) {
    for (const struct json_value *value = &slot->first; slot->count && value; value = value->next)
        if (value->type == JSON_STRING) list_add(list, value->text);
}

static struct slice_list list_create(const struct reading *reading, size_t room) {
    room = MIN(room, (size_t)MAX_LISTED);
    return (struct slice_list){ arena_alloc(reading->arena, room * sizeof(struct slice)), 0 };
}

static struct slice_list both(const struct reading *reading, enum path first, enum path second,
                              enum path third) {
    const struct json_slot *slots[] = { member(reading, first), member(reading, second),
                                        member(reading, third) };
    struct slice_list list = list_create(reading, (size_t)slots[0]->count + slots[1]->count +
                                                      (third == second ? 0 : slots[2]->count));
    for (int i = 0; i < (third == second ? 2 : 3); i++)
        list_add_all(&list, slots[i]);
    return list;
}

/* The offset that a facet gives, cut to the text; false when it is none. */
static bool read_offset(const struct json_value *value, struct slice text, size_t *offset) {
    int64_t number;
    if (value->type != JSON_NUMBER || !number_integer(value->text, &number) || number < 0)
        return false;
    *offset = (size_t)MIN((uint64_t)number, (uint64_t)text.length);
    return true;
}

/* The value of array element `element` at *value or behind it, where *value then stays. */
static bool seek(const struct json_value **value, uint32_t element) {
    while (*value && (*value)->element < element)
        *value = (*value)->next;
    return *value && (*value)->element == element;
}

/* "@handle" in the text from `start` to `end`, without its '@'; empty when it is none. */
static struct slice handle_at(struct slice text, size_t start, size_t end) {
    if (start >= end || text.data[start] != '@') return slice_from(NULL, 0);
    struct slice handle = slice_from(text.data + start + 1, end - start - 1);
    return utf8_valid(handle) ? handle : slice_from(NULL, 0);
}

/* Handles as they stand in the text; a facet without a sound place gives its DID. Values of a path
 * come in the order of the facets. */
static void read_mentions(const struct reading *reading) {
    struct message *message = reading->message;
    const struct json_slot *dids = member(reading, FACET_DID);
    const struct json_slot *starts = member(reading, FACET_START),
                           *ends = member(reading, FACET_END);
    const struct json_value *start = starts->count ? &starts->first : NULL;
    const struct json_value *end = ends->count ? &ends->first : NULL;
    message->mentions = list_create(reading, dids->count);
    for (const struct json_value *did = &dids->first; dids->count && did; did = did->next) {
        size_t from, to;
        struct slice handle = slice_from(NULL, 0);
        if (did->type != JSON_STRING) continue;
        if (seek(&start, did->element) && seek(&end, did->element) &&
            read_offset(start, message->text, &from) && read_offset(end, message->text, &to))
            handle = handle_at(message->text, from, to);
        list_add(&message->mentions, either(handle, did->text));
    }
}

static bool type_is(struct slice type, const char *name) {
    return slice_starts(type, SLICE("app.bsky.embed.")) && slice_is(slice_skip(type, 15), name);
}

static void read_embed(const struct reading *reading) {
    uint32_t *traits = &reading->message->traits;
    struct slice embed = slot_text(member(reading, EMBED));
    struct slice media = either(slot_text(member(reading, EMBED_MEDIA)), embed);
    if (type_is(embed, "record") || type_is(embed, "recordWithMedia")) *traits |= TRAIT_QUOTE;
    if (type_is(media, "images") || type_is(media, "gallery"))
        *traits |= TRAIT_MEDIA | TRAIT_IMAGES;
    if (type_is(media, "video")) *traits |= TRAIT_MEDIA | TRAIT_VIDEO;
}

/* Whom the post answers: the DID in at://DID/app.bsky.feed.post/… */
static void read_reply(const struct reading *reading) {
    struct slice parent = slot_text(member(reading, PARENT));
    if (!slice_starts(parent, SLICE("at://"))) return;
    parent = slice_skip(parent, 5);
    const char *slash = memchr(parent.data, '/', parent.length);
    reading->message->reply_to_id =
        slice_first(parent, slash ? (size_t)(slash - parent.data) : parent.length);
    reading->message->traits |= TRAIT_REPLY;
}

/* When the post says it was made; else when Jetstream saw it. */
static void read_created(const struct reading *reading) {
    struct message *message = reading->message;
    struct slice seen = slot_id(slot_at(reading, TIME_US));
    int64_t time;
    if (date_read_iso(slot_text(member(reading, CREATED_AT)), &time) ||
        date_read_iso(slot_text(slot_at(reading, FRAME_TIME)), &time))
        message->created_ms = time;
    else if (number_integer(seen, &time) && time > 0)
        message->created_ms = time / 1000;
}

static void read_post(const struct reading *reading) {
    struct message *message = reading->message;
    const struct json_slot *text = member(reading, TEXT);
    if (!slot_is(text, JSON_STRING)) {
        read_malformed(message, "the post's text is no text");
        return;
    }
    message->text = text->first.text;
    message->lang = slot_text(member(reading, LANGS));
    message->hashtags = both(reading, FACET_TAG, TAGS, TAGS);
    message->urls = both(reading, FACET_URI, EMBED_URI, EMBED_MEDIA_URI);
    read_mentions(reading);
    read_embed(reading);
    read_reply(reading);
    read_created(reading);
}

static void read_commit(const struct reading *reading, struct slice did) {
    struct message *message = reading->message;
    struct slice operation = slot_text(member(reading, OPERATION));
    struct slice rkey = slot_text(member(reading, RKEY));
    if (did.length == 0 || rkey.length == 0) {
        read_malformed(message, "the commit names no post");
        return;
    }
    message->author.id = did;
    message->id = arena_format(reading->arena, "at://%.*s/app.bsky.feed.post/%.*s", SLICE_ARGS(did),
                               SLICE_ARGS(rkey));
    if (slice_is(operation, "delete")) {
        message->kind = MESSAGE_DELETE;
        read_created(reading);
    } else if (slice_is(operation, "create") || slice_is(operation, "update")) {
        message->kind = slice_is(operation, "update") ? MESSAGE_EDIT : MESSAGE_POST;
        read_post(reading);
    } else
        read_malformed(message, "the commit has no known operation");
}

static void jetstream_read(const struct reading *reading) {
    struct message *message = reading->message;
    bool frame = is_frame(reading);
    struct slice kind = slot_text(slot_at(reading, frame ? FRAME_KIND : KIND));
    if (frame) kind = slice_skip(kind, MIN(kind.length, frame_kinds.length));
    message->network = SLICE("bluesky");
    message->kind = MESSAGE_CONTROL;
    if (slice_is(kind, "commit") &&
        slice_is(slot_text(member(reading, COLLECTION)), "app.bsky.feed.post"))
        read_commit(reading, slot_text(slot_at(reading, frame ? FRAME_DID : DID)));
}

const struct dialect dialect_jetstream = {
    .name = "jetstream",
    .paths = paths,
    .path_count = PATHS,
    .fits = jetstream_fits,
    .read = jetstream_read,
};
