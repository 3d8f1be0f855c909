/* Messages and query sets for tests: a plain JSON object of post's names as a struct message, and
 * whether one query holds for it. Header only; all memory is the given arena's. */
#ifndef TESTS_QUERY_FIXTURE_H
#define TESTS_QUERY_FIXTURE_H

#include "base/arena.h"
#include "post/query.h"
#include <cjson/cJSON.h>
#include <stdio.h>

static inline struct slice fixture_text(const cJSON *object, const char *name,
                                        struct arena *arena) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsString(item)) return SLICE("");
    return arena_copy(arena, slice_of(item->valuestring));
}

static inline struct slice_list fixture_list(const cJSON *object, const char *name,
                                             struct arena *arena) {
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(object, name);
    struct slice_list list = { 0 };
    if (!cJSON_IsArray(array)) return list;
    list.items = arena_zeroed(arena, (size_t)cJSON_GetArraySize(array) + 1, sizeof *list.items);
    for (const cJSON *item = array->child; item; item = item->next)
        list.items[list.count++] = arena_copy(arena, slice_of(item->valuestring));
    return list;
}

static inline uint32_t fixture_traits(const cJSON *object) {
    static const struct {
        const char *name;
        uint32_t trait;
    } traits[] = { { "retweet", TRAIT_RETWEET },   { "reply", TRAIT_REPLY },
                   { "quote", TRAIT_QUOTE },       { "media", TRAIT_MEDIA },
                   { "images", TRAIT_IMAGES },     { "video", TRAIT_VIDEO },
                   { "verified", TRAIT_VERIFIED }, { "place", TRAIT_PLACE },
                   { "bot", TRAIT_BOT },           { "sensitive", TRAIT_SENSITIVE } };
    uint32_t found = 0;
    for (size_t i = 0; i < LENGTH(traits); i++)
        if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, traits[i].name)))
            found |= traits[i].trait;
    return found;
}

static inline struct message fixture_message(const char *json, struct arena *arena) {
    cJSON *object = cJSON_Parse(json);
    const cJSON *author = cJSON_GetObjectItemCaseSensitive(object, "author");
    const cJSON *geo = cJSON_GetObjectItemCaseSensitive(object, "coordinates");
    const cJSON *point = cJSON_GetObjectItemCaseSensitive(geo, "coordinates");
    struct message message = {
        .text = fixture_text(object, "text", arena),
        .quoted_text = fixture_text(object, "quoted_text", arena),
        .lang = fixture_text(object, "lang", arena),
        .network = fixture_text(object, "network", arena),
        .id = fixture_text(object, "id", arena),
        .author = { .id = fixture_text(author, "id", arena),
                    .handle = fixture_text(author, "handle", arena) },
        .reply_to_handle = fixture_text(object, "reply_to_handle", arena),
        .reply_to_id = fixture_text(object, "reply_to_id", arena),
        .retweeted_handle = fixture_text(object, "retweeted_handle", arena),
        .retweeted_id = fixture_text(object, "retweeted_id", arena),
        .hashtags = fixture_list(object, "hashtags", arena),
        .mentions = fixture_list(object, "mentions", arena),
        .cashtags = fixture_list(object, "cashtags", arena),
        .urls = fixture_list(object, "urls", arena),
        .traits = fixture_traits(object),
        .label = fixture_text(object, "label", arena),
        .query_names = fixture_list(object, "queries", arena),
    };
    const cJSON *score = cJSON_GetObjectItemCaseSensitive(object, "score");
    message.scored = cJSON_IsNumber(score);
    if (message.scored) message.score = score->valuedouble;
    if (cJSON_GetArraySize(point) == 2) {
        message.traits |= TRAIT_COORDINATES;
        message.lon = cJSON_GetArrayItem(point, 0)->valuedouble;
        message.lat = cJSON_GetArrayItem(point, 1)->valuedouble;
    }
    cJSON_Delete(object);
    return message;
}

/* 1 or 0; -1 with *err when the query is refused. */
static inline int fixture_match(struct query_source source, struct message *message,
                                struct arena *arena, struct error *err) {
    size_t bad_query, bad_offset;
    struct query_set *set = query_set_create(&source, 1, &bad_query, &bad_offset, err);
    if (set == NULL) return -1;
    struct query_scratch *scratch = query_scratch_create(set);
    query_set_match(set, scratch, message, arena);
    query_scratch_destroy(scratch);
    query_set_destroy(set);
    return (int)message->query_count;
}

#endif
