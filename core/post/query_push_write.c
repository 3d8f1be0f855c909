/* Rules of X: texts of limited length, which together hold wherever what was asked for does. */
#include "post/query_push_internal.h"

/* Alternatives are shared out where a rule has so much room for them. */
#define LEAST_SHARE 64

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

/* What must all be there. */
struct piece {
    const struct push *push;
    struct slice text;
};

struct pieces {
    struct piece *items;
    size_t count, standing; /* X takes so many of them by themselves */
    size_t length;          /* of all of them behind each other */
};

static bool write_all(struct writing *writing, struct pieces *pieces);

static void add_pieces(struct writing *writing, struct pieces *pieces, const struct push *push) {
    if (push->op == PUSH_AND) {
        for (const struct push *child = push->first; child; child = child->next)
            add_pieces(writing, pieces, child);
        return;
    }
    bool grows = (pieces->count & (pieces->count - 1)) == 0; /* room is a power of 2 */
    if (grows) {
        struct piece *items =
            arena_alloc(writing->arena, MAX(pieces->count * 2, 1u) * sizeof *items);
        if (pieces->count) memcpy(items, pieces->items, pieces->count * sizeof *items);
        pieces->items = items;
    }
    struct slice text = written(push, true, writing->arena);
    pieces->items[pieces->count++] = (struct piece){ push, text };
    pieces->standing += push->stands;
    pieces->length += text.length + (pieces->count > 1);
}

static void remove_piece(struct pieces *pieces, size_t at) {
    const struct piece *piece = &pieces->items[at];
    pieces->standing -= piece->push->stands;
    pieces->length -= piece->text.length + (pieces->count > 1);
    pieces->count--;
    memmove(pieces->items + at, pieces->items + at + 1,
            (pieces->count - at) * sizeof *pieces->items);
}

/* All of them but one; SIZE_MAX: all. */
static struct slice pieces_text(const struct pieces *pieces, size_t but, struct arena *arena) {
    char *text = arena_alloc(arena, pieces->length + 1), *end = text;
    for (size_t i = 0; i < pieces->count; i++) {
        if (i == but) continue;
        if (end > text) *end++ = ' ';
        end = mempcpy(end, pieces->items[i].text.data, pieces->items[i].text.length);
    }
    return slice_from(text, (size_t)(end - text));
}

/* What is asked for beside one of several things. */
struct beside {
    struct slice before; /* with a space behind it, or empty */
    const struct pieces *all;
    size_t but; /* of them the one that is several things */
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
    struct push alone = *long_one;
    struct pieces both = { 0 };
    alone.next = NULL;
    for (size_t i = 0; beside->all && i < beside->all->count; i++)
        if (i != beside->but) add_pieces(writing, &both, beside->all->items[i].push);
    add_pieces(writing, &both, &alone);
    return write_all(writing, &both);
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

/* The longest that is one of several things; the count when there is none. */
static size_t longest_either(const struct pieces *pieces) {
    size_t found = pieces->count;
    for (size_t i = 0; i < pieces->count; i++)
        if (pieces->items[i].push->op == PUSH_OR &&
            (found == pieces->count ||
             pieces->items[i].text.length > pieces->items[found].text.length))
            found = i;
    return found;
}

/* Rather the shortest that makes the rest short enough, else the longest. */
static bool is_less_missed(const struct piece *piece, const struct piece *other, size_t excess) {
    size_t length = piece->text.length, others = other->text.length;
    bool enough = length + 1 >= excess, other_enough = others + 1 >= excess;
    if (enough != other_enough) return enough;
    return enough ? length < others : length > others;
}

/* The one to go without, so that what is left still stands; the count when there is none. */
static size_t least_missed(const struct pieces *pieces, size_t most_bytes) {
    size_t found = pieces->count, excess = pieces->length - most_bytes;
    for (size_t i = 0; i < pieces->count; i++) {
        const struct piece *piece = &pieces->items[i];
        if (pieces->standing - piece->push->stands == 0) continue;
        if (found == pieces->count || is_less_missed(piece, &pieces->items[found], excess))
            found = i;
    }
    return found;
}

/* One of them is shared out over several rules. False: none can be. */
static bool share_out(struct writing *writing, const struct pieces *pieces, bool *done) {
    size_t at = longest_either(pieces);
    if (at == pieces->count) return false;
    const struct push *either = pieces->items[at].push;
    struct slice before = pieces_text(pieces, at, writing->arena);
    if (before.length && before.length + LEAST_SHARE >= writing->most_bytes) return false;
    if (before.length) before = ARENA_JOIN(writing->arena, before, SLICE(" "));
    struct beside beside = { before, before.length ? pieces : NULL, at };
    *done = write_alternatives(writing, either, &beside);
    return true;
}

/* Whatever is left out of it: a text that it needs is longer than a rule. */
static bool is_hopeless(const struct push *push, size_t most_bytes) {
    bool stands = false;
    if (push->op == PUSH_LEAF) return push->text.length > most_bytes;
    for (const struct push *child = push->first; child; child = child->next) {
        bool hopeless = is_hopeless(child, most_bytes);
        if (hopeless && push->op == PUSH_OR) return true;
        stands |= !hopeless && child->stands;
    }
    return push->op == PUSH_AND && push->stands && !stands;
}

/* Too long: the longest alternatives are shared out, else something is not asked for. */
static bool write_all(struct writing *writing, struct pieces *pieces) {
    bool done;
    for (size_t i = pieces->count; i-- > 0;) {
        if (!is_hopeless(pieces->items[i].push, writing->most_bytes)) continue;
        remove_piece(pieces, i);
        writing->rules->whole = false;
    }
    if (pieces->standing == 0) return false;
    while (pieces->length > writing->most_bytes) {
        if (share_out(writing, pieces, &done)) return done;
        size_t at = least_missed(pieces, writing->most_bytes);
        if (at == pieces->count) return false;
        remove_piece(pieces, at);
        writing->rules->whole = false;
    }
    add_rule(writing, pieces_text(pieces, SIZE_MAX, writing->arena));
    return true;
}

bool query_push_write(const struct push *push, size_t most_bytes, struct arena *arena,
                      struct rule_texts *rules) {
    struct writing writing = { most_bytes, arena, rules };
    struct pieces pieces = { 0 };
    struct slice text = written(push, false, arena);
    if (text.length <= most_bytes) {
        add_rule(&writing, text);
        return true;
    }
    if (is_hopeless(push, most_bytes)) return false;
    if (push->op == PUSH_OR)
        return write_alternatives(&writing, push, &(struct beside){ SLICE(""), NULL, 0 });
    add_pieces(&writing, &pieces, push);
    return write_all(&writing, &pieces);
}
