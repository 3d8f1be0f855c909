/* X (Twitter) v1.1: streamed and archived tweets, deletes, and the stream's control messages.
 *
 * Source: "Streaming message types" and the v1.1 tweet object. The full text is
 * extended_tweet.full_text where it is; of a retweet, text, tags and links are the original's,
 * because its own are cut. */
#include "base/date.h"
#include "post/dialect_internal.h"

/* The members of a tweet that its retweet and its quote have too, under their own prefix. */
#define TWEET_PATHS(X)                                                                             \
    X(TEXT, "text")                                                                                \
    X(FULL_TEXT, "full_text")                                                                      \
    X(EXTENDED_TEXT, "extended_tweet.full_text")                                                   \
    X(HASHTAGS, "entities.hashtags.text")                                                          \
    X(MENTIONS, "entities.user_mentions.screen_name")                                              \
    X(CASHTAGS, "entities.symbols.text")                                                           \
    X(URLS, "entities.urls.expanded_url")                                                          \
    X(MEDIA, "extended_entities.media.type")                                                       \
    X(EXTENDED_HASHTAGS, "extended_tweet.entities.hashtags.text")                                  \
    X(EXTENDED_MENTIONS, "extended_tweet.entities.user_mentions.screen_name")                      \
    X(EXTENDED_CASHTAGS, "extended_tweet.entities.symbols.text")                                   \
    X(EXTENDED_URLS, "extended_tweet.entities.urls.expanded_url")                                  \
    X(EXTENDED_MEDIA, "extended_tweet.extended_entities.media.type")                               \
    X(USER_ID, "user.id_str")                                                                      \
    X(USER_HANDLE, "user.screen_name")

enum path {
#define OWN(name, path) name,
    TWEET_PATHS(OWN)
#undef OWN
#define ORIGINAL(name, path) ORIGINAL_##name,
        TWEET_PATHS(ORIGINAL)
#undef ORIGINAL
            ID_STR,
    ID,
    CREATED_AT,
    TIMESTAMP_MS,
    LANG,
    USER_ID_NUMBER,
    USER_NAME,
    USER_FOLLOWERS,
    USER_VERIFIED,
    REPLY_STATUS,
    REPLY_USER,
    REPLY_HANDLE,
    COORDINATES,
    PLACE,
    RETWEETED,
    QUOTE_FLAG,
    QUOTED,
    QUOTED_TEXT,
    QUOTED_FULL_TEXT,
    QUOTED_EXTENDED_TEXT,
    DELETED_ID,
    DELETED_USER,
    DELETED_AT,
    SCRUBBED_USER,
    SCRUBBED_USER_NUMBER,
    SCRUBBED_UP_TO,
    SCRUBBED_UP_TO_NUMBER,
    LIMIT,
    DISCONNECT,
    WARNING,
    SCRUB_GEO,
    STATUS_WITHHELD,
    USER_WITHHELD,
    FRIENDS,
    FRIENDS_STR,
    EVENT,
    PATHS
};

#define FIRST_CONTROL LIMIT
#define ORIGINAL_OFFSET (ORIGINAL_TEXT - TEXT)

static const char *const paths[PATHS] = {
#define OWN(name, path) [name] = path,
    TWEET_PATHS(OWN)
#undef OWN
#define ORIGINAL(name, path) [ORIGINAL_##name] = "retweeted_status." path,
        TWEET_PATHS(ORIGINAL)
#undef ORIGINAL
            [ID_STR] = "id_str",
    [ID] = "id",
    [CREATED_AT] = "created_at",
    [TIMESTAMP_MS] = "timestamp_ms",
    [LANG] = "lang",
    [USER_ID_NUMBER] = "user.id",
    [USER_NAME] = "user.name",
    [USER_FOLLOWERS] = "user.followers_count",
    [USER_VERIFIED] = "user.verified",
    [REPLY_STATUS] = "in_reply_to_status_id_str",
    [REPLY_USER] = "in_reply_to_user_id_str",
    [REPLY_HANDLE] = "in_reply_to_screen_name",
    [COORDINATES] = "coordinates.coordinates",
    [PLACE] = "place",
    [RETWEETED] = "retweeted_status",
    [QUOTE_FLAG] = "is_quote_status",
    [QUOTED] = "quoted_status",
    [QUOTED_TEXT] = "quoted_status.text",
    [QUOTED_FULL_TEXT] = "quoted_status.full_text",
    [QUOTED_EXTENDED_TEXT] = "quoted_status.extended_tweet.full_text",
    [DELETED_ID] = "delete.status.id_str",
    [DELETED_USER] = "delete.status.user_id_str",
    [DELETED_AT] = "delete.timestamp_ms",
    [SCRUBBED_USER] = "scrub_geo.user_id_str",
    [SCRUBBED_USER_NUMBER] = "scrub_geo.user_id",
    [SCRUBBED_UP_TO] = "scrub_geo.up_to_status_id_str",
    [SCRUBBED_UP_TO_NUMBER] = "scrub_geo.up_to_status_id",
    [LIMIT] = "limit",
    [DISCONNECT] = "disconnect",
    [WARNING] = "warning",
    [SCRUB_GEO] = "scrub_geo",
    [STATUS_WITHHELD] = "status_withheld",
    [USER_WITHHELD] = "user_withheld",
    [FRIENDS] = "friends",
    [FRIENDS_STR] = "friends_str",
    [EVENT] = "event",
};

static bool is_tweet(const struct reading *reading) {
    bool text = slot_present(slot_at(reading, TEXT)) || slot_present(slot_at(reading, FULL_TEXT));
    bool id = slot_present(slot_at(reading, ID_STR)) || slot_present(slot_at(reading, ID));
    return text && id &&
           (slot_present(slot_at(reading, USER_HANDLE)) ||
            slot_present(slot_at(reading, CREATED_AT)));
}

/* None has a text; a post may have a member called "event" or "limit". A notice that linnet wrote
 * says "scrub_geo": true. */
static bool is_control(const struct reading *reading) {
    if (slot_present(slot_at(reading, TEXT))) return false;
    for (int path = FIRST_CONTROL; path < PATHS; path++)
        if (slot_present(slot_at(reading, path)) && !slot_is(slot_at(reading, path), JSON_TRUE))
            return true;
    return false;
}

static bool x1_fits(const struct reading *reading) {
    return is_tweet(reading) || slot_present(slot_at(reading, DELETED_ID)) || is_control(reading);
}

/* The values of `extended` where the tweet has them, else those of `path`. */
static const struct json_slot *fuller(const struct reading *reading, int extended, int path) {
    const struct json_slot *slot = slot_at(reading, extended);
    return slot->array ? slot : slot_at(reading, path);
}

static void read_media(struct message *message, const struct json_slot *media) {
    for (const struct json_value *kind = &media->first; kind; kind = kind->next)
        if (kind->type == JSON_STRING)
            message->traits |=
                TRAIT_MEDIA | (slice_is(kind->text, "photo") ? TRAIT_IMAGES : TRAIT_VIDEO);
}

/* Text and entities; `offset` is ORIGINAL_OFFSET for what a retweet repeats. */
static void read_content(const struct reading *reading, int offset) {
    struct message *message = reading->message;
    struct slice text = either(slot_text(slot_at(reading, EXTENDED_TEXT + offset)),
                               either(slot_text(slot_at(reading, FULL_TEXT + offset)),
                                      slot_text(slot_at(reading, TEXT + offset))));
    message->text = x_text(text, reading->arena);
    message->hashtags =
        slot_texts(fuller(reading, EXTENDED_HASHTAGS + offset, HASHTAGS + offset), reading->arena);
    message->mentions =
        slot_texts(fuller(reading, EXTENDED_MENTIONS + offset, MENTIONS + offset), reading->arena);
    message->cashtags =
        slot_texts(fuller(reading, EXTENDED_CASHTAGS + offset, CASHTAGS + offset), reading->arena);
    message->urls =
        slot_texts(fuller(reading, EXTENDED_URLS + offset, URLS + offset), reading->arena);
    read_media(message, fuller(reading, EXTENDED_MEDIA + offset, MEDIA + offset));
}

static void read_author(const struct reading *reading) {
    struct author *author = &reading->message->author;
    author->id =
        either(slot_text(slot_at(reading, USER_ID)), slot_id(slot_at(reading, USER_ID_NUMBER)));
    author->handle = slot_text(slot_at(reading, USER_HANDLE));
    author->name = slot_text(slot_at(reading, USER_NAME));
    const struct json_slot *followers = slot_at(reading, USER_FOLLOWERS);
    if (!slot_is(followers, JSON_NUMBER) ||
        !number_integer(followers->first.text, &author->followers))
        author->followers = -1;
    if (slot_is(slot_at(reading, USER_VERIFIED), JSON_TRUE))
        reading->message->traits |= TRAIT_VERIFIED;
}

static void read_relations(const struct reading *reading) {
    struct message *message = reading->message;
    message->reply_to_id = slot_text(slot_at(reading, REPLY_USER));
    message->reply_to_handle = slot_text(slot_at(reading, REPLY_HANDLE));
    if (message->reply_to_id.length || slot_text(slot_at(reading, REPLY_STATUS)).length)
        message->traits |= TRAIT_REPLY;
    if (slot_is(slot_at(reading, RETWEETED), JSON_OBJECT)) {
        message->traits |= TRAIT_RETWEET;
        message->retweeted_id = slot_text(slot_at(reading, ORIGINAL_USER_ID));
        message->retweeted_handle = slot_text(slot_at(reading, ORIGINAL_USER_HANDLE));
    }
    if (slot_is(slot_at(reading, QUOTE_FLAG), JSON_TRUE) ||
        slot_is(slot_at(reading, QUOTED), JSON_OBJECT))
        message->traits |= TRAIT_QUOTE;
    struct slice quoted = either(slot_text(slot_at(reading, QUOTED_EXTENDED_TEXT)),
                                 either(slot_text(slot_at(reading, QUOTED_FULL_TEXT)),
                                        slot_text(slot_at(reading, QUOTED_TEXT))));
    message->quoted_text = x_text(quoted, reading->arena);
}

static void read_when_and_where(const struct reading *reading) {
    struct message *message = reading->message;
    int64_t ms;
    if (date_read_epoch_ms(slot_id(slot_at(reading, TIMESTAMP_MS)), &ms) ||
        date_read_x1(slot_text(slot_at(reading, CREATED_AT)), &ms))
        message->created_ms = ms;
    message->lang = slot_text(slot_at(reading, LANG));
    const struct json_slot *point = slot_at(reading, COORDINATES);
    if (point->count == 2) read_coordinates(message, &point->first, point->first.next);
    if (slot_is(slot_at(reading, PLACE), JSON_OBJECT)) message->traits |= TRAIT_PLACE;
}

static void read_tweet(const struct reading *reading) {
    struct message *message = reading->message;
    message->kind = MESSAGE_POST;
    message->id = either(slot_text(slot_at(reading, ID_STR)), slot_id(slot_at(reading, ID)));
    read_author(reading);
    read_relations(reading);
    bool original = slot_present(slot_at(reading, ORIGINAL_TEXT)) ||
                    slot_present(slot_at(reading, ORIGINAL_FULL_TEXT));
    read_content(reading, original ? ORIGINAL_OFFSET : 0);
    read_when_and_where(reading);
    if (message->id.length == 0) read_malformed(message, "the tweet's id is no text");
    bool has_text = slot_is(slot_at(reading, TEXT), JSON_STRING) ||
                    slot_is(slot_at(reading, FULL_TEXT), JSON_STRING);
    if (!has_text) read_malformed(message, "the tweet's text is no text");
}

static void read_delete(const struct reading *reading) {
    struct message *message = reading->message;
    message->kind = MESSAGE_DELETE;
    message->id = slot_id(slot_at(reading, DELETED_ID));
    message->author.id = slot_id(slot_at(reading, DELETED_USER));
    int64_t ms;
    if (date_read_epoch_ms(slot_id(slot_at(reading, DELETED_AT)), &ms)) message->created_ms = ms;
    if (message->id.length == 0) read_malformed(message, "the delete names no post");
}

static void read_scrub(const struct reading *reading) {
    const struct json_slot *up_to = slot_at(reading, SCRUBBED_UP_TO);
    if (!slot_present(up_to)) up_to = slot_at(reading, SCRUBBED_UP_TO_NUMBER);
    struct slice user = either(slot_id(slot_at(reading, SCRUBBED_USER)),
                               slot_id(slot_at(reading, SCRUBBED_USER_NUMBER)));
    read_author_notice(reading->message, MESSAGE_AUTHOR_SCRUB, user, up_to);
}

static void x1_read(const struct reading *reading) {
    reading->message->network = SLICE("x");
    if (is_tweet(reading))
        read_tweet(reading);
    else if (slot_present(slot_at(reading, DELETED_ID)))
        read_delete(reading);
    else if (slot_is(slot_at(reading, SCRUB_GEO), JSON_OBJECT))
        read_scrub(reading);
    else
        reading->message->kind = MESSAGE_CONTROL;
}

static const uint8_t parts[PATHS] = {
#define PART(name, part) [name] = (part), [ORIGINAL_##name] = (part),
    PART(HASHTAGS, PART_LISTS) PART(MENTIONS, PART_LISTS) PART(CASHTAGS, PART_LISTS)
        PART(URLS, PART_LISTS) PART(MEDIA, PART_MEDIA) PART(EXTENDED_HASHTAGS, PART_LISTS)
            PART(EXTENDED_MENTIONS, PART_LISTS) PART(EXTENDED_CASHTAGS, PART_LISTS)
                PART(EXTENDED_URLS, PART_LISTS) PART(EXTENDED_MEDIA, PART_MEDIA)
                    PART(USER_ID, PART_PEOPLE) PART(USER_HANDLE, PART_PEOPLE)
#undef PART
                        [USER_ID_NUMBER] = PART_PEOPLE,
    [USER_NAME] = PART_PEOPLE,
    [USER_FOLLOWERS] = PART_PEOPLE,
    [USER_VERIFIED] = PART_PEOPLE,
    [COORDINATES] = PART_PLACE,
    [PLACE] = PART_PLACE,
};

const struct dialect dialect_x1 = {
    .name = "x1",
    .paths = paths,
    .path_count = PATHS,
    .parts = parts,
    .fits = x1_fits,
    .read = x1_read,
};
