/* sources/x_rules.h */
#include "sources/x_rules.h"
#include "base/hash.h"
#include "post/query_push.h"
#include "sources/x_problem.h"
#include "json/writer.h"
#include <cjson/cJSON.h>
#include <stdio.h>

#define MOST_AT_ONCE 25

static void add(struct x_rule_list *list, const struct x_rule *rule, struct arena *arena) {
    bool grows = (list->count & (list->count - 1)) == 0; /* room is a power of 2 */
    if (grows) {
        struct x_rule *items = arena_alloc(arena, MAX(list->count * 2, 1u) * sizeof *items);
        if (list->count) memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
    }
    list->items[list->count++] = *rule;
}

static const struct x_rule *find_value(const struct x_rule_list *list, struct slice value) {
    for (size_t i = 0; i < list->count; i++)
        if (slice_equal(list->items[i].value, value)) return &list->items[i];
    return NULL;
}

static bool is_own(const struct x_rule *rule) { return slice_starts(rule->tag, SLICE(X_RULE_TAG)); }

/* ---- what is wanted ---- */

static struct slice sampled(struct slice value, unsigned sample, struct arena *arena) {
    if (sample >= 100) return value;
    return arena_format(arena, "(%.*s) sample:%u", SLICE_ARGS(value), sample);
}

struct x_wanted x_rules_wanted(const struct snapshot *snapshot, size_t most_bytes, unsigned sample,
                               struct arena *arena) {
    size_t most = most_bytes - (sample < 100 ? sizeof "() sample:99" : 0);
    struct x_wanted wanted = { 0 };
    size_t count = query_set_count(snapshot->queries);
    wanted.unruled = arena_zeroed(arena, count, sizeof *wanted.unruled);
    for (size_t i = 0; i < count; i++) {
        struct rule_texts texts = query_set_rules(snapshot->queries, i, most, arena);
        struct x_rule rule = { .query = i };
        rule.tag = ARENA_JOIN(arena, SLICE(X_RULE_TAG), slice_of(snapshot->query_names[i]));
        if (texts.count == 0)
            wanted.unruled[wanted.unruled_count++] = (struct x_unruled){ i, texts.why_none };
        for (size_t k = 0; k < texts.count; k++) {
            rule.value = sampled(texts.items[k], sample, arena);
            if (find_value(&wanted.rules, rule.value) == NULL) add(&wanted.rules, &rule, arena);
        }
    }
    return wanted;
}

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
        add(rules, &rule, arena);
    }
    cJSON_Delete(answer);
    return good;
}

/* ---- the way ---- */

/* The wanted rule that is there just so. */
static bool is_there(const struct x_rule *rule, const struct x_rule_list *present) {
    const struct x_rule *same = find_value(present, rule->value);
    return same && (!is_own(same) || slice_equal(same->tag, rule->tag));
}

struct x_rule_plan x_rules_plan(const struct x_wanted *wanted, const struct x_rule_list *present,
                                struct arena *arena) {
    struct x_rule_plan plan = { 0 };
    const struct x_rule_list *rules = &wanted->rules;
    for (size_t i = 0; i < present->count; i++) {
        const struct x_rule *rule = &present->items[i], *same = find_value(rules, rule->value);
        bool stays = same && slice_equal(same->tag, rule->tag);
        plan.foreign += !is_own(rule);
        plan.kept += is_own(rule) && stays;
        if (is_own(rule) && !stays) add(&plan.stale, rule, arena);
    }
    size_t room = X_MOST_RULES - MIN((size_t)X_MOST_RULES, plan.foreign + plan.kept);
    size_t room_first = X_MOST_RULES - MIN((size_t)X_MOST_RULES, present->count);
    for (size_t i = 0; i < rules->count; i++) {
        const struct x_rule *rule = &rules->items[i];
        if (is_there(rule, present)) continue;
        if (plan.first.count + plan.then.count == room) {
            plan.too_many++;
            continue;
        }
        bool waits = find_value(&plan.stale, rule->value) || plan.first.count == room_first;
        add(waits ? &plan.then : &plan.first, rule, arena);
    }
    return plan;
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
        refused(context, named ? find_value(asked, slice_of(value->valuestring)) : NULL, why);
    }
    cJSON_Delete(answer);
}
