/* The wanted paths as a tree of member names. Private to this folder.
 *
 * Built by one thread and sealed, then only read. */
#ifndef JSON_PATH_TREE_H
#define JSON_PATH_TREE_H

#include "base/slice.h"
#include <stdint.h>

/* A member's name: up to 16 bytes are compared as two numbers. */
struct name_key {
    uint64_t start, end; /* the first and the last eight bytes, zeros behind a shorter name */
    size_t length;
};

struct path_node;

/* A place of a node's table. */
struct path_entry {
    name_key key;
    path_node *child; /* nullptr: free */
};

struct path_node {
    char *name;
    uint8_t name_length;
    uint8_t number; /* among its parent's children */
    bool at_once;   /* it or one below it is wanted by projector_run; else by projector_finish */
    int slot;       /* -1: only passed through */
    size_t child_count;
    path_entry *table; /* of the children, open addressing, at most a quarter full */
    unsigned table_shift;
    int *below;   /* slots of this node and all under it, -1 ends */
    size_t order; /* its number among the nodes that have children */
};

struct projection {
    path_node *root;
    size_t slot_count;
    size_t parent_count; /* nodes that have children; set when it is sealed, as is */
    size_t node_count;
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

inline size_t path_table_size(const path_node *parent) {
    return size_t(1) << (64 - parent->table_shift);
}

inline size_t path_bucket(const path_node *parent, const name_key &key) {
    return ((key.start ^ key.end ^ key.length) * UINT64_C(0x9E3779B97F4A7C15)) >>
           parent->table_shift;
}

/* The child of this name, or nullptr; `name` as for name_key_of. */
inline path_node *path_child(const path_node *parent, const char *name, size_t length) {
    name_key key = name_key_of(name, length);
    size_t last = path_table_size(parent) - 1;
    for (size_t at = path_bucket(parent, key);; at = (at + 1) & last) {
        const path_entry &place = parent->table[at];
        if (place.child == nullptr) return nullptr;
        if (place.key.start == key.start && place.key.end == key.end &&
            place.key.length == length &&
            (length <= 16 || memcmp(place.child->name, name, length) == 0))
            return place.child;
    }
}

#endif
