/* x/rule_talk.h */
#include "x/rule_talk.h"
#include "x/problem.h"
#include "json/writer.h"
#include <cjson/cJSON.h>
#include <stdio.h>

#define MOST_AT_ONCE 25

/* ---- what is there ---- */

static struct slice text_of(const cJSON *object, const char *name, struct arena *arena) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsString(item) ? arena_copy(arena, slice_of(item->valuestring)) : SLICE("");
}

bool x_rules_read(struct slice json, struct x_rule_list *rules, struct slice *next,
                  struct arena *arena) {
    cJSON *answer = cJSON_ParseWithLength(json.data, json.length);
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(answer, "data"), *one;
    const cJSON *meta = cJSON_GetObjectItemCaseSensitive(answer, "meta");
    bool good = cJSON_IsObject(meta) && (data == NULL || cJSON_IsArray(data));
    *next = text_of(meta, "next_token", arena);
    if (!good) data = NULL;
    cJSON_ArrayForEach(one, data) {
        struct x_rule rule = { .id = text_of(one, "id", arena),
                               .value = text_of(one, "value", arena),
                               .tag = text_of(one, "tag", arena) };
        good &= rule.id.length > 0 && rule.value.length > 0;
        x_rule_add(rules, &rule, arena);
    }
    cJSON_Delete(answer);
    return good;
}

/* ---- requests ---- */

struct slice x_rules_add_body(const struct x_rule_list *rules, size_t from, size_t *count,
                              struct arena *arena) {
    struct writer writer;
    *count = MIN(rules->count - from, (size_t)MOST_AT_ONCE);
    writer_init(&writer, arena, 4096);
    write_object(&writer);
    write_name(&writer, SLICE("add"));
    write_array(&writer);
    for (size_t i = from; i < from + *count; i++) {
        write_object(&writer);
        write_text_member(&writer, "value", rules->items[i].value);
        write_text_member(&writer, "tag", rules->items[i].tag);
        write_object_end(&writer);
    }
    write_array_end(&writer);
    write_object_end(&writer);
    return writer_finish(&writer);
}

struct slice x_rules_delete_body(const struct x_rule_list *rules, size_t from, size_t *count,
                                 struct arena *arena) {
    struct writer writer;
    *count = MIN(rules->count - from, (size_t)MOST_AT_ONCE);
    writer_init(&writer, arena, 4096);
    write_object(&writer);
    write_name(&writer, SLICE("delete"));
    write_object(&writer);
    write_name(&writer, SLICE("ids"));
    write_array(&writer);
    for (size_t i = from; i < from + *count; i++)
        write_text(&writer, rules->items[i].id);
    write_array_end(&writer);
    write_object_end(&writer);
    write_object_end(&writer);
    return writer_finish(&writer);
}

/* ---- what X refuses ---- */

static void take_details(const cJSON *error, char *out, size_t size) {
    const cJSON *details = cJSON_GetObjectItemCaseSensitive(error, "details"), *one;
    size_t length = 0;
    out[0] = '\0';
    cJSON_ArrayForEach(one, details) {
        if (!cJSON_IsString(one) || length + 1 >= size) continue;
        int added =
            snprintf(out + length, size - length, "%s%.200s", length ? "; " : "", one->valuestring);
        length = MIN(length + (size_t)added, size - 1);
    }
    if (length == 0) x_take_text(error, "detail", out, size);
    if (out[0] == '\0') x_take_text(error, "title", out, size);
    for (char *at = out; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f) *at = ' ';
}

void x_rules_refused(struct slice json, const struct x_rule_list *asked,
                     void (*refused)(void *context, const struct x_rule *rule, const char *why),
                     void *context) {
    cJSON *answer = cJSON_ParseWithLength(json.data, json.length);
    const cJSON *errors = cJSON_GetObjectItemCaseSensitive(answer, "errors"), *one;
    cJSON_ArrayForEach(one, errors) {
        char type[200], why[400];
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(one, "value");
        x_take_text(one, "type", type, sizeof type);
        if (slice_ends(slice_of(type), SLICE("duplicate-rules"))) continue;
        take_details(one, why, sizeof why);
        bool named = cJSON_IsString(value);
        refused(context, named ? x_rule_find(asked, slice_of(value->valuestring)) : NULL, why);
    }
    cJSON_Delete(answer);
}
