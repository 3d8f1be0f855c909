/* x/page.h */
#include "x/page.h"
#include "base/alloc.h"
#include "base/compiler.h"
#include "x/gap.h"
#include "json/projection.h"
#include <cjson/cJSON.h>

#define MOST_WANTED 64 /* ids that one post refers to */

struct x_page {
    cJSON *json;
    const cJSON *includes, *post; /* post: the next one */
};

/* Ids that a post refers to, all kinds together: they are told apart by where they are found. */
struct wanted {
    const char *ids[MOST_WANTED];
    size_t count;
};

struct x_page *x_page_read(struct slice json, struct slice *next, struct arena *arena) {
    cJSON *read = cJSON_ParseWithLength(json.data, json.length);
    const cJSON *meta = cJSON_GetObjectItemCaseSensitive(read, "meta");
    const cJSON *token = cJSON_GetObjectItemCaseSensitive(meta, "next_token");
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(read, "data");
    if (!cJSON_IsObject(meta) || (data && !cJSON_IsArray(data))) {
        cJSON_Delete(read);
        return NULL;
    }
    struct x_page *page = memory_zeroed(1, sizeof *page);
    *page = (struct x_page){ read, cJSON_GetObjectItemCaseSensitive(read, "includes"),
                             data ? data->child : NULL };
    *next = cJSON_IsString(token) ? arena_copy(arena, slice_of(token->valuestring)) : SLICE("");
    return page;
}

bool x_page_ended(const struct x_page *page) { return page->post == NULL; }

void x_page_free(struct x_page *page) {
    cJSON_Delete(page->json);
    memory_free(page);
}

static void want(struct wanted *wanted, const cJSON *id) {
    if (cJSON_IsString(id) && wanted->count < MOST_WANTED)
        wanted->ids[wanted->count++] = id->valuestring;
}

static bool is_wanted(const struct wanted *wanted, const cJSON *item) {
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(item, "id");
    if (id == NULL) id = cJSON_GetObjectItemCaseSensitive(item, "media_key");
    for (size_t i = 0; cJSON_IsString(id) && i < wanted->count; i++)
        if (strcmp(wanted->ids[i], id->valuestring) == 0) return true;
    return false;
}

static void want_of_post(struct wanted *wanted, const cJSON *post) {
    const cJSON *one;
    want(wanted, cJSON_GetObjectItemCaseSensitive(post, "author_id"));
    want(wanted, cJSON_GetObjectItemCaseSensitive(post, "in_reply_to_user_id"));
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(post, "referenced_tweets"))
        want(wanted, cJSON_GetObjectItemCaseSensitive(one, "id"));
    const cJSON *attachments = cJSON_GetObjectItemCaseSensitive(post, "attachments");
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(attachments, "media_keys"))
        want(wanted, one);
    const cJSON *geo = cJSON_GetObjectItemCaseSensitive(post, "geo");
    want(wanted, cJSON_GetObjectItemCaseSensitive(geo, "place_id"));
}

/* The posts that it refers to have authors, too. */
static void want_of_others(struct wanted *wanted, const cJSON *includes) {
    static const char *const names[] = { "tweets", "posts" };
    for (size_t i = 0; i < LENGTH(names); i++) {
        const cJSON *one;
        cJSON_ArrayForEach(
            one, cJSON_GetObjectItemCaseSensitive(includes, names[i])) if (is_wanted(wanted, one))
            want(wanted, cJSON_GetObjectItemCaseSensitive(one, "author_id"));
    }
}

static void add_includes(cJSON *record, const cJSON *includes, const struct wanted *wanted) {
    cJSON *chosen = cJSON_AddObjectToObject(record, "includes");
    const cJSON *kind, *one;
    cJSON_ArrayForEach(kind, includes) {
        cJSON *list = NULL;
        cJSON_ArrayForEach(one, kind) {
            if (!is_wanted(wanted, one)) continue;
            if (list == NULL) list = cJSON_AddArrayToObject(chosen, kind->string);
            cJSON_AddItemReferenceToArray(list, (cJSON *)one);
        }
    }
}

size_t x_page_count(const struct x_page *page) {
    return (size_t)cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(page->json, "data"));
}

static uint64_t id_of(const cJSON *post) {
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(post, "id");
    return cJSON_IsString(id) ? x_id_read(slice_of(id->valuestring)) : 0;
}

bool x_page_next(struct x_page *page, struct arena *arena, struct slice *record, uint64_t *id) {
    struct wanted wanted = { .count = 0 };
    const cJSON *post = page->post;
    if (post == NULL) return false;
    page->post = post->next;
    *id = id_of(post);
    want_of_post(&wanted, post);
    want_of_others(&wanted, page->includes);
    cJSON *made = cJSON_CreateObject();
    cJSON_AddItemReferenceToObject(made, "data", (cJSON *)post);
    add_includes(made, page->includes, &wanted);
    char *text = cJSON_PrintUnformatted(made);
    *record = json_padded(arena, slice_of(text ? text : "{}"));
    cJSON_free(text);
    cJSON_Delete(made);
    return true;
}
