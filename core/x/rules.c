/* x/rules.h */
#include "x/rules.h"
#include "post/query_push.h"

#define OR SLICE(" OR ")

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
            if (x_rule_find(&wanted.rules, rule.value) == NULL)
                x_rule_add(&wanted.rules, &rule, arena);
        }
    }
    return wanted;
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
        x_rule_add(&fewer, &rules->items[i], arena);
    for (size_t i = groups; i-- > 0;) {
        size_t end = i ? starts[i - 1] : rules->count;
        struct x_rule rule = joined(&rules->items[starts[i]], end - starts[i], arena);
        x_rule_add(&fewer, &rule, arena);
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
        const struct x_rule *same = x_rule_find(present, wanted->rules.items[i].value);
        if (same == NULL || is_own(same)) x_rule_add(&own, &wanted->rules.items[i], arena);
    }
    if (own.count > room) own = gather(&own, room, arena);
    for (size_t i = 0; i < own.count; i++)
        x_rule_add(i < room ? &chosen : &plan->left_out, &own.items[i], arena);
    return chosen;
}

static bool has_as_it_is(const struct x_rule_list *list, const struct x_rule *rule) {
    const struct x_rule *same = x_rule_find(list, rule->value);
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
        if (!stays) x_rule_add(&plan.stale, rule, arena);
    }
    size_t room_first = X_MOST_RULES - MIN((size_t)X_MOST_RULES, present->count);
    for (size_t i = 0; i < chosen.count; i++) {
        const struct x_rule *rule = &chosen.items[i];
        if (has_as_it_is(present, rule)) continue;
        bool waits = x_rule_find(&plan.stale, rule->value) || plan.first.count == room_first;
        x_rule_add(waits ? &plan.then : &plan.first, rule, arena);
    }
    return plan;
}
