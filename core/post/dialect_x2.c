/* X API v2: posts of the filtered stream, compliance events, problems.
 *
 * Source: the OpenAPI description of X API v2 (2.167) and its pages on streams. Authors, originals
 * and places stand beside the post, in `includes`, and are found by their ids; `includes.posts` and
 * `edit_history_post_ids` are the newer names of `tweets` and `edit_history_tweet_ids`. The full
 * text is note_tweet's; of a repost, text, tags and links are the original's, because its own are
 * cut. An edit has an id of its own; it keeps the one that its history begins with, so that it
 * replaces what was written before. */
#include "base/date.h"
#include "post/dialect_internal.h"
#include "post/x_id.h"

/* What a post has wherever it stands, under that place's prefix. */
#define POST_PATHS(X)                                                                              \
    X(ID, "id")                                                                                    \
    X(TEXT, "text")                                                                                \
    X(AUTHOR, "author_id")                                                                         \
    X(HASHTAGS, "entities.hashtags.tag")                                                           \
    X(MENTIONS, "entities.mentions.username")                                                      \
    X(CASHTAGS, "entities.cashtags.tag")                                                           \
    X(URLS, "entities.urls.expanded_url")                                                          \
    X(NOTE_TEXT, "note_tweet.text")                                                                \
    X(NOTE_HASHTAGS, "note_tweet.entities.hashtags.tag")                                           \
    X(NOTE_MENTIONS, "note_tweet.entities.mentions.username")                                      \
    X(NOTE_CASHTAGS, "note_tweet.entities.cashtags.tag")                                           \
    X(NOTE_URLS, "note_tweet.entities.urls.expanded_url")

/* A moment may be said without its milliseconds. */
#define SECOND_MS 1000

enum path {
#define OWN(name, path) name,
    POST_PATHS(OWN)
#undef OWN
#define OTHER(name, path) OTHER_##name,
        POST_PATHS(OTHER)
#undef OTHER
#define RENAMED(name, path) RENAMED_##name,
            POST_PATHS(RENAMED)
#undef RENAMED
                DATA,
    CREATED_AT,
    LANG,
    EDITS,
    EDITS_RENAMED,
    REPLY_USER,
    REFERENCE_TYPE,
    REFERENCE_ID,
    COORDINATES,
    PLACE,
    USER_ID,
    USER_HANDLE,
    USER_NAME,
    USER_VERIFIED,
    USER_FOLLOWERS,
    MEDIA,
    DELETED_ID,
    DELETED_AUTHOR,
    DELETED_AT,
    DROPPED_ID,
    DROPPED_AUTHOR,
    DROPPED_AT,
    ERROR_TYPE,
    FIRST_EVENT,
    WITHHELD = FIRST_EVENT,
    UNDROP,
    TWEET_EDIT,
    USER_UNDELETE,
    USER_UNPROTECT,
    USER_UNSUSPEND,
    USER_WITHHELD,
    USER_PROFILE,
    USER_DELETE,
    USER_PROTECT,
    USER_SUSPEND,
    SCRUB_GEO,
    EVENTS_END,
    DELETED_USER = EVENTS_END,
    PROTECTED_USER,
    SUSPENDED_USER,
    SCRUBBED_USER,
    SCRUBBED_UP_TO,
    DELETED_USER_AT,
    PROTECTED_USER_AT,
    SUSPENDED_USER_AT,
    PATHS
};

/* Posts stand in `data`, in `includes.tweets` and in `includes.posts`. */
#define OTHER_OFFSET (OTHER_ID - ID)
#define RENAMED_OFFSET (RENAMED_ID - ID)

static const char *const paths[PATHS] = {
#define OWN(name, path) [name] = "data." path,
    POST_PATHS(OWN)
#undef OWN
#define OTHER(name, path) [OTHER_##name] = "includes.tweets." path,
        POST_PATHS(OTHER)
#undef OTHER
#define RENAMED(name, path) [RENAMED_##name] = "includes.posts." path,
            POST_PATHS(RENAMED)
#undef RENAMED
                [DATA] = "data",
    [CREATED_AT] = "data.created_at",
    [LANG] = "data.lang",
    [EDITS] = "data.edit_history_tweet_ids",
    [EDITS_RENAMED] = "data.edit_history_post_ids",
    [REPLY_USER] = "data.in_reply_to_user_id",
    [REFERENCE_TYPE] = "data.referenced_tweets.type",
    [REFERENCE_ID] = "data.referenced_tweets.id",
    [COORDINATES] = "data.geo.coordinates.coordinates",
    [PLACE] = "data.geo.place_id",
    [USER_ID] = "includes.users.id",
    [USER_HANDLE] = "includes.users.username",
    [USER_NAME] = "includes.users.name",
    [USER_VERIFIED] = "includes.users.verified",
    [USER_FOLLOWERS] = "includes.users.public_metrics.followers_count",
    [MEDIA] = "includes.media.type",
    [DELETED_ID] = "data.delete.tweet.id",
    [DELETED_AUTHOR] = "data.delete.tweet.author_id",
    [DELETED_AT] = "data.delete.event_at",
    [DROPPED_ID] = "data.drop.tweet.id",
    [DROPPED_AUTHOR] = "data.drop.tweet.author_id",
    [DROPPED_AT] = "data.drop.event_at",
    [ERROR_TYPE] = "errors.type",
    [WITHHELD] = "data.withheld",
    [UNDROP] = "data.undrop",
    [TWEET_EDIT] = "data.tweet_edit",
    [USER_UNDELETE] = "data.user_undelete",
    [USER_UNPROTECT] = "data.user_unprotect",
    [USER_UNSUSPEND] = "data.user_unsuspend",
    [USER_WITHHELD] = "data.user_withheld",
    [USER_PROFILE] = "data.user_profile_modification",
    [USER_DELETE] = "data.user_delete",
    [USER_PROTECT] = "data.user_protect",
    [USER_SUSPEND] = "data.user_suspend",
    [SCRUB_GEO] = "data.scrub_geo",
    [DELETED_USER] = "data.user_delete.user.id",
    [PROTECTED_USER] = "data.user_protect.user.id",
    [SUSPENDED_USER] = "data.user_suspend.user.id",
    [SCRUBBED_USER] = "data.scrub_geo.user.id",
    [SCRUBBED_UP_TO] = "data.scrub_geo.up_to_tweet_id",
    [DELETED_USER_AT] = "data.user_delete.event_at",
    [PROTECTED_USER_AT] = "data.user_protect.event_at",
    [SUSPENDED_USER_AT] = "data.user_suspend.event_at",
};

/* A post in the record: by which paths, and as which element of its array. */
struct post {
    int offset;
    uint32_t element;
};

static bool is_post(const struct reading *reading) {
    return slot_present(slot_at(reading, ID)) && slot_present(slot_at(reading, TEXT));
}

static bool is_event(const struct reading *reading) {
    for (int path = FIRST_EVENT; path < EVENTS_END; path++)
        if (slot_is(slot_at(reading, path), JSON_OBJECT)) return true;
    return false;
}

static bool is_problem(const struct reading *reading) {
    return !slot_present(slot_at(reading, DATA)) &&
           slot_is(slot_at(reading, ERROR_TYPE), JSON_STRING);
}

static bool x2_fits(const struct reading *reading) {
    return is_post(reading) || slot_present(slot_at(reading, DELETED_ID)) ||
           slot_present(slot_at(reading, DROPPED_ID)) || is_event(reading) || is_problem(reading);
}

/* Where `id` stands among the values of a slot; false when it does not. */
static bool find_element(const struct json_slot *ids, struct slice id, uint32_t *element) {
    if (ids->count == 0 || id.length == 0) return false;
    for (const struct json_value *value = &ids->first; value; value = value->next)
        if (slice_equal(value->text, id)) {
            *element = value->element;
            return true;
        }
    return false;
}

/* The post that this one refers to as `type`, when the record brings it. */
static bool find_referenced(const struct reading *reading, const char *type, struct slice *id,
                            struct post *post) {
    uint32_t reference;
    *id = slice_from(NULL, 0);
    if (!find_element(slot_at(reading, REFERENCE_TYPE), slice_of(type), &reference)) return false;
    *id = slot_id_of(slot_at(reading, REFERENCE_ID), reference);
    post->offset = OTHER_OFFSET;
    if (find_element(slot_at(reading, OTHER_ID), *id, &post->element)) return true;
    post->offset = RENAMED_OFFSET;
    return find_element(slot_at(reading, RENAMED_ID), *id, &post->element);
}

static const struct json_slot *post_slot(const struct reading *reading, const struct post *post,
                                         enum path path) {
    return slot_at(reading, (int)path + post->offset);
}

static struct slice post_text(const struct reading *reading, const struct post *post,
                              enum path path) {
    return slot_text_of(post_slot(reading, post, path), post->element);
}

static struct slice post_full_text(const struct reading *reading, const struct post *post) {
    struct slice text = either(post_text(reading, post, NOTE_TEXT), post_text(reading, post, TEXT));
    return x_text(text, reading->arena);
}

/* The handle of a user in `includes`; empty when it is not there. */
static struct slice handle_of(const struct reading *reading, struct slice id) {
    uint32_t user;
    if (!find_element(slot_at(reading, USER_ID), id, &user)) return slice_from(NULL, 0);
    return slot_text_of(slot_at(reading, USER_HANDLE), user);
}

/* Entities of the whole text where there is a longer one, else of the text. */
static struct slice_list post_list(const struct reading *reading, const struct post *post,
                                   enum path note, enum path path) {
    /* in `data` the outermost array is the list itself: every element belongs to the post */
    bool longer = post_text(reading, post, NOTE_TEXT).length > 0;
    const struct json_slot *slot = post_slot(reading, post, longer ? note : path);
    return post->offset == 0 ? slot_texts(slot, reading->arena)
                             : slot_texts_of(slot, post->element, reading->arena);
}

static void read_content(const struct reading *reading, const struct post *post) {
    struct message *message = reading->message;
    message->text = post_full_text(reading, post);
    message->hashtags = post_list(reading, post, NOTE_HASHTAGS, HASHTAGS);
    message->mentions = post_list(reading, post, NOTE_MENTIONS, MENTIONS);
    message->cashtags = post_list(reading, post, NOTE_CASHTAGS, CASHTAGS);
    message->urls = post_list(reading, post, NOTE_URLS, URLS);
}

static void read_author(const struct reading *reading) {
    struct message *message = reading->message;
    uint32_t user;
    message->author.id = slot_id(slot_at(reading, AUTHOR));
    if (!find_element(slot_at(reading, USER_ID), message->author.id, &user)) return;
    message->author.handle = slot_text_of(slot_at(reading, USER_HANDLE), user);
    message->author.name = slot_text_of(slot_at(reading, USER_NAME), user);
    if (!number_integer(slot_id_of(slot_at(reading, USER_FOLLOWERS), user),
                        &message->author.followers))
        message->author.followers = -1;
    const struct json_slot *verified = slot_at(reading, USER_VERIFIED);
    for (const struct json_value *value = &verified->first; verified->count && value;
         value = value->next)
        if (value->element == user && value->type == JSON_TRUE) message->traits |= TRAIT_VERIFIED;
}

static void read_relations(const struct reading *reading) {
    struct message *message = reading->message;
    struct slice id;
    struct post other;
    if (find_referenced(reading, "quoted", &id, &other))
        message->quoted_text = post_full_text(reading, &other);
    if (id.length) message->traits |= TRAIT_QUOTE;
    (void)find_referenced(reading, "replied_to", &id, &other);
    message->reply_to_id = slot_id(slot_at(reading, REPLY_USER));
    message->reply_to_handle = handle_of(reading, message->reply_to_id);
    if (id.length || message->reply_to_id.length) message->traits |= TRAIT_REPLY;
    bool known = find_referenced(reading, "retweeted", &id, &other);
    if (id.length) message->traits |= TRAIT_RETWEET;
    if (!known) return;
    read_content(reading, &other);
    message->retweeted_id = slot_id_of(post_slot(reading, &other, AUTHOR), other.element);
    message->retweeted_handle = handle_of(reading, message->retweeted_id);
}

static void read_media(const struct reading *reading) {
    const struct json_slot *media = slot_at(reading, MEDIA);
    for (const struct json_value *kind = &media->first; media->count && kind; kind = kind->next)
        if (kind->type == JSON_STRING)
            reading->message->traits |=
                TRAIT_MEDIA | (slice_is(kind->text, "photo") ? TRAIT_IMAGES : TRAIT_VIDEO);
}

static void read_when_and_where(const struct reading *reading) {
    struct message *message = reading->message;
    int64_t ms;
    if (date_read_iso(slot_text(slot_at(reading, CREATED_AT)), &ms)) message->created_ms = ms;
    message->lang = slot_text(slot_at(reading, LANG));
    const struct json_slot *point = slot_at(reading, COORDINATES);
    if (point->count == 2) read_coordinates(message, &point->first, point->first.next);
    if (slot_present(slot_at(reading, PLACE))) message->traits |= TRAIT_PLACE;
}

static void read_id(const struct reading *reading) {
    struct message *message = reading->message;
    message->id = slot_id(slot_at(reading, ID));
    struct slice first =
        either(slot_id(slot_at(reading, EDITS)), slot_id(slot_at(reading, EDITS_RENAMED)));
    if (first.length == 0 || slice_equal(first, message->id)) return;
    message->kind = MESSAGE_EDIT;
    message->id = first;
}

static void read_post(const struct reading *reading) {
    struct message *message = reading->message;
    const struct post own = { 0, 0 };
    message->kind = MESSAGE_POST;
    if (slot_at(reading, DATA)->array) {
        read_malformed(message, "a page of many posts: make it one post a line with "
                                "jq -c '{includes} + (.data[] | {data: .})'");
        return;
    }
    read_id(reading);
    read_content(reading, &own);
    read_author(reading);
    read_relations(reading);
    read_media(reading);
    read_when_and_where(reading);
    if (message->id.length == 0) read_malformed(message, "the post's id is no text");
    if (!slot_is(slot_at(reading, TEXT), JSON_STRING))
        read_malformed(message, "the post's text is no text");
}

/* A post that was deleted, or that nobody may see any more. */
static void read_delete(const struct reading *reading, enum path id) {
    struct message *message = reading->message;
    int64_t ms;
    message->kind = MESSAGE_DELETE;
    message->id = slot_id(slot_at(reading, (int)id));
    message->author.id = slot_id(slot_at(reading, (int)id + DELETED_AUTHOR - DELETED_ID));
    struct slice when = slot_text(slot_at(reading, (int)id + DELETED_AT - DELETED_ID));
    if (date_read_iso(when, &ms)) message->created_ms = ms;
    if (message->id.length == 0) read_malformed(message, "the delete names no post");
}

/* The number of the last post that was there when a user went, as often as that is heard: what they
 * write when they are back stays. 0: not known. */
static uint64_t last_post(const struct json_slot *when) {
    int64_t ms;
    if (!date_read_iso(slot_text(when), &ms)) return 0;
    uint64_t beyond = x_id_at(ms + SECOND_MS);
    return beyond ? beyond - 1 : 0;
}

/* Users whose posts nobody may see any more, and users who want it forgotten where they were. All
 * else that is said of users, and of edits, brings nothing that could be changed. */
static void read_event(const struct reading *reading) {
    struct message *message = reading->message;
    message->kind = MESSAGE_CONTROL;
    for (int event = USER_DELETE; event <= SCRUB_GEO; event++) {
        if (!slot_is(slot_at(reading, event), JSON_OBJECT)) continue;
        bool scrub = event == SCRUB_GEO;
        read_author_notice(message, scrub ? MESSAGE_AUTHOR_SCRUB : MESSAGE_AUTHOR_DELETE,
                           slot_id(slot_at(reading, event + DELETED_USER - USER_DELETE)),
                           scrub ? slot_at(reading, SCRUBBED_UP_TO) : NULL);
        if (!scrub)
            message->up_to = last_post(slot_at(reading, event + DELETED_USER_AT - USER_DELETE));
        return;
    }
}

static void x2_read(const struct reading *reading) {
    reading->message->network = SLICE("x");
    if (is_post(reading))
        read_post(reading);
    else if (slot_present(slot_at(reading, DELETED_ID)))
        read_delete(reading, DELETED_ID);
    else if (slot_present(slot_at(reading, DROPPED_ID)))
        read_delete(reading, DROPPED_ID);
    else
        read_event(reading);
}

const struct dialect dialect_x2 = {
    .name = "x2",
    .paths = paths,
    .path_count = PATHS,
    .fits = x2_fits,
    .read = x2_read,
};
