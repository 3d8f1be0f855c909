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

/* As few rules as hold all alternatives, in their order. */
static bool write_alternatives(struct writing *writing, const struct push *either,
                               const struct beside *beside) {
    struct arena *arena = writing->arena;
    bool group = beside->before.length > 0;
    size_t most = writing->most_bytes - MIN(writing->most_bytes, beside->before.length + 2 * group);
    struct slice gathered = SLICE("");
    for (const struct push *child = either->first; child; child = child->next) {
        struct slice one = written(child, false, arena);
        bool fits = gathered.length + (gathered.length ? 4 : 0) + one.length <= most;
        if (!fits && gathered.length) {
            add_rule(writing, ARENA_JOIN(arena, beside->before, group ? SLICE("(") : SLICE(""),
                                         gathered, group ? SLICE(")") : SLICE("")));
            gathered = SLICE("");
        }
        if (one.length > most) { /* longer than a rule: all the others would not help */
            struct push both = { .op = PUSH_AND, .stands = true };
            struct push copy = *child, rest = { .op = PUSH_AND };
            copy.next = NULL;
            if (beside->rest) rest = *beside->rest;
            rest.next = &copy;
            both.first = beside->rest ? &rest : &copy;
            if (!write_push(writing, beside->rest ? &both : &copy)) return false;
            continue;
        }
        gathered = gathered.length ? ARENA_JOIN(arena, gathered, SLICE(" OR "), one) : one;
    }
    if (gathered.length == 0) return true;
    add_rule(writing, ARENA_JOIN(arena, beside->before, group ? SLICE("(") : SLICE(""), gathered,
                                 group ? SLICE(")") : SLICE("")));
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
