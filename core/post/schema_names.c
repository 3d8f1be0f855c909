/* The names that a schema's field may take from a message, each with the way it is written. */
#include "base/date.h"
#include "post/schema_internal.h"

#define VALUE_ARGS                                                                                 \
    struct writer *writer, struct message *message, const struct document_context *context,        \
        bool epoch
#define UNUSED (void)context, (void)epoch

static bool write_known(struct writer *writer, struct slice text) {
    if (text.length) write_text(writer, text);
    return text.length > 0;
}

static bool write_list(struct writer *writer, struct slice_list list) {
    write_array(writer);
    for (uint32_t i = 0; i < list.count; i++)
        write_text(writer, list.items[i]);
    write_array_end(writer);
    return true;
}

static bool write_instant(struct writer *writer, int64_t ms, bool epoch) {
    if (ms == TIME_UNKNOWN) return false;
    char text[DATE_BYTES];
    if (epoch)
        write_integer(writer, ms);
    else
        write_text(writer, slice_from(text, date_write(ms, text)));
    return true;
}

static bool put_id(VALUE_ARGS) {
    UNUSED;
    return write_known(writer, message->id);
}
static bool put_key(VALUE_ARGS) {
    UNUSED;
    return write_known(writer, message->key);
}
static bool put_network(VALUE_ARGS) {
    UNUSED;
    return write_known(writer, message->network);
}
static bool put_lang(VALUE_ARGS) {
    UNUSED;
    return write_known(writer, message_language(message));
}
static bool put_label(VALUE_ARGS) {
    UNUSED;
    return write_known(writer, message->label);
}
static bool put_scorer(VALUE_ARGS) {
    UNUSED;
    return write_known(writer, message->scorer);
}
static bool put_author_id(VALUE_ARGS) {
    UNUSED;
    return write_known(writer, message->author.id);
}
static bool put_author_handle(VALUE_ARGS) {
    UNUSED;
    return write_known(writer, message->author.handle);
}
static bool put_author_name(VALUE_ARGS) {
    UNUSED;
    return write_known(writer, message->author.name);
}
static bool put_hashtags(VALUE_ARGS) {
    UNUSED;
    return write_list(writer, message->hashtags);
}
static bool put_mentions(VALUE_ARGS) {
    UNUSED;
    return write_list(writer, message->mentions);
}
static bool put_urls(VALUE_ARGS) {
    UNUSED;
    return write_list(writer, message->urls);
}

static bool put_text(VALUE_ARGS) {
    UNUSED;
    write_text(writer, message->text);
    return true;
}

static bool put_created(VALUE_ARGS) {
    (void)context;
    return write_instant(writer, message->created_ms, epoch);
}

static bool put_received(VALUE_ARGS) {
    (void)context;
    return write_instant(writer, message->received_ms, epoch);
}

static bool put_followers(VALUE_ARGS) {
    UNUSED;
    if (message->author.followers >= 0) write_integer(writer, message->author.followers);
    return message->author.followers >= 0;
}

static bool put_score(VALUE_ARGS) {
    UNUSED;
    if (message->scored) write_double(writer, message->score);
    return message->scored;
}

static bool put_queries(VALUE_ARGS) {
    (void)epoch;
    write_array(writer);
    for (uint32_t i = 0; i < message->query_count; i++)
        write_text(writer, slice_of(context->query_names[message->queries[i]]));
    write_array_end(writer);
    return true;
}

static bool put_coordinates(VALUE_ARGS) {
    UNUSED;
    if (!(message->traits & TRAIT_COORDINATES)) return false;
    write_object(writer);
    write_name(writer, SLICE("lon"));
    write_double(writer, message->lon);
    write_name(writer, SLICE("lat"));
    write_double(writer, message->lat);
    write_object_end(writer);
    return true;
}

static bool put_generation(VALUE_ARGS) {
    (void)message, (void)epoch;
    write_integer(writer, (int64_t)context->generation);
    return true;
}

static const struct message_name names[] = {
    { "id", FIELD_KEYWORD, put_id },
    { "key", FIELD_KEYWORD, put_key },
    { "network", FIELD_KEYWORD, put_network },
    { "text", FIELD_TEXT, put_text },
    { "lang", FIELD_KEYWORD, put_lang },
    { "created", FIELD_DATE, put_created },
    { "received", FIELD_DATE, put_received },
    { "author.id", FIELD_KEYWORD, put_author_id },
    { "author.handle", FIELD_KEYWORD, put_author_handle },
    { "author.name", FIELD_TEXT, put_author_name },
    { "author.followers", FIELD_LONG, put_followers },
    { "label", FIELD_KEYWORD, put_label },
    { "score", FIELD_DOUBLE, put_score },
    { "scorer", FIELD_KEYWORD, put_scorer },
    { "queries", FIELD_KEYWORD, put_queries },
    { "hashtags", FIELD_KEYWORD, put_hashtags },
    { "mentions", FIELD_KEYWORD, put_mentions },
    { "urls", FIELD_KEYWORD, put_urls },
    { "coordinates", FIELD_GEO_POINT, put_coordinates },
    { "generation", FIELD_LONG, put_generation },
};

const struct message_name *message_name_find(struct slice name) {
    for (size_t i = 0; i < LENGTH(names); i++)
        if (slice_is(name, names[i].name)) return &names[i];
    return NULL;
}

const char *message_name_at(const void *context, size_t index) {
    (void)context;
    return index < LENGTH(names) ? names[index].name : NULL;
}
