/* x/rule_list.h */
#include "x/rule_list.h"
#include "base/hash.h"

static void index_rule(struct x_rule_list *list, size_t at, size_t slot_count) {
    uint64_t slot = hash_bytes(list->items[at].value);
    while (list->slots[slot & (slot_count - 1)])
        slot++;
    list->slots[slot & (slot_count - 1)] = (uint32_t)at + 1;
}

/* Room for so many is a power of 2, and there are twice as many slots. */
static size_t room_of(size_t count) {
    size_t room = 8;
    while (room < count)
        room *= 2;
    return room;
}

void x_rule_add(struct x_rule_list *list, const struct x_rule *rule, struct arena *arena) {
    size_t room = room_of(list->count + 1);
    if (list->count == 0 || room > room_of(list->count)) {
        struct x_rule *items = arena_alloc(arena, room * sizeof *items);
        if (list->count) memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->slots = arena_zeroed(arena, 2 * room, sizeof *list->slots);
        for (size_t i = 0; i < list->count; i++)
            index_rule(list, i, 2 * room);
    }
    list->items[list->count] = *rule;
    index_rule(list, list->count++, 2 * room);
}

const struct x_rule *x_rule_find(const struct x_rule_list *list, struct slice value) {
    if (list->count == 0) return NULL;
    size_t last = 2 * room_of(list->count) - 1;
    for (uint64_t slot = hash_bytes(value); list->slots[slot & last]; slot++) {
        const struct x_rule *rule = &list->items[list->slots[slot & last] - 1];
        if (slice_equal(rule->value, value)) return rule;
    }
    return NULL;
}
