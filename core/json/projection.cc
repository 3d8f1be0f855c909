/* json/projection.h: the paths form a tree of member names; one walk over the object goes down only
 * where the tree goes. */
#include "json/projection.h"
#include "json/parser.h"
#include "json/scalar.h"
#include "json/unescape.h"

extern "C" {
#include "base/alloc.h"
}

namespace {

constexpr size_t max_steps = 16;
constexpr size_t max_slots = 1024;
constexpr size_t max_children = 255;
constexpr int max_array_depth = 16;

struct node;

/* A member's name: up to 16 bytes are compared as two numbers. */
struct name_key {
    uint64_t start, end; /* the first and the last eight bytes, zeros behind a shorter name */
    size_t length;
};

/* A place of a node's table. */
struct entry {
    name_key key;
    node *child; /* nullptr: free */
};

struct node {
    char *name;
    uint8_t name_length;
    uint8_t number; /* among its parent's children */
    int slot;       /* -1: only passed through */
    size_t child_count;
    entry *table; /* of the children, open addressing, at most a quarter full */
    unsigned table_shift;
    int *below; /* slots of this node and all under it, -1 ends */
};

/* Of a name behind which eight more bytes may be read. */
inline name_key name_key_of(const char *name, size_t length) {
    name_key key = { 0, 0, length };
    memcpy(&key.start, name, sizeof key.start);
    if (length < 8)
        key.start &= (UINT64_C(1) << (length * 8)) - 1;
    else
        memcpy(&key.end, name + length - 8, sizeof key.end);
    return key;
}

size_t table_size(const node *parent) { return size_t(1) << (64 - parent->table_shift); }

inline size_t bucket(const node *parent, const name_key &key) {
    return ((key.start ^ key.end ^ key.length) * UINT64_C(0x9E3779B97F4A7C15)) >>
           parent->table_shift;
}

/* `name` as for name_key_of. */
inline node *child_named(const node *parent, const char *name, size_t length) {
    name_key key = name_key_of(name, length);
    size_t last = table_size(parent) - 1;
    for (size_t at = bucket(parent, key);; at = (at + 1) & last) {
        const entry &place = parent->table[at];
        if (place.child == nullptr) return nullptr;
        if (place.key.start == key.start && place.key.end == key.end &&
            place.key.length == length &&
            (length <= 16 || memcmp(place.child->name, name, length) == 0))
            return place.child;
    }
}

void table_put(node *parent, node *child) {
    name_key key = name_key_of(child->name, child->name_length);
    size_t at = bucket(parent, key);
    while (parent->table[at].child)
        at = (at + 1) & (table_size(parent) - 1);
    parent->table[at] = { key, child };
}

void table_create(node *parent, unsigned shift) {
    parent->table_shift = shift;
    parent->table = static_cast<entry *>(memory_zeroed(table_size(parent), sizeof *parent->table));
}

void table_grow(node *parent) {
    entry *before = parent->table;
    size_t count = table_size(parent);
    table_create(parent, parent->table_shift - 1);
    for (size_t i = 0; i < count; i++)
        if (before[i].child) table_put(parent, before[i].child);
    memory_free(before);
}

/* Calls `each` for every child. */
template <typename function> void each_child(const node *parent, function each) {
    for (size_t i = 0; i < table_size(parent); i++)
        if (parent->table[i].child) each(parent->table[i].child);
}

node *node_create(const char *name, size_t length) {
    auto *made = static_cast<node *>(memory_zeroed(1, sizeof(node)));
    made->name = static_cast<char *>(memory_zeroed(1, length + 9));
    if (length) memcpy(made->name, name, length);
    table_create(made, 62);
    made->name_length = static_cast<uint8_t>(length);
    made->slot = -1;
    return made;
}

void node_destroy(node *gone) {
    each_child(gone, node_destroy);
    memory_free(gone->table);
    memory_free(gone->name);
    memory_free(gone->below);
    memory_free(gone);
}

node *child_add(node *parent, const char *name, size_t length) {
    if (parent->child_count == max_children) return nullptr;
    node *child = node_create(name, length);
    child->number = static_cast<uint8_t>(parent->child_count++);
    if (parent->child_count * 4 > table_size(parent)) table_grow(parent);
    table_put(parent, child);
    return child;
}

size_t collect_slots(node *from, int *into) {
    size_t count = 0;
    if (from->slot >= 0) into[count++] = from->slot;
    each_child(from, [&](node *child) { count += collect_slots(child, into + count); });
    return count;
}

void seal_node(node *sealed) {
    int slots[max_slots + 1];
    size_t count = collect_slots(sealed, slots);
    slots[count] = -1;
    sealed->below = static_cast<int *>(memory_resize(sealed->below, (count + 1) * sizeof(int)));
    memcpy(sealed->below, slots, (count + 1) * sizeof(int));
    each_child(sealed, seal_node);
}

} // namespace

struct projection {
    node *root;
    size_t slot_count;
};

extern "C" struct projection *projection_create(void) {
    auto *made = static_cast<projection *>(memory_zeroed(1, sizeof(projection)));
    made->root = node_create("", 0);
    return made;
}

extern "C" void projection_destroy(struct projection *projection) {
    node_destroy(projection->root);
    memory_free(projection);
}

extern "C" int projection_add(struct projection *projection, struct slice path) {
    node *at = projection->root;
    size_t start = 0;
    for (size_t steps = 1; steps <= max_steps; steps++) {
        size_t end = start;
        while (end < path.length && path.data[end] != '.')
            end++;
        size_t length = end - start;
        if (length == 0 || length > 255) return -1;
        char name[256 + 8] = {};
        memcpy(name, path.data + start, length);
        node *next = child_named(at, name, length);
        if (!next) next = child_add(at, name, length);
        if (!next) return -1;
        at = next;
        if (end == path.length) {
            if (at->slot < 0 && projection->slot_count == max_slots) return -1;
            if (at->slot < 0) at->slot = static_cast<int>(projection->slot_count++);
            return at->slot;
        }
        start = end + 1;
    }
    return -1;
}

extern "C" size_t projection_slots(const struct projection *projection) {
    return projection->slot_count;
}

extern "C" void projection_seal(struct projection *projection) { seal_node(projection->root); }

extern "C" struct projector *projector_create(const struct projection *projection) {
    auto *made = new (memory_alloc(sizeof(projector))) projector();
    size_t count = projection ? projection->slot_count : 0;
    made->projection = projection;
    made->slots = static_cast<json_slot *>(memory_zeroed(count + 1, sizeof *made->slots));
    made->touched = static_cast<int *>(memory_alloc((count + 1) * sizeof *made->touched));
    return made;
}

extern "C" void projector_destroy(struct projector *projector) {
    memory_free(projector->slots);
    memory_free(projector->touched);
    projector->~projector();
    memory_free(projector);
}

namespace {

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
    const char *failure;

    bool fail(const char *why) {
        failure = why;
        return false;
    }
    bool skip() { return at.skip() || fail(tokens::cut); }
    json_slot &touch(int slot);
    void put(const node *node, json_type type, slice text);
    bool member(const node *parent, members &found, int depth);
    bool object(const node *node, int depth);
    bool array(const node *node, int depth);
    bool value(const node *node, int depth);
    bool scalar(const node *node);
};

json_slot &walk::touch(int number) {
    json_slot &slot = into->slots[number];
    if (slot.count == 0 && !slot.array) into->touched[into->touched_count++] = number;
    return slot;
}

void walk::put(const node *node, json_type type, slice text) {
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

/* A name, its colon and its value. */
inline bool walk::member(const node *parent, members &found, int depth) {
    bool escaped;
    slice name;
    if (!at.name(&name, &escaped)) return fail(tokens::wrong);
    if (UNLIKELY(escaped)) {
        if (!json_unescape(name, memory, &name)) return fail("a member's name has a wrong escape");
        auto *padded = static_cast<char *>(arena_alloc(memory, name.length + 8));
        memcpy(padded, name.data, name.length);
        name.data = padded;
    }
    node *child = child_named(parent, name.data, name.length);
    if (child == nullptr || !found.add(child->number)) return skip();
    return value(child, depth);
}

bool walk::object(const node *node, int depth) {
    members found = {};
    bool nested = node->name_length > 0;
    at.next(); /* the brace */
    if (at.is('}')) {
        at.next();
        return true;
    }
    for (;;) {
        if (!member(node, found, depth)) return false;
        /* The rest of a nested object is skipped without a look at its names; that of the root is
         * read, so that a record that is cut off is noticed. */
        if (nested && found.count == node->child_count) return at.leave() || fail(tokens::cut);
        char behind = at.first();
        at.next();
        if (behind == '}') return true;
        if (behind != ',') return fail(behind ? tokens::wrong : tokens::cut);
    }
}

bool walk::array(const node *node, int depth) {
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

bool walk::value(const node *node, int depth) {
    char first = at.first();
    if (first == '{') {
        put(node, JSON_OBJECT, slice_from(nullptr, 0));
        return node->child_count == 0 ? skip() : object(node, depth);
    }
    if (first == '[') return array(node, depth);
    return node->slot < 0 ? skip() : scalar(node);
}

bool walk::scalar(const node *node) {
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
    projector->touched_count = 0;
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
