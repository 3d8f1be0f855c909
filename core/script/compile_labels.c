/* script/compile.h: label tables, of a scorer or the configuration. */
#include "script/compile.h"
#include "script/value.h"

#define MAX_LABELS 50

static bool fail(struct loader *loader, const struct place *place, const char *sentence,
                 struct error *err) {
    return place_error(place, PLACE_VALUE, &loader->arena, err, "%s", sentence);
}

/* A member of the label at `place`. */
static struct place member_of(const struct place *place, const char *key) {
    return (struct place){ .up = place, .key = slice_of(key) };
}

/* The bound that stands at `key`, if any; *has counts them. */
static bool read_bound(struct loader *loader, int index, const struct place *place, const char *key,
                       double *bound, bool *has, struct error *err) {
    *has = value_push_member(loader->lua, index, slice_of(key));
    if (!*has) return true;
    struct place at = member_of(place, key);
    bool good = value_number(loader, -1, &at, bound, err);
    if (good && (*bound < -1 || *bound > 1))
        good = fail(loader, &at, "a score lies between -1 and 1, so no bound is outside", err);
    lua_pop(loader->lua, 1);
    return good;
}

static bool read_name(struct loader *loader, int index, const struct place *place,
                      struct arena *arena, struct slice *name, struct error *err) {
    lua_rawgeti(loader->lua, index, 1);
    struct place at = { .up = place, .item = 1 };
    bool good = value_text(loader, -1, &at, name, err);
    lua_pop(loader->lua, 1);
    if (!good) return false;
    *name = arena_copy(arena, *name);
    if (!slice_is(*name, "unknown")) return true;
    return fail(loader, &at, "\"unknown\" is the label of posts without a score", err);
}

static bool read_label(struct loader *loader, int index, const struct place *place,
                       struct arena *arena, struct label_rule *rule, struct error *err) {
    struct table_keys keys;
    bool upto = false, below = false;
    if (!value_keys(loader, index, place, "a label such as { \"negative\", below = 0 }", &keys,
                    err) ||
        !value_known_keys(loader, &keys, label_keys, "a label", place, err))
        return false;
    if (keys.item_count != 1) return fail(loader, place, "a label has one name", err);
    if (!read_name(loader, index, place, arena, &rule->name, err) ||
        !read_bound(loader, index, place, "upto", &rule->bound, &upto, err) ||
        !read_bound(loader, index, place, "below", &rule->bound, &below, err))
        return false;
    if (upto && below) {
        struct place at = member_of(place, "below");
        place_error(&at, PLACE_KEY, &loader->arena, err, "a label has one bound, upto or below");
        return false;
    }
    rule->kind = upto ? LABEL_UPTO : below ? LABEL_BELOW : LABEL_ELSE;
    return true;
}

/* Whether every rule can still be reached after the one before it. */
static bool follows(const struct label_rule *before, const struct label_rule *rule) {
    if (rule->kind == LABEL_ELSE || rule->bound > before->bound) return true;
    return rule->bound == before->bound && before->kind == LABEL_BELOW && rule->kind == LABEL_UPTO;
}

static bool check_order(struct loader *loader, const struct label_rule *rules, size_t at,
                        size_t count, const struct place *place, struct error *err) {
    bool last = at + 1 == count;
    if (last && rules[at].kind != LABEL_ELSE)
        return fail(loader, place, "the last label takes the rest: it has no bound", err);
    if (!last && rules[at].kind == LABEL_ELSE)
        return fail(loader, place, "a label without a bound takes the rest: it must be the last",
                    err);
    if (at == 0 || follows(&rules[at - 1], &rules[at])) return true;
    struct place bound = member_of(place, rules[at].kind == LABEL_UPTO ? "upto" : "below");
    return fail(loader, &bound, "bounds must ascend: no score reaches this label", err);
}

bool compile_labels(struct loader *loader, int index, const struct place *place,
                    struct arena *arena, const struct label_rule **labels, size_t *count,
                    struct error *err) {
    struct table_keys keys;
    index = lua_absindex(loader->lua, index);
    if (!value_keys(loader, index, place, "a list of labels", &keys, err) ||
        !value_no_names(loader, &keys, "a list of labels", place, err))
        return false;
    if (keys.item_count == 0 || keys.item_count > MAX_LABELS)
        return fail(loader, place, "a list of labels has one label at least and 50 at most", err);
    *count = (size_t)keys.item_count;
    struct label_rule *rules = arena_zeroed(arena, *count, sizeof *rules);
    *labels = rules;
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(loader->lua, index, (lua_Integer)i + 1);
        const struct place *at = place_item(loader, place, (long long)i + 1, -1);
        bool good = read_label(loader, lua_gettop(loader->lua), at, arena, &rules[i], err) &&
                    check_order(loader, rules, i, *count, at, err);
        lua_pop(loader->lua, 1);
        if (!good) return false;
    }
    return true;
}
