/* json/projection.h, the half that reads records: one walk over the object goes down only where the
 * tree of paths goes. */
#include "json/parser.h"
#include "json/scalar.h"
#include "json/unescape.h"

extern "C" {
#include "base/alloc.h"
}

extern "C" struct projector *projector_create(const struct projection *projection) {
    auto *made = new (memory_alloc(sizeof(projector))) projector();
    size_t count = projection ? projection->slot_count : 0;
    made->projection = projection;
    made->orders = static_cast<name_order *>(
        memory_zeroed((projection ? projection->parent_count : 0) + 1, sizeof *made->orders));
    made->left = static_cast<left_value *>(
        memory_alloc(((projection ? projection->node_count : 0) + 1) * sizeof *made->left));
    made->slots = static_cast<json_slot *>(memory_zeroed(count + 1, sizeof *made->slots));
    made->touched = static_cast<int *>(memory_alloc((count + 1) * sizeof *made->touched));
    return made;
}

extern "C" void projector_destroy(struct projector *projector) {
    memory_free(projector->orders);
    memory_free(projector->left);
    memory_free(projector->slots);
    memory_free(projector->touched);
    projector->~projector();
    memory_free(projector);
}

namespace {

using known_name = name_order::known_name;

constexpr int max_array_depth = 16;

/* Which of a node's children an object has shown so far. */
struct members {
    uint64_t seen[4];
    size_t count;

    /* False when it was there before: the first of duplicate keys wins. */
    bool add(uint8_t number) {
        uint64_t bit = UINT64_C(1) << (number & 63);
        if (seen[number >> 6] & bit) return false;
        seen[number >> 6] |= bit;
        count++;
        return true;
    }
};

/* One walk: where to put things, and the first thing that went wrong. */
struct walk {
    projector *into;
    arena *memory;
    tokens at;
    uint32_t element; /* of the outermost array */
    bool finishing;   /* nothing is left any more */
    const char *failure;

    bool fail(const char *why) {
        failure = why;
        return false;
    }
    bool skip() { return at.skip() || fail(tokens::cut); }
    json_slot &touch(int slot);
    void put(const path_node *node, json_type type, slice text);
    known_name *look_up(const path_node *parent, known_name *before);
    bool leave(const path_node *node);
    bool member(const path_node *parent, known_name **last, members &found, int depth);
    bool object(const path_node *node, int depth);
    bool array(const path_node *node, int depth);
    bool nested(const path_node *node, char bracket, int depth);
    bool value(const path_node *node, int depth);
    bool scalar(const path_node *node);
};

inline json_slot &walk::touch(int number) {
    json_slot &slot = into->slots[number];
    if (slot.count == 0 && !slot.array) into->touched[into->touched_count++] = number;
    return slot;
}

inline void walk::put(const path_node *node, json_type type, slice text) {
    if (node->slot < 0) return;
    json_slot &slot = touch(node->slot);
    if (slot.count++ == 0) {
        slot.first.type = type;
        slot.first.element = element;
        slot.first.text = text;
        slot.last = &slot.first;
        return;
    }
    auto *more = static_cast<json_value *>(arena_alloc(memory, sizeof(json_value)));
    more->type = type;
    more->element = element;
    more->text = text;
    more->next = nullptr;
    slot.last->next = more;
    slot.last = more;
}

/* What a name says that is not the expected one; nullptr when it is wrong. */
known_name *walk::look_up(const path_node *parent, known_name *before) {
    bool escaped;
    slice raw = at.name_text(&escaped), name = raw;
    if (escaped) {
        if (!json_unescape(raw, memory, &name)) return nullptr;
        auto *padded = static_cast<char *>(arena_alloc(memory, name.length + 8));
        memcpy(padded, name.data, name.length);
        name.data = padded;
    }
    const path_node *child = path_child(parent, name.data, name.length);
    return into->orders[parent->order].learn(before, raw.data - 1, raw.length + 2, child);
}

/* Outside of arrays a node is met once at most, so there is room. */
bool walk::leave(const path_node *node) {
    into->left[into->left_count++] = { node, at.place() };
    return skip();
}

/* A name, its colon and its value; `last` is the name before it. */
inline bool walk::member(const path_node *parent, known_name **last, members &found, int depth) {
    const char *quote = at.name();
    if (quote == nullptr) return fail(tokens::wrong);
    known_name *known = name_order::follow(*last, quote);
    if (UNLIKELY(known == nullptr)) known = look_up(parent, *last);
    if (UNLIKELY(known == nullptr)) return fail("a member's name has a wrong escape");
    *last = known;
    at.pass_name();
    const path_node *child = known->child;
    if (child == nullptr || !found.add(child->number)) return skip();
    return child->at_once || finishing || depth > 0 ? value(child, depth) : leave(child);
}

bool walk::object(const path_node *node, int depth) {
    members found = {};
    known_name *last = into->orders[node->order].beginning();
    bool nested = node->name_length > 0;
    at.next(); /* the brace */
    if (at.is('}')) {
        at.next();
        return true;
    }
    for (;;) {
        if (!member(node, &last, found, depth)) return false;
        /* The rest of a nested object is skipped without a look at its names; that of the root is
         * read, so that a record that is cut off is noticed. */
        if (nested && found.count == node->child_count) return at.leave() || fail(tokens::cut);
        char behind = at.first();
        at.next();
        if (behind == '}') return true;
        if (behind != ',') return fail(behind ? tokens::wrong : tokens::cut);
    }
}

bool walk::array(const path_node *node, int depth) {
    for (const int *slot = node->below; *slot >= 0; slot++)
        touch(*slot).array = true;
    if (depth == max_array_depth) return skip();
    at.next(); /* the bracket */
    if (at.is(']')) {
        at.next();
        return true;
    }
    for (uint32_t number = 0;; number++) {
        if (depth == 0) element = number;
        if (!value(node, depth + 1)) return false;
        char behind = at.first();
        at.next();
        if (depth == 0) element = 0;
        if (behind == ']') return true;
        if (behind != ',') return fail(behind ? tokens::wrong : tokens::cut);
    }
}

bool walk::nested(const path_node *node, char bracket, int depth) {
    if (bracket == '[') return array(node, depth);
    put(node, JSON_OBJECT, slice_from(nullptr, 0));
    return node->child_count == 0 ? skip() : object(node, depth);
}

inline bool walk::value(const path_node *node, int depth) {
    char first = at.first();
    if (UNLIKELY(first == '{' || first == '[')) return nested(node, first, depth);
    return node->slot < 0 ? skip() : scalar(node);
}

inline bool walk::scalar(const path_node *node) {
    json_type type;
    slice text;
    const char *why = at.first() ? json_scalar(at.token(), memory, &type, &text) : tokens::cut;
    if (why) return fail(why);
    at.next();
    put(node, type, text);
    return true;
}

} // namespace

extern "C" const struct json_slot *projector_run(struct projector *projector, struct slice record,
                                                 struct arena *arena, struct slice *reason) {
    for (size_t i = 0; i < projector->touched_count; i++)
        projector->slots[projector->touched[i]] = {};
    projector->touched_count = projector->left_count = 0;
    walk walk = {};
    walk.into = projector;
    walk.memory = arena;
    walk.failure = walk.at.open(projector, record);
    if (walk.failure == nullptr && !walk.at.is('{')) walk.failure = "it is no object";
    bool done = walk.failure == nullptr && walk.object(projector->projection->root, 0) &&
                (walk.at.ended() || walk.fail("more bytes follow the object"));
    if (done) return projector->slots;
    *reason = slice_of(walk.failure);
    return nullptr;
}

extern "C" bool projector_left(const struct projector *projector) {
    return projector->left_count > 0;
}

extern "C" bool projector_finish(struct projector *projector, struct arena *arena,
                                 struct slice *reason) {
    walk walk = {};
    walk.into = projector;
    walk.memory = arena;
    walk.finishing = true;
    for (size_t i = 0; i < projector->left_count; i++) {
        const left_value &left = projector->left[i];
        walk.at.reopen(projector, left.place);
        if (walk.value(left.node, 0)) continue;
        *reason = slice_of(walk.failure);
        return false;
    }
    projector->left_count = 0;
    return true;
}
