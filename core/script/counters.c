/* script/counters.h: slots are taken one after the other and never given back. */
#include "script/counters.h"
#include <stdatomic.h>
#include <stdlib.h>

enum { SLOT_FREE, SLOT_TAKEN, SLOT_NAMED };

static struct slot {
    _Atomic int state;
    uint32_t length;
    char name[COUNTER_NAME_BYTES + 1];
    _Atomic uint64_t value;
} slots[MAX_COUNTERS];

/* Whether the slot has this name, which it takes when it is free. */
static bool claim(struct slot *slot, struct slice name) {
    int state = SLOT_FREE;
    if (atomic_load_explicit(&slot->state, memory_order_acquire) == SLOT_FREE &&
        atomic_compare_exchange_strong(&slot->state, &state, SLOT_TAKEN)) {
        memcpy(slot->name, name.data, name.length);
        slot->length = (uint32_t)name.length;
        atomic_store_explicit(&slot->state, SLOT_NAMED, memory_order_release);
    }
    while (atomic_load_explicit(&slot->state, memory_order_acquire) != SLOT_NAMED)
        continue; /* another thread copies its name just now */
    return slice_equal(name, slice_from(slot->name, slot->length));
}

bool counter_add(struct slice name, uint64_t amount) {
    if (name.length == 0 || name.length > COUNTER_NAME_BYTES) return false;
    for (size_t i = 0; i < MAX_COUNTERS; i++) {
        if (!claim(&slots[i], name)) continue;
        atomic_fetch_add_explicit(&slots[i].value, amount, memory_order_relaxed);
        return true;
    }
    return false;
}

static int compare_names(const void *a, const void *b) {
    const struct script_counter *left = a, *right = b;
    return strcmp(left->name, right->name);
}

size_t script_counters(struct script_counter counters[MAX_COUNTERS]) {
    size_t count = 0;
    for (; count < MAX_COUNTERS; count++) {
        if (atomic_load_explicit(&slots[count].state, memory_order_acquire) != SLOT_NAMED) break;
        counters[count] = (struct script_counter){
            slots[count].name, atomic_load_explicit(&slots[count].value, memory_order_relaxed)
        };
    }
    if (count) qsort(counters, count, sizeof *counters, compare_names);
    return count;
}
