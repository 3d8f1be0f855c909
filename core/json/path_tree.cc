/* json/projection.h, the half that makes projections: paths become a tree of member names. */
#include "json/path_tree.h"
#include "json/projection.h"

extern "C" {
#include "base/alloc.h"
}

namespace {

constexpr size_t max_steps = 16;
constexpr size_t max_slots = 1024;
constexpr size_t max_children = 255;

void table_put(path_node *parent, path_node *child) {
    name_key key = name_key_of(child->name, child->name_length);
    size_t at = path_bucket(parent, key);
    while (parent->table[at].child)
        at = (at + 1) & (path_table_size(parent) - 1);
    parent->table[at] = { key, child };
}

void table_create(path_node *parent, unsigned shift) {
    parent->table_shift = shift;
    parent->table =
        static_cast<path_entry *>(memory_zeroed(path_table_size(parent), sizeof *parent->table));
}

void table_grow(path_node *parent) {
    path_entry *before = parent->table;
    size_t count = path_table_size(parent);
    table_create(parent, parent->table_shift - 1);
    for (size_t i = 0; i < count; i++)
        if (before[i].child) table_put(parent, before[i].child);
    memory_free(before);
}

/* Calls `each` for every child. */
template <typename function> void each_child(const path_node *parent, function each) {
    for (size_t i = 0; i < path_table_size(parent); i++)
        if (parent->table[i].child) each(parent->table[i].child);
}

path_node *node_create(const char *name, size_t length) {
    auto *made = static_cast<path_node *>(memory_zeroed(1, sizeof(path_node)));
    made->name = static_cast<char *>(memory_zeroed(1, length + 9));
    if (length) memcpy(made->name, name, length);
    table_create(made, 62);
    made->name_length = static_cast<uint8_t>(length);
    made->slot = -1;
    return made;
}

void node_destroy(path_node *gone) {
    each_child(gone, node_destroy);
    memory_free(gone->table);
    memory_free(gone->name);
    memory_free(gone->below);
    memory_free(gone);
}

path_node *child_add(path_node *parent, const char *name, size_t length) {
    if (parent->child_count == max_children) return nullptr;
    path_node *child = node_create(name, length);
    child->number = static_cast<uint8_t>(parent->child_count++);
    if (parent->child_count * 4 > path_table_size(parent)) table_grow(parent);
    table_put(parent, child);
    return child;
}

size_t collect_slots(path_node *from, int *into) {
    size_t count = 0;
    if (from->slot >= 0) into[count++] = from->slot;
    each_child(from, [&](path_node *child) { count += collect_slots(child, into + count); });
    return count;
}

void seal_node(struct projection *projection, path_node *sealed) {
    int slots[max_slots + 1];
    size_t count = collect_slots(sealed, slots);
    slots[count] = -1;
    sealed->below = static_cast<int *>(memory_resize(sealed->below, (count + 1) * sizeof(int)));
    memcpy(sealed->below, slots, (count + 1) * sizeof(int));
    if (sealed->child_count) sealed->order = projection->parent_count++;
    projection->node_count++;
    each_child(sealed, [&](path_node *child) { seal_node(projection, child); });
}

} // namespace

extern "C" struct projection *projection_create(void) {
    auto *made = static_cast<projection *>(memory_zeroed(1, sizeof(projection)));
    made->root = node_create("", 0);
    return made;
}

extern "C" void projection_destroy(struct projection *projection) {
    node_destroy(projection->root);
    memory_free(projection);
}

static int add_path(struct projection *projection, struct slice path, bool at_once) {
    path_node *at = projection->root;
    size_t start = 0;
    for (size_t steps = 1; steps <= max_steps; steps++) {
        size_t end = start;
        while (end < path.length && path.data[end] != '.')
            end++;
        size_t length = end - start;
        if (length == 0 || length > 255) return -1;
        char name[256 + 8] = {};
        memcpy(name, path.data + start, length);
        path_node *next = path_child(at, name, length);
        if (!next) next = child_add(at, name, length);
        if (!next) return -1;
        at = next;
        at->at_once |= at_once;
        if (end == path.length) {
            if (at->slot < 0 && projection->slot_count == max_slots) return -1;
            if (at->slot < 0) at->slot = static_cast<int>(projection->slot_count++);
            return at->slot;
        }
        start = end + 1;
    }
    return -1;
}

extern "C" int projection_add(struct projection *projection, struct slice path) {
    return add_path(projection, path, true);
}

extern "C" int projection_add_later(struct projection *projection, struct slice path) {
    return add_path(projection, path, false);
}

extern "C" void projection_seal(struct projection *projection) {
    projection->parent_count = projection->node_count = 0;
    seal_node(projection, projection->root);
}
