/* flow/known_ids.h: a ring that remembers the order, and an open-addressing table over it. */
#include "flow/known_ids.h"
#include "base/alloc.h"

#define FIRST_SLOTS 1024

struct id_window {
    size_t capacity;
    uint64_t *ring; /* oldest at `first` */
    size_t ring_room, first, count;
    uint32_t *table; /* from 1: where in the ring; 0 = free */
    size_t slots;    /* a power of two, at least twice ring_room */
};

struct id_window *id_window_create(size_t capacity) {
    struct id_window *window = memory_zeroed(1, sizeof *window);
    window->capacity = capacity;
    window->slots = FIRST_SLOTS;
    window->ring_room = FIRST_SLOTS / 2;
    window->table = memory_zeroed(window->slots, sizeof *window->table);
    window->ring = memory_alloc(window->ring_room * sizeof *window->ring);
    return window;
}

void id_window_destroy(struct id_window *window) {
    memory_free(window->table);
    memory_free(window->ring);
    memory_free(window);
}

/* The hash in a slot that is not free. */
static uint64_t hash_in(const struct id_window *window, size_t slot) {
    return window->ring[window->table[slot] - 1];
}

/* The slot that holds `hash`, or the free one where it would go. */
static size_t slot_of(const struct id_window *window, uint64_t hash) {
    size_t slot = hash & (window->slots - 1);
    while (window->table[slot] && hash_in(window, slot) != hash)
        slot = (slot + 1) & (window->slots - 1);
    return slot;
}

bool id_window_has(const struct id_window *window, uint64_t hash) {
    return window->count > 0 && window->table[slot_of(window, hash)] != 0;
}

/* Linear probing without tombstones: what follows the gap moves up when its own place allows. */
static void table_remove(struct id_window *window, uint64_t hash) {
    size_t mask = window->slots - 1, gap = slot_of(window, hash);
    for (size_t at = (gap + 1) & mask; window->table[at]; at = (at + 1) & mask) {
        size_t home = hash_in(window, at) & mask;
        if (((at - home) & mask) < ((at - gap) & mask)) continue;
        window->table[gap] = window->table[at];
        gap = at;
    }
    window->table[gap] = 0;
}

static void put(struct id_window *window, size_t place, uint64_t hash) {
    size_t slot = slot_of(window, hash);
    window->ring[place] = hash;
    window->table[slot] = (uint32_t)place + 1;
}

/* Before the window is full the ring has never turned: its content starts at 0. */
static void grow(struct id_window *window) {
    window->ring_room = MIN(window->ring_room * 2, window->capacity);
    window->ring = memory_resize(window->ring, window->ring_room * sizeof *window->ring);
    memory_free(window->table);
    window->slots *= 2;
    window->table = memory_zeroed(window->slots, sizeof *window->table);
    for (size_t i = 0; i < window->count; i++)
        put(window, i, window->ring[i]);
}

void id_window_add(struct id_window *window, uint64_t hash) {
    if (window->count == window->ring_room && window->count < window->capacity) grow(window);
    if (window->count < window->capacity) {
        put(window, window->count++, hash);
        return;
    }
    table_remove(window, window->ring[window->first]);
    put(window, window->first, hash);
    window->first = (window->first + 1) % window->capacity;
}
