/* From a lower-cased word to a small number: the one look-up that an engine makes for each token.
 *
 * Most words of a text are not there: a filter of 16 bits a word, small enough for the first cache,
 * tells nearly all of these. Then open addressing over 4-byte slots (12 bits of the hash, 20 of the
 * place); keys of up to 16 bytes are compared as two integers.
 * Built by one thread, then only read. */
#ifndef SENTIMENT_WORD_TABLE_H
#define SENTIMENT_WORD_TABLE_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/slice.h"
#include <stdint.h>

/* Bytes that must be readable behind every key. */
#define WORD_PADDING 16
#define WORD_FILTER_BITS 16
#define WORD_TABLE_MAX ((uint32_t)1 << 20)

struct word_key {
    uint64_t first, second; /* bytes 0-7 and 8-15, zeros behind the end */
    struct slice bytes;
};

struct word_table {
    uint32_t *slots;
    uint64_t *filter; /* a bit by a word's hash; WORD_FILTER_BITS for each of the capacity */
    uint32_t slot_mask, filter_mask;
    uint32_t count; /* places 1 … count are taken; 0 stands for "no such word" */
    uint32_t capacity;
    struct word_key *keys; /* by place */
    struct arena texts;
};

/* The `length` bytes at `data`, already in lower case, WORD_PADDING readable bytes behind them. */
static inline struct word_key word_key_of(const char *data, size_t length) {
    struct word_key key = { .bytes = { data, length } };
    memcpy(&key.first, data, 8);
    memcpy(&key.second, data + 8, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    key.first = __builtin_bswap64(key.first);
    key.second = __builtin_bswap64(key.second);
#endif
    if (length < 8) {
        key.first &= (UINT64_C(1) << (length * 8)) - 1;
        key.second = 0;
    } else if (length < 16) {
        key.second &= (UINT64_C(1) << ((length - 8) * 8)) - 1;
    }
    return key;
}

static inline uint64_t word_key_hash(const struct word_key *key) {
    if (key->bytes.length > 16) return hash_bytes(key->bytes);
    return hash_fold(key->first ^ HASH_SEED, key->second ^ HASH_STEP);
}

static inline bool word_key_equal(const struct word_key *a, const struct word_key *b) {
    return a->first == b->first && a->second == b->second && a->bytes.length == b->bytes.length &&
           (a->bytes.length <= 16 || slice_equal(a->bytes, b->bytes));
}

/* The key of any text: lowered by Unicode's rules into the arena. */
struct word_key word_key_lower(struct slice text, struct arena *arena);
/* A padded copy of a whole text with its ASCII capitals lowered, for word_key_of to look into; what
 * lies beyond ASCII, told of by *high, stays as it is. */
const char *text_lower_ascii(struct slice text, struct arena *arena, bool *high);

void word_table_init(struct word_table *table);
void word_table_free(struct word_table *table);
/* The place of `word`, which is lowered first; a new one when it was not there, 0 when the table is
 * full. `created` may be NULL. */
uint32_t word_table_add(struct word_table *table, struct slice word, bool *created);

static inline uint64_t word_filter_bit(uint64_t hash) { return UINT64_C(1) << (hash >> 26 & 63); }

static inline uint64_t *word_filter_word(const struct word_table *table, uint64_t hash) {
    return &table->filter[hash >> 32 & table->filter_mask];
}

/* The place of the word, or 0. */
static inline uint32_t word_table_find(const struct word_table *table, const struct word_key *key) {
    uint64_t hash = word_key_hash(key);
    if (!(*word_filter_word(table, hash) & word_filter_bit(hash))) return 0;
    uint32_t tag = (uint32_t)(hash >> 52);
    for (uint32_t at = (uint32_t)hash & table->slot_mask;; at = (at + 1) & table->slot_mask) {
        uint32_t slot = table->slots[at];
        if (slot == 0) return 0;
        if (slot >> 20 == tag && word_key_equal(&table->keys[slot & 0xFFFFF], key))
            return slot & 0xFFFFF;
    }
}

#endif
