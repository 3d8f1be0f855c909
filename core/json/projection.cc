/* json/projection.h on simdjson On-Demand 3.0.1.
 *
 * The paths form a tree of member names; one walk over the object goes down only where the tree
 * goes. After any error the document is abandoned: reading on after a truncated one is not defined.
 */
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

struct node {
    const char *name;
    uint8_t name_length;
    uint8_t number; /* among its parent's children */
    int slot;       /* -1: only passed through */
    node *children[max_children];
    size_t child_count;
    uint8_t table[1024]; /* name → child number + 1, open addressing */
    int *below;          /* slots of this node and all under it, -1 ends */
};

size_t bucket(const char *name, size_t length) {
    auto first = static_cast<unsigned char>(name[0]);
    auto last = static_cast<unsigned char>(name[length - 1]);
    return (length * 61 + first * 7 + last * 31) & 1023;
}

node *child_named(const node *parent, const char *name, size_t length) {
    if (length == 0) return nullptr;
    for (size_t at = bucket(name, length);; at = (at + 1) & 1023) {
        uint8_t number = parent->table[at];
        if (number == 0) return nullptr;
        node *child = parent->children[number - 1];
        if (child->name_length == length && memcmp(child->name, name, length) == 0) return child;
    }
}

node *node_create(const char *name, size_t length) {
    auto *made = static_cast<node *>(memory_zeroed(1, sizeof(node)));
    auto *copy = static_cast<char *>(memory_alloc(length + 1));
    memcpy(copy, name, length);
    copy[length] = '\0';
    made->name = copy;
    made->name_length = static_cast<uint8_t>(length);
    made->slot = -1;
    return made;
}

void node_destroy(node *gone) {
    for (size_t i = 0; i < gone->child_count; i++)
        node_destroy(gone->children[i]);
    memory_free(const_cast<char *>(gone->name));
    memory_free(gone->below);
    memory_free(gone);
}

node *child_add(node *parent, const char *name, size_t length) {
    if (parent->child_count == max_children) return nullptr;
    node *child = node_create(name, length);
    child->number = static_cast<uint8_t>(parent->child_count);
    parent->children[parent->child_count++] = child;
    size_t at = bucket(name, length);
    while (parent->table[at])
        at = (at + 1) & 1023;
    parent->table[at] = static_cast<uint8_t>(parent->child_count);
    return child;
}

size_t collect_slots(node *from, int *into) {
    size_t count = 0;
    if (from->slot >= 0) into[count++] = from->slot;
    for (size_t i = 0; i < from->child_count; i++)
        count += collect_slots(from->children[i], into + count);
    return count;
}

void seal_node(node *sealed) {
    int slots[max_slots + 1];
    size_t count = collect_slots(sealed, slots);
    slots[count] = -1;
    sealed->below = static_cast<int *>(memory_resize(sealed->below, (count + 1) * sizeof(int)));
    memcpy(sealed->below, slots, (count + 1) * sizeof(int));
    for (size_t i = 0; i < sealed->child_count; i++)
        seal_node(sealed->children[i]);
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
        node *next = child_named(at, path.data + start, length);
        if (!next) next = child_add(at, path.data + start, length);
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

extern "C" struct projector *projector_create(void) {
    return new (memory_alloc(sizeof(projector))) projector();
}

extern "C" void projector_destroy(struct projector *projector) {
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
    json_slot *slots;
    arena *memory;
    const char *failure;

    bool fail(const char *why) {
        failure = why;
        return false;
    }
    bool check(simdjson::error_code code) {
        return code == simdjson::SUCCESS || fail(simdjson::error_message(code));
    }

    bool member(const node *parent, ondemand::field &field, members &found, int depth);
    bool object(const node *at, ondemand::object &object, int depth);
    bool array(const node *at, ondemand::array &array, int depth);
    bool value(const node *at, ondemand::value &value, int depth);
    bool scalar(const node *at, ondemand::value &value);
    void put(const node *at, json_type type, slice text);
};

void walk::put(const node *at, json_type type, slice text) {
    if (at->slot < 0) return;
    json_slot &slot = slots[at->slot];
    if (slot.count++ == 0) {
        slot.first.type = type;
        slot.first.text = text;
        slot.last = &slot.first;
        return;
    }
    auto *more = static_cast<json_value *>(arena_alloc(memory, sizeof(json_value)));
    more->type = type;
    more->text = text;
    more->next = nullptr;
    slot.last->next = more;
    slot.last = more;
}

bool walk::member(const node *parent, ondemand::field &field, members &found, int depth) {
    const char *raw = field.key().raw();
    bool escaped;
    slice key = slice_from(raw, key_length(raw, &escaped));
    if (escaped && !json_unescape(key, memory, &key))
        return fail("a member's name has a wrong escape");
    node *child = child_named(parent, key.data, key.length);
    if (child == nullptr || !found.add(child->number)) return true;
    return value(child, field.value(), depth);
}

bool walk::object(const node *at, ondemand::object &object, int depth) {
    members found = {};
    bool nested = at->name_length > 0;
    for (auto step : object) {
        ondemand::field field;
        if (!check(std::move(step).get(field))) return false;
        if (!member(at, field, found, depth)) return false;
        /* The rest of a nested object is skipped without a look at its names; that of the root is
         * read, so that a record that is cut off is noticed. */
        if (nested && found.count == at->child_count) break;
    }
    return true;
}

bool walk::array(const node *at, ondemand::array &array, int depth) {
    for (const int *slot = at->below; *slot >= 0; slot++)
        slots[*slot].array = true;
    if (depth == max_array_depth) return true;
    for (auto step : array) {
        ondemand::value element;
        if (!check(std::move(step).get(element))) return false;
        if (!value(at, element, depth + 1)) return false;
    }
    return true;
}

bool walk::value(const node *at, ondemand::value &value, int depth) {
    char first = value.raw_json_token()[0];
    if (first == '{') {
        put(at, JSON_OBJECT, slice_from(nullptr, 0));
        if (at->child_count == 0) return true;
        ondemand::object inner;
        return check(value.get_object().get(inner)) && object(at, inner, depth);
    }
    if (first == '[') {
        ondemand::array inner;
        return check(value.get_array().get(inner)) && array(at, inner, depth);
    }
    return at->slot < 0 || scalar(at, value);
}

bool walk::scalar(const node *at, ondemand::value &value) {
    std::string_view raw = value.raw_json_token();
    json_type type;
    slice text;
    const char *why = json_scalar(slice_from(raw.data(), raw.size()), memory, &type, &text);
    if (why) return fail(why);
    put(at, type, text);
    return true;
}

} // namespace

extern "C" bool projection_run(const struct projection *projection, struct projector *projector,
                               struct slice record, struct arena *arena, struct json_slot *slots,
                               struct slice *reason) {
    memset(slots, 0, projection->slot_count * sizeof *slots);
    walk walker = {};
    walker.slots = slots;
    walker.memory = arena;
    ondemand::document document;
    ondemand::object root;
    auto view =
        simdjson::padded_string_view(record.data, record.length, record.length + JSON_PADDING);
    bool done = walker.check(projector->parser.iterate(view).get(document)) &&
                walker.check(document.get_object().get(root)) &&
                walker.object(projection->root, root, 0) &&
                (is_read_whole(document) || walker.fail("more bytes follow the object"));
    if (!done) *reason = slice_of(walker.failure);
    if (!done && slice_ends(*reason, SLICE("."))) reason->length--; /* as simdjson writes them */
    return done;
}
