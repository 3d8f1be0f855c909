/* The set's terms in one open-addressed table, and how their texts are spelt. */
#include "base/alloc.h"
#include "post/query_internal.h"
#include "text/fold.h"
#include "text/token_class.h"

void *query_room(void *items, size_t count, size_t *capacity, size_t item_bytes) {
    if (count < *capacity) return items;
    *capacity = *capacity ? *capacity * 2 : 16;
    return memory_resize(items, *capacity * item_bytes);
}

static void slot_put(struct query_set *set, uint64_t hash, uint32_t term) {
    set->filter[(hash >> 32) & (set->slot_count / 8 - 1)] |= UINT64_C(1) << (hash >> 26 & 63);
    size_t at = hash & (set->slot_count - 1);
    while (set->slots[at].term)
        at = (at + 1) & (set->slot_count - 1);
    set->slots[at] = (struct query_slot){ .tag = (uint32_t)(hash >> 32), .term = term + 1 };
}

static void slots_grow(struct query_set *set) {
    memory_free(set->slots);
    set->slot_count = set->slot_count ? set->slot_count * 2 : 64;
    set->slots = memory_zeroed(set->slot_count, sizeof *set->slots);
    memory_free(set->filter);
    set->filter = memory_zeroed(set->slot_count / 8, sizeof *set->filter);
    for (size_t i = 0; i < set->term_count; i++)
        slot_put(set, set->terms[i].hash, (uint32_t)i);
}

uint32_t query_term_find(const struct query_set *set, uint64_t hash, uint32_t kind,
                         struct slice folded) {
    if (set->slot_count == 0 || !query_term_likely(set, hash)) return QUERY_NO_TERM;
    uint32_t tag = (uint32_t)(hash >> 32);
    for (size_t at = hash & (set->slot_count - 1);; at = (at + 1) & (set->slot_count - 1)) {
        struct query_slot slot = set->slots[at];
        if (slot.term == 0) return QUERY_NO_TERM;
        if (slot.tag != tag) continue;
        const struct query_term *term = &set->terms[slot.term - 1];
        if (term->kind == kind && slice_equal(term->text, folded)) return slot.term - 1;
    }
}

static void prefix_register(struct query_set *set, struct slice prefix) {
    if (set->prefix_filter == NULL) set->prefix_filter = memory_zeroed(PREFIX_FILTER_BITS / 8, 1);
    uint16_t pair;
    memcpy(&pair, prefix.data, sizeof pair);
    set->prefix_filter[pair / 8] |= (uint8_t)(1 << pair % 8);
    set->prefix_bytes |= UINT64_C(1) << (prefix.length - 1);
}

uint32_t query_term_add(struct query_set *set, enum term_kind kind, struct slice folded) {
    uint64_t hash = hash_of_kind(hash_bytes(folded), kind);
    uint32_t found = query_term_find(set, hash, kind, folded);
    if (found != QUERY_NO_TERM) return found;
    if ((set->term_count + 1) * 2 > set->slot_count) slots_grow(set);
    set->terms = query_room(set->terms, set->term_count, &set->term_capacity, sizeof *set->terms);
    uint32_t term = (uint32_t)set->term_count++;
    set->terms[term] =
        (struct query_term){ .hash = hash, .text = arena_copy(&set->arena, folded), .kind = kind };
    slot_put(set, hash, term);
    set->kinds |= KIND_BIT(kind);
    if (kind == TERM_PREFIX) prefix_register(set, folded);
    return term;
}

struct slice query_lang_key(struct slice lang, struct arena *arena) {
    static const char *const renamed[][2] = { { "iw", "he" }, { "in", "id" }, { "ji", "yi" } };
    struct slice folded = fold_text(lang, arena);
    char *key = arena_alloc(arena, folded.length);
    for (size_t i = 0; i < folded.length; i++)
        key[i] = folded.data[i] == '_' ? '-' : folded.data[i];
    if (folded.length == 2 || (folded.length > 2 && key[2] == '-'))
        for (size_t i = 0; i < LENGTH(renamed); i++)
            if (memcmp(key, renamed[i][0], 2) == 0) {
                memcpy(key, renamed[i][1], 2);
                break;
            }
    return slice_from(key, folded.length);
}

/* ASCII only: in other scripts nothing is taken off. */
static bool is_edge(char byte, const char *kept) {
    return token_class[(unsigned char)byte] > CLASS_DIGIT &&
           token_class[(unsigned char)byte] != CLASS_HIGH && !strchr(kept, byte);
}

struct slice query_chunk_key(struct slice chunk, struct arena *arena) {
    struct slice key = fold_text(chunk, arena);
    while (key.length && is_edge(key.data[0], "#@$"))
        key = slice_skip(key, 1);
    if (slice_starts(key, SLICE("http://"))) key = slice_skip(key, 7);
    if (slice_starts(key, SLICE("https://"))) key = slice_skip(key, 8);
    while (key.length && is_edge(key.data[key.length - 1], ""))
        key.length--;
    return key;
}
