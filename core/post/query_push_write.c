/* Rules of X: texts of limited length, which together hold wherever what was asked for does. */
#include "post/query_push_internal.h"

struct writing {
    size_t most_bytes;
    struct arena *arena;
    struct rule_texts *rules;
};

static struct slice written(const struct push *push, bool inside, struct arena *arena) {
    if (push->op == PUSH_LEAF) return push->text;
    bool either = push->op == PUSH_OR;
    struct slice text = SLICE("");
    size_t count = 0;
    for (const struct push *child = push->first; child; child = child->next) {
        bool group = child->op == PUSH_OR && (push->op != PUSH_OR);
        struct slice one = written(child, group, arena);
        text = count++ ? ARENA_JOIN(arena, text, either ? SLICE(" OR ") : SLICE(" "), one) : one;
    }
    if (inside && count > 1) return ARENA_JOIN(arena, SLICE("("), text, SLICE(")"));
    return text;
}

static void add_rule(struct writing *writing, struct slice text) {
    struct rule_texts *rules = writing->rules;
    struct slice *items = arena_alloc(writing->arena, (rules->count + 1) * sizeof *items);
    if (rules->count) memcpy(items, rules->items, rules->count * sizeof *items);
    items[rules->count++] = text;
    rules->items = items;
}

static bool write_push(struct writing *writing, const struct push *push);

/* What is asked for beside one of several things. */
struct beside {
    struct slice before; /* with a space behind it, or empty */
    const struct push *rest;
};

static void add_gathered(struct writing *writing, const struct beside *beside,
                         struct slice gathered) {
    bool group = beside->before.length > 0;
    if (gathered.length == 0) return;
    add_rule(writing, ARENA_JOIN(writing->arena, beside->before, group ? SLICE("(") : SLICE(""),
                                 gathered, group ? SLICE(")") : SLICE("")));
}

/* One that is longer than a rule: what it asks for is shortened, together with what is beside it.
 */
static bool write_long(struct writing *writing, const struct beside *beside,
                       const struct push *long_one) {
    struct push alone = *long_one, rest = { .op = PUSH_AND }, both = { .op = PUSH_AND };
    alone.next = NULL;
    if (beside->rest == NULL) return write_push(writing, &alone);
    rest = *beside->rest;
    rest.next = &alone;
    both.first = &rest;
    both.stands = true;
    return write_push(writing, &both);
}

/* As few rules as hold all alternatives, in their order. */
static bool write_alternatives(struct writing *writing, const struct push *either,
                               const struct beside *beside) {
    size_t taken = beside->before.length + (beside->before.length ? 2 : 0);
    size_t most = writing->most_bytes - MIN(writing->most_bytes, taken);
    struct slice gathered = SLICE(""), or = SLICE(" OR ");
    for (const struct push *child = either->first; child; child = child->next) {
        struct slice one = written(child, false, writing->arena);
        size_t together = gathered.length + (gathered.length ? or.length : 0) + one.length;
        if (together > most) {
            add_gathered(writing, beside, gathered);
            gathered = SLICE("");
        }
        if (one.length > most) {
            if (!write_long(writing, beside, child)) return false;
        } else
            gathered = gathered.length ? ARENA_JOIN(writing->arena, gathered, or, one) : one;
    }
    add_gathered(writing, beside, gathered);
    return true;
}

/* A copy of an AND without one of its children. */
static struct push *without(const struct push *push, const struct push *left_out,
                            struct arena *arena) {
    struct push *rest = arena_alloc(arena, sizeof *rest), **link = &rest->first;
    *rest = (struct push){ .op = PUSH_AND };
    for (const struct push *child = push->first; child; child = child->next) {
        if (child == left_out) continue;
        struct push *copy = arena_alloc(arena, sizeof *copy);
        *copy = *child;
        copy->next = NULL;
        rest->stands |= child->stands;
        *link = copy;
        link = &copy->next;
    }
    return rest;
}

/* The longest child; of those that are alternatives, or whose absence leaves something that stands.
 */
static const struct push *longest(const struct push *push, bool either, struct arena *arena) {
    const struct push *found = NULL;
    size_t most = 0;
    for (const struct push *child = push->first; child; child = child->next) {
        size_t length = written(child, false, arena).length;
        bool may = either ? child->op == PUSH_OR : without(push, child, arena)->stands;
        if (!may || length <= most) continue;
        most = length;
        found = child;
    }
    return found;
}

/* Too long: its longest alternatives are shared out, else what is longest is not asked for. */
static bool write_all(struct writing *writing, const struct push *push) {
    struct arena *arena = writing->arena;
    const struct push *either = longest(push, true, arena);
    if (either) {
        const struct push *rest = without(push, either, arena);
        struct slice before = written(rest, false, arena);
        if (before.length + 64 < writing->most_bytes && (rest->stands || either->stands)) {
            if (before.length) before = ARENA_JOIN(arena, before, SLICE(" "));
            struct beside beside = { before, before.length ? rest : NULL };
            return write_alternatives(writing, either, &beside);
        }
    }
    const struct push *least = longest(push, false, arena);
    if (least == NULL) return false;
    writing->rules->whole = false;
    return write_push(writing, without(push, least, arena));
}

static bool write_push(struct writing *writing, const struct push *push) {
    struct slice text = written(push, false, writing->arena);
    if (text.length <= writing->most_bytes) {
        add_rule(writing, text);
        return true;
    }
    if (push->op == PUSH_OR)
        return write_alternatives(writing, push, &(struct beside){ SLICE(""), NULL });
    return push->op == PUSH_AND && write_all(writing, push);
}

bool query_push_write(const struct push *push, size_t most_bytes, struct arena *arena,
                      struct rule_texts *rules) {
    struct writing writing = { most_bytes, arena, rules };
    return write_push(&writing, push);
}
