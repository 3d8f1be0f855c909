/* x/rules.h */
#include "x/rules.h"
#include "base/hash.h"
#include "post/query_push.h"
#include "x/problem.h"
#include "json/writer.h"
#include <cjson/cJSON.h>
#include <stdio.h>

#define MOST_AT_ONCE 25
#define OR SLICE(" OR ")

static void index_rule(struct x_rule_list *list, size_t at, size_t slot_count) {
    uint64_t slot = hash_bytes(list->items[at].value);
    while (list->slots[slot & (slot_count - 1)])
        slot++;
    list->slots[slot & (slot_count - 1)] = (uint32_t)at + 1;
}

/* Room for so many is a power of 2, and there are twice as many slots. */
static size_t room_of(size_t count) {
    size_t room = 8;
    while (room < count)
        room *= 2;
    return room;
}

static void add(struct x_rule_list *list, const struct x_rule *rule, struct arena *arena) {
    size_t room = room_of(list->count + 1);
    if (list->count == 0 || room > room_of(list->count)) {
        struct x_rule *items = arena_alloc(arena, room * sizeof *items);
        if (list->count) memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->slots = arena_zeroed(arena, 2 * room, sizeof *list->slots);
        for (size_t i = 0; i < list->count; i++)
            index_rule(list, i, 2 * room);
    }
    list->items[list->count] = *rule;
    index_rule(list, list->count++, 2 * room);
}

/* The first with this text. */
static const struct x_rule *find_value(const struct x_rule_list *list, struct slice value) {
    if (list->count == 0) return NULL;
    size_t last = 2 * room_of(list->count) - 1;
    for (uint64_t slot = hash_bytes(value); list->slots[slot & last]; slot++) {
        const struct x_rule *rule = &list->items[list->slots[slot & last] - 1];
        if (slice_equal(rule->value, value)) return rule;
    }
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

/* ---- fewer ---- */

/* One rule in place of several, under the name of the first. */
static struct x_rule joined(const struct x_rule *rules, size_t count, struct arena *arena) {
    struct x_rule all = rules[0];
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        length += rules[i].value.length + OR.length;
    char *text = arena_alloc(arena, length), *end = text;
    for (size_t i = 0; i < count; i++) {
        if (i) end = mempcpy(end, OR.data, OR.length);
        end = mempcpy(end, rules[i].value.data, rules[i].value.length);
        all.shared += i && rules[i].query != rules[i - 1].query;
    }
    all.value = slice_from(text, (size_t)(end - text));
    return all;
}

/* The same as at most `room` rules where that is possible, else as few as can be: the first by
 * themselves, the last ones put together. They are gathered from the end, so that another query
 * among the first changes few of them. */
static struct x_rule_list gather(const struct x_rule_list *rules, size_t room,
                                 struct arena *arena) {
    size_t *starts = arena_alloc(arena, rules->count * sizeof *starts), groups = 0, length = 0;
    size_t alone = rules->count;
    struct x_rule_list fewer = { 0 };
    while (alone > 0 && alone + groups > room) {
        size_t more = rules->items[--alone].value.length;
        bool fits = groups && length + OR.length + more <= RULE_MAX_BYTES;
        length = fits ? length + OR.length + more : more;
        if (!fits) groups++;
        starts[groups - 1] = alone;
    }
    for (size_t i = 0; i < alone; i++)
        add(&fewer, &rules->items[i], arena);
    for (size_t i = groups; i-- > 0;) {
        size_t end = i ? starts[i - 1] : rules->count;
        struct x_rule rule = joined(&rules->items[starts[i]], end - starts[i], arena);
        add(&fewer, &rule, arena);
    }
    return fewer;
}

/* ---- the way ---- */

/* The wanted rules that nobody else has already, as many as find a place. */
static struct x_rule_list choose(const struct x_wanted *wanted, const struct x_rule_list *present,
                                 struct x_rule_plan *plan, struct arena *arena) {
    struct x_rule_list own = { 0 }, chosen = { 0 };
    size_t room = X_MOST_RULES - MIN((size_t)X_MOST_RULES, plan->foreign);
    for (size_t i = 0; i < wanted->rules.count; i++) {
        const struct x_rule *same = find_value(present, wanted->rules.items[i].value);
        if (same == NULL || is_own(same)) add(&own, &wanted->rules.items[i], arena);
    }
    if (own.count > room) own = gather(&own, room, arena);
    for (size_t i = 0; i < own.count; i++)
        add(i < room ? &chosen : &plan->left_out, &own.items[i], arena);
    return chosen;
}

static bool has_as_it_is(const struct x_rule_list *list, const struct x_rule *rule) {
    const struct x_rule *same = find_value(list, rule->value);
    return same && slice_equal(same->tag, rule->tag);
}

struct x_rule_plan x_rules_plan(const struct x_wanted *wanted, const struct x_rule_list *present,
                                struct arena *arena) {
    struct x_rule_plan plan = { 0 };
    for (size_t i = 0; i < present->count; i++)
        plan.foreign += !is_own(&present->items[i]);
    struct x_rule_list chosen = choose(wanted, present, &plan, arena);
    for (size_t i = 0; i < present->count; i++) {
        const struct x_rule *rule = &present->items[i];
        if (!is_own(rule)) continue;
        bool stays = has_as_it_is(&chosen, rule);
        plan.kept += stays;
        if (!stays) add(&plan.stale, rule, arena);
    }
    size_t room_first = X_MOST_RULES - MIN((size_t)X_MOST_RULES, present->count);
    for (size_t i = 0; i < chosen.count; i++) {
        const struct x_rule *rule = &chosen.items[i];
        if (has_as_it_is(present, rule)) continue;
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
