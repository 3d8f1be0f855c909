/* Mastodon and what speaks its API: statuses, and the events of its WebSocket around them.
 *
 * Source: "Status" and "Streaming" of its API documentation. A status is read as its reader sees
 * it: the content warning is the first line of the text; of a boost, text, tags and links are the
 * original's. What is not said to be public is no post. */
#include "base/date.h"
#include "post/dialect_internal.h"
#include "text/html.h"

/* The members of a status that the one it boosts has too, under its own prefix. */
#define STATUS_PATHS(X)                                                                            \
    X(CONTENT, "content")                                                                          \
    X(WARNING, "spoiler_text")                                                                     \
    X(LANGUAGE, "language")                                                                        \
    X(SENSITIVE, "sensitive")                                                                      \
    X(VISIBILITY, "visibility")                                                                    \
    X(TAGS, "tags.name")                                                                           \
    X(MENTIONS, "mentions.acct")                                                                   \
    X(MENTION_URLS, "mentions.url")                                                                \
    X(MEDIA, "media_attachments.type")                                                             \
    X(CARD, "card.url")                                                                            \
    X(ACCT, "account.acct")                                                                        \
    X(ACCOUNT_ID, "account.id")                                                                    \
    X(ACCOUNT_URI, "account.uri")                                                                  \
    X(ACCOUNT_URL, "account.url")

enum path {
#define OWN(name, path) name,
    STATUS_PATHS(OWN)
#undef OWN
#define ORIGINAL(name, path) ORIGINAL_##name,
        STATUS_PATHS(ORIGINAL)
#undef ORIGINAL
            ID,
    URI,
    CREATED_AT,
    EDITED_AT,
    ACCOUNT_NAME,
    ACCOUNT_FOLLOWERS,
    ACCOUNT_BOT,
    MENTION_IDS,
    REPLY_STATUS,
    REPLY_ACCOUNT,
    REBLOG,
    QUOTE,
    QUOTED_CONTENT,
    QUOTED_VISIBILITY,
    EVENT,
    PAYLOAD,
    STREAM,
    ERROR,
    ERROR_STATUS,
    PATHS
};

#define ORIGINAL_OFFSET (ORIGINAL_CONTENT - CONTENT)

static const char *const paths[PATHS] = {
#define OWN(name, path) [name] = path,
    STATUS_PATHS(OWN)
#undef OWN
#define ORIGINAL(name, path) [ORIGINAL_##name] = "reblog." path,
        STATUS_PATHS(ORIGINAL)
#undef ORIGINAL
            [ID] = "id",
    [URI] = "uri",
    [CREATED_AT] = "created_at",
    [EDITED_AT] = "edited_at",
    [ACCOUNT_NAME] = "account.display_name",
    [ACCOUNT_FOLLOWERS] = "account.followers_count",
    [ACCOUNT_BOT] = "account.bot",
    [MENTION_IDS] = "mentions.id",
    [REPLY_STATUS] = "in_reply_to_id",
    [REPLY_ACCOUNT] = "in_reply_to_account_id",
    [REBLOG] = "reblog",
    [QUOTE] = "quote",
    [QUOTED_CONTENT] = "quote.quoted_status.content",
    [QUOTED_VISIBILITY] = "quote.quoted_status.visibility",
    [EVENT] = "event",
    [PAYLOAD] = "payload",
    [STREAM] = "stream",
    [ERROR] = "error",
    [ERROR_STATUS] = "status",
};

static bool is_status(const struct reading *reading) {
    return slot_present(slot_at(reading, URI)) && slot_present(slot_at(reading, CONTENT)) &&
           slot_present(slot_at(reading, ACCT));
}

static bool is_event(const struct reading *reading) {
    return slot_is(slot_at(reading, EVENT), JSON_STRING) &&
           (slot_present(slot_at(reading, PAYLOAD)) || slot_at(reading, STREAM)->array);
}

/* What the server says of a subscription: {"error":"Unknown stream type","status":400}. */
static bool is_complaint(const struct reading *reading) {
    return slot_is(slot_at(reading, ERROR), JSON_STRING) &&
           slot_is(slot_at(reading, ERROR_STATUS), JSON_NUMBER);
}

static bool mastodon_fits(const struct reading *reading) {
    return is_status(reading) || is_event(reading) || is_complaint(reading);
}

/* ---- statuses -------------------------------------------------------------------------------- */

static bool is_public(const struct json_slot *visibility) {
    struct slice text = slot_text(visibility);
    return slice_is(text, "public") || slice_is(text, "unlisted");
}

/* The host of "https://HOST/…"; empty when it is none. */
static struct slice host_of(struct slice url) {
    size_t length = 0;
    if (slice_starts(url, SLICE("https://")))
        url = slice_skip(url, 8);
    else if (slice_starts(url, SLICE("http://")))
        url = slice_skip(url, 7);
    else
        return slice_from(NULL, 0);
    while (length < url.length && !memchr("/?#@", url.data[length], 4))
        length++;
    return slice_first(url, length);
}

/* Users of the server's own have no "@host" in its answers; with it, a handle is one user's. */
static struct slice whole_handle(struct slice acct, struct slice url, struct arena *arena) {
    struct slice host = host_of(url);
    if (acct.length == 0 || host.length == 0 || memchr(acct.data, '@', acct.length)) return acct;
    return arena_format(arena, "%.*s@%.*s", SLICE_ARGS(acct), SLICE_ARGS(host));
}

static struct slice handle_at(const struct reading *reading, int offset) {
    return whole_handle(slot_text(slot_at(reading, ACCT + offset)),
                        slot_text(slot_at(reading, ACCOUNT_URL + offset)), reading->arena);
}

/* The same on every server, if it says it. */
static struct slice account_at(const struct reading *reading, int offset) {
    return either(slot_text(slot_at(reading, ACCOUNT_URI + offset)),
                  either(slot_text(slot_at(reading, ACCOUNT_URL + offset)),
                         slot_id(slot_at(reading, ACCOUNT_ID + offset))));
}

static const struct json_value *first_of(const struct json_slot *slot) {
    return slot->count ? &slot->first : NULL;
}

/* Both lists are walked once: a hostile one is long. */
static struct slice_list read_mentions(const struct reading *reading, int offset) {
    const struct json_slot *handles = slot_at(reading, MENTIONS + offset);
    const struct json_value *url = first_of(slot_at(reading, MENTION_URLS + offset));
    struct slice_list list = { 0 };
    list.items = arena_alloc(reading->arena, handles->count * sizeof *list.items);
    for (const struct json_value *at = first_of(handles); at; at = at->next) {
        while (url && url->element < at->element)
            url = url->next;
        bool beside = url && url->element == at->element && url->type == JSON_STRING;
        struct slice home = beside ? url->text : slice_from(NULL, 0);
        if (at->type == JSON_STRING)
            list.items[list.count++] = whole_handle(at->text, home, reading->arena);
    }
    return list;
}

/* The tags, or mentions, that the content shows: for servers that list none. */
static struct slice_list shown_of_kind(const struct html_text *html, enum html_link_kind kind,
                                       struct arena *arena) {
    struct slice_list list = { 0 };
    list.items = arena_alloc(arena, html->link_count * sizeof *list.items);
    for (uint32_t i = 0; i < html->link_count; i++) {
        const struct html_link *link = &html->links[i];
        struct slice name = slice_trim(link->text);
        if (link->kind != kind || name.length == 0) continue;
        if (name.data[0] == '#' || name.data[0] == '@') name = slice_skip(name, 1);
        if (kind == HTML_LINK_MENTION) name = whole_handle(name, link->href, arena);
        if (name.length) list.items[list.count++] = name;
    }
    return list;
}

/* The links of the content, and the page that the server shows a card of. */
static struct slice_list read_urls(const struct html_text *html, struct slice card,
                                   struct arena *arena) {
    struct slice_list list = { 0 };
    list.items = arena_alloc(arena, (html->link_count + 1) * sizeof *list.items);
    for (uint32_t i = 0; i < html->link_count; i++) {
        if (html->links[i].kind != HTML_LINK_URL || html->links[i].href.length == 0) continue;
        if (slice_equal(html->links[i].href, card)) card.length = 0;
        list.items[list.count++] = html->links[i].href;
    }
    if (card.length) list.items[list.count++] = card;
    return list;
}

static void read_media(struct message *message, const struct json_slot *media) {
    for (const struct json_value *kind = &media->first; kind; kind = kind->next) {
        if (kind->type != JSON_STRING) continue;
        message->traits |= TRAIT_MEDIA;
        if (slice_is(kind->text, "image")) message->traits |= TRAIT_IMAGES;
        if (slice_is(kind->text, "video") || slice_is(kind->text, "gifv"))
            message->traits |= TRAIT_VIDEO;
    }
}

/* Text and what is in it; `offset` is ORIGINAL_OFFSET for what a boost repeats. */
static void read_content(const struct reading *reading, int offset) {
    struct message *message = reading->message;
    const struct json_slot *tags = slot_at(reading, TAGS + offset);
    struct slice warning = slice_trim(slot_text(slot_at(reading, WARNING + offset)));
    struct html_text html;
    if (!html_text(slot_text(slot_at(reading, CONTENT + offset)), reading->arena, &html)) {
        read_malformed(message, "the content's HTML is too tangled");
        return;
    }
    message->text = html.text;
    if (warning.length)
        message->text = arena_format(reading->arena, "%.*s%s%.*s", SLICE_ARGS(warning),
                                     html.text.length ? "\n" : "", SLICE_ARGS(html.text));
    message->hashtags = tags->array ? slot_texts(tags, reading->arena)
                                    : shown_of_kind(&html, HTML_LINK_HASHTAG, reading->arena);
    message->mentions = slot_at(reading, MENTIONS + offset)->array
                            ? read_mentions(reading, offset)
                            : shown_of_kind(&html, HTML_LINK_MENTION, reading->arena);
    message->urls = read_urls(&html, slot_text(slot_at(reading, CARD + offset)), reading->arena);
    message->lang = slot_text(slot_at(reading, LANGUAGE + offset));
    read_media(message, slot_at(reading, MEDIA + offset));
    if (slot_is(slot_at(reading, SENSITIVE + offset), JSON_TRUE))
        message->traits |= TRAIT_SENSITIVE;
}

static void read_author(const struct reading *reading) {
    struct author *author = &reading->message->author;
    author->id = account_at(reading, 0);
    author->handle = handle_at(reading, 0);
    author->name = slot_text(slot_at(reading, ACCOUNT_NAME));
    const struct json_slot *followers = slot_at(reading, ACCOUNT_FOLLOWERS);
    if (!slot_is(followers, JSON_NUMBER) ||
        !number_integer(followers->first.text, &author->followers))
        author->followers = -1;
    if (slot_is(slot_at(reading, ACCOUNT_BOT), JSON_TRUE)) reading->message->traits |= TRAIT_BOT;
}

/* Whom a reply answers stands among those it mentions, unless its author goes on alone. */
static struct slice answered_handle(const struct reading *reading) {
    struct slice account = slot_id(slot_at(reading, REPLY_ACCOUNT));
    const struct json_value *id = first_of(slot_at(reading, MENTION_IDS));
    if (account.length == 0) return account;
    if (slice_equal(account, slot_id(slot_at(reading, ACCOUNT_ID)))) return handle_at(reading, 0);
    while (id && !slice_equal(id->text, account))
        id = id->next;
    if (id == NULL) return slice_from(NULL, 0);
    return whole_handle(slot_text_of(slot_at(reading, MENTIONS), id->element),
                        slot_text_of(slot_at(reading, MENTION_URLS), id->element), reading->arena);
}

static void read_relations(const struct reading *reading) {
    struct message *message = reading->message;
    struct html_text quoted;
    if (slot_id(slot_at(reading, REPLY_STATUS)).length) message->traits |= TRAIT_REPLY;
    message->reply_to_handle = answered_handle(reading);
    if (slot_is(slot_at(reading, REBLOG), JSON_OBJECT)) {
        message->traits |= TRAIT_RETWEET;
        message->retweeted_id = account_at(reading, ORIGINAL_OFFSET);
        message->retweeted_handle = handle_at(reading, ORIGINAL_OFFSET);
    }
    if (!slot_is(slot_at(reading, QUOTE), JSON_OBJECT)) return;
    message->traits |= TRAIT_QUOTE;
    if (is_public(slot_at(reading, QUOTED_VISIBILITY)) &&
        html_text(slot_text(slot_at(reading, QUOTED_CONTENT)), reading->arena, &quoted))
        message->quoted_text = quoted.text;
}

static void read_times(const struct reading *reading, bool boost) {
    struct message *message = reading->message;
    struct slice edited = slot_text(slot_at(reading, EDITED_AT));
    int64_t ms;
    if (date_read_iso(slot_text(slot_at(reading, CREATED_AT)), &ms)) message->created_ms = ms;
    message->kind = edited.length && !boost ? MESSAGE_EDIT : MESSAGE_POST;
}

static void read_status(const struct reading *reading) {
    struct message *message = reading->message;
    bool boost = slot_is(slot_at(reading, REBLOG), JSON_OBJECT);
    const struct json_slot *original = slot_at(reading, ORIGINAL_VISIBILITY);
    bool is_private = !is_public(slot_at(reading, VISIBILITY)) ||
                      (boost && slot_present(original) && !is_public(original));
    if (!slot_present(slot_at(reading, VISIBILITY))) {
        read_malformed(message, "the status does not say that it is public");
        return;
    }
    message->kind = MESSAGE_CONTROL;
    if (is_private) return;
    message->id = slot_text(slot_at(reading, URI));
    message->notice_id = slot_id(slot_at(reading, ID));
    read_times(reading, boost);
    read_author(reading);
    read_relations(reading);
    read_content(reading, boost ? ORIGINAL_OFFSET : 0);
    if (message->id.length == 0) read_malformed(message, "the status's uri is no text");
    if (!slot_is(slot_at(reading, CONTENT + (boost ? ORIGINAL_OFFSET : 0)), JSON_STRING))
        read_malformed(message, "the status's content is no text");
}

/* ---- events ---------------------------------------------------------------------------------- */

static bool brings_a_status(const struct reading *reading) {
    struct slice event = slot_text(slot_at(reading, EVENT));
    return is_event(reading) && (slice_is(event, "update") || slice_is(event, "status.update"));
}

static bool mastodon_unwrap(const struct reading *reading) {
    struct slice payload = slice_trim(slot_text(slot_at(reading, PAYLOAD)));
    if (!brings_a_status(reading) || !slice_starts(payload, SLICE("{"))) return false;
    reading->message->raw = json_padded(reading->arena, payload);
    return true;
}

/* A delete names the status by its number on this server, and nothing else of it. */
static void read_event(const struct reading *reading) {
    struct message *message = reading->message;
    message->kind = MESSAGE_CONTROL;
    if (brings_a_status(reading)) {
        read_malformed(message, "the event's payload is no status");
        return;
    }
    if (!slice_is(slot_text(slot_at(reading, EVENT)), "delete")) return;
    message->kind = MESSAGE_DELETE;
    message->id = message->notice_id = slot_id(slot_at(reading, PAYLOAD));
    if (message->id.length == 0) read_malformed(message, "the delete names no post");
}

static void mastodon_read(const struct reading *reading) {
    reading->message->network = SLICE("mastodon");
    if (is_status(reading))
        read_status(reading);
    else if (is_event(reading))
        read_event(reading);
    else
        reading->message->kind = MESSAGE_CONTROL;
}

const struct dialect dialect_mastodon = {
    .name = "mastodon",
    .paths = paths,
    .path_count = PATHS,
    .fits = mastodon_fits,
    .unwrap = mastodon_unwrap,
    .read = mastodon_read,
};
