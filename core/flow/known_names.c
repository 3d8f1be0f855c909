/* flow/known_names.h: a ring of entries in chains by hash, over a ring of bytes. */
#include "flow/known_names.h"
#include "base/alloc.h"

struct entry {
    uint64_t name;
    uint64_t at; /* bytes that were written before its key */
    uint32_t length;
    uint32_t next; /* in its chain, older; from 1, 0 = none */
};

struct name_window {
    struct entry *entries; /* KNOWN_NAMES */
    uint32_t *chains;      /* as many; the newest entry of each, from 1 */
    char *bytes;           /* KNOWN_NAME_BYTES */
    uint64_t added, written;
};

struct name_window *name_window_create(void) {
    return memory_zeroed(1, sizeof(struct name_window));
}

void name_window_destroy(struct name_window *window) {
    memory_free(window->entries);
    memory_free(window->chains);
    memory_free(window->bytes);
    memory_free(window);
}

static uint32_t *chain_of(const struct name_window *window, uint64_t name) {
    return &window->chains[name & (KNOWN_NAMES - 1)];
}

static void unlink_entry(struct name_window *window, uint32_t number) {
    const struct entry *entry = &window->entries[number - 1];
    uint32_t *link = chain_of(window, entry->name);
    while (*link != number)
        link = &window->entries[*link - 1].next;
    *link = entry->next;
}

/* Keys lie in one piece: what is too short at the end of the ring stays unused. */
static uint64_t copy_key(struct name_window *window, struct slice key) {
    size_t left = KNOWN_NAME_BYTES - window->written % KNOWN_NAME_BYTES;
    if (left < key.length) window->written += left;
    uint64_t at = window->written;
    memcpy(window->bytes + at % KNOWN_NAME_BYTES, key.data, key.length);
    window->written += key.length;
    return at;
}

void name_window_add(struct name_window *window, uint64_t name, struct slice key) {
    uint32_t number = (uint32_t)(window->added % KNOWN_NAMES) + 1;
    if (window->entries == NULL) {
        window->entries = memory_alloc(KNOWN_NAMES * sizeof *window->entries);
        window->chains = memory_zeroed(KNOWN_NAMES, sizeof *window->chains);
        window->bytes = memory_alloc(KNOWN_NAME_BYTES);
    }
    if (window->added++ >= KNOWN_NAMES) unlink_entry(window, number);
    uint32_t *chain = chain_of(window, name);
    window->entries[number - 1] = (struct entry){
        .name = name, .at = copy_key(window, key), .length = (uint32_t)key.length, .next = *chain
    };
    *chain = number;
}

struct slice name_window_find(const struct name_window *window, uint64_t name) {
    uint32_t number = window->chains ? *chain_of(window, name) : 0;
    for (; number; number = window->entries[number - 1].next) {
        const struct entry *entry = &window->entries[number - 1];
        if (entry->name != name) continue;
        if (window->written - entry->at > KNOWN_NAME_BYTES) break; /* written over */
        return slice_from(window->bytes + entry->at % KNOWN_NAME_BYTES, entry->length);
    }
    return slice_from(NULL, 0);
}
