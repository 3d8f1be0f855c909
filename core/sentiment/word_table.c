/* sentiment/word_table.h: keys in lower case, and building. */
#include "sentiment/word_table.h"
#include "base/alloc.h"
#include "sentiment/unicode.h"

struct word_key word_key_lower(struct slice text, struct arena *arena) {
    char *lowered = arena_alloc(arena, text.length * UNICODE_LOWER_GROWTH + WORD_PADDING);
    size_t length = unicode_lower(text, lowered);
    memset(lowered + length, 0, WORD_PADDING);
    arena_shrink(arena, lowered, length + WORD_PADDING);
    return word_key_of(lowered, length);
}

const char *text_lower_ascii(struct slice text, struct arena *arena, bool *high) {
    char *lowered = arena_alloc(arena, text.length + 8 + WORD_PADDING);
    uint64_t word, seen = 0;
    size_t at = 0;
    for (; at + 8 <= text.length; at += 8) {
        memcpy(&word, text.data + at, 8);
        seen |= word;
        word = ascii_lower_word(word);
        memcpy(lowered + at, &word, 8);
    }
    word = 0;
    if (at < text.length) memcpy(&word, text.data + at, text.length - at);
    seen |= word;
    word = ascii_lower_word(word);
    memset(lowered + at, 0, 8 + WORD_PADDING);
    memcpy(lowered + at, &word, 8);
    *high = (seen & UINT64_C(0x8080808080808080)) != 0;
    return lowered;
}

static void slot_take(struct word_table *table, uint32_t place) {
    uint64_t hash = word_key_hash(&table->keys[place]);
    uint32_t at = (uint32_t)hash & table->slot_mask;
    while (table->slots[at])
        at = (at + 1) & table->slot_mask;
    table->slots[at] = (uint32_t)(hash >> 52) << 20 | place;
    *word_filter_word(table, hash) |= word_filter_bit(hash);
}

/* At most a half of the slots is in use. */
static void table_grow(struct word_table *table, uint32_t capacity) {
    table->capacity = capacity;
    table->keys = memory_resize(table->keys, capacity * sizeof *table->keys);
    memory_free(table->slots);
    table->slots = memory_zeroed((size_t)capacity * 2, sizeof *table->slots);
    table->slot_mask = capacity * 2 - 1;
    memory_free(table->filter);
    table->filter = memory_zeroed(capacity * WORD_FILTER_BITS / 64, sizeof *table->filter);
    table->filter_mask = capacity * WORD_FILTER_BITS / 64 - 1;
    for (uint32_t place = 1; place <= table->count; place++)
        slot_take(table, place);
}

void word_table_init(struct word_table *table) {
    *table = (struct word_table){ 0 };
    arena_init(&table->texts);
    table_grow(table, 64);
}

void word_table_free(struct word_table *table) {
    memory_free(table->slots);
    memory_free(table->filter);
    memory_free(table->keys);
    arena_free(&table->texts);
}

uint32_t word_table_add(struct word_table *table, struct slice word, bool *created) {
    struct word_key key = word_key_lower(word, &table->texts);
    uint32_t place = word_table_find(table, &key);
    if (created) *created = place == 0;
    if (place) return place;
    if (table->count + 1 >= WORD_TABLE_MAX) return 0;
    if (table->count + 2 > table->capacity) table_grow(table, table->capacity * 2);
    table->keys[++table->count] = key;
    slot_take(table, table->count);
    return table->count;
}
