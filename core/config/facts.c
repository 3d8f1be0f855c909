/* config/facts.h */
#include "config/facts.h"
#include "base/hash.h"
#include <stdlib.h>

const uint64_t *query_facts(const struct draft *draft, struct arena *arena) {
    uint64_t *hashes = arena_zeroed(arena, draft->query_count, sizeof *hashes);
    for (size_t i = 0; i < draft->query_count; i++)
        hashes[i] = hash_bytes(draft->queries[i].text) ^ draft->queries[i].track;
    return hashes;
}

static int by_hash(const void *a, const void *b) {
    uint64_t x = ((const struct word_fact *)a)->hash, y = ((const struct word_fact *)b)->hash;
    return (x > y) - (x < y);
}

static uint32_t value_of(const struct lexicon_entry *entry) {
    uint64_t hash = hash_bytes(entry->text) ^ entry->adverb;
    for (size_t i = 0; i < LENGTH(entry->numbers); i++) {
        uint64_t bits;
        memcpy(&bits, &entry->numbers[i], sizeof bits);
        hash = hash_fold(hash ^ bits, HASH_STEP);
    }
    return (uint32_t)(hash ^ hash >> 32);
}

struct lexicon_facts lexicon_facts(const struct lexicon *lexicon, struct arena *arena) {
    struct lexicon_facts facts = { NULL, 0, "" };
    size_t bytes = 0, words = 0;
    for (int section = 0; lexicon && section < LEXICON_SECTIONS; section++)
        for (size_t i = 0; i < lexicon_count(lexicon, section); i++, words++)
            bytes += lexicon_at(lexicon, section, i)->key.length + 1;
    if (words == 0) return facts;
    char *texts = arena_alloc(arena, bytes);
    facts.words = arena_alloc(arena, words * sizeof *facts.words);
    facts.texts = texts;
    bytes = 0;
    for (int section = 0; section < LEXICON_SECTIONS; section++)
        for (size_t i = 0; i < lexicon_count(lexicon, section); i++) {
            const struct lexicon_entry *entry = lexicon_at(lexicon, section, i);
            facts.words[facts.count++] =
                (struct word_fact){ hash_fold(hash_bytes(entry->key) ^ (unsigned)section,
                                              HASH_STEP),
                                    (uint32_t)bytes, value_of(entry) };
            memcpy(texts + bytes, entry->key.data, entry->key.length);
            texts[bytes + entry->key.length] = '\0';
            bytes += entry->key.length + 1;
        }
    qsort(facts.words, facts.count, sizeof *facts.words, by_hash);
    return facts;
}

static size_t count_fields(const struct field_spec *fields, size_t count) {
    size_t all = 0;
    for (size_t i = 0; i < count; i++)
        all += fields[i].type == FIELD_OBJECT
                   ? count_fields(fields[i].fields, fields[i].field_count)
                   : 1;
    return all;
}

static void add_fields(struct schema_facts *facts, const struct field_spec *fields, size_t count,
                       struct slice above, struct arena *arena) {
    for (size_t i = 0; i < count; i++) {
        const struct field_spec *field = &fields[i];
        struct slice name = arena_format(arena, "%.*s%s%.*s", SLICE_ARGS(above),
                                         above.length ? "." : "", SLICE_ARGS(field->name));
        if (field->type == FIELD_OBJECT) {
            add_fields(facts, field->fields, field->field_count, name, arena);
            continue;
        }
        uint64_t hash = hash_fold(hash_bytes(field->from) ^ (unsigned)field->type, HASH_STEP);
        hash = hash_fold(hash ^ hash_bytes(field->format), HASH_STEP) ^ hash_bytes(field->all);
        facts->fields[facts->count++] = (struct field_fact){ name, hash };
    }
}

struct schema_facts schema_facts(const struct schema_spec *spec, struct arena *arena) {
    size_t room = count_fields(spec->fields, spec->field_count);
    struct schema_facts facts = { arena_zeroed(arena, room, sizeof *facts.fields), 0, 0 };
    facts.rest = hash_fold(hash_bytes(spec->key), HASH_STEP) ^ hash_bytes(spec->text);
    add_fields(&facts, spec->fields, spec->field_count, SLICE(""), arena);
    return facts;
}

void listed_facts_add(struct listed_facts *facts, struct slice name, uint64_t hash,
                      struct arena *arena) {
    size_t same = 1;
    for (size_t i = 0; i < facts->count; i++)
        same += slice_starts(facts->items[i].name, name) &&
                (facts->items[i].name.length == name.length ||
                 facts->items[i].name.data[name.length] == ' ');
    name = same == 1 ? arena_copy(arena, name)
                     : arena_format(arena, "%.*s %zu", SLICE_ARGS(name), same);
    facts->items[facts->count++] = (struct listed_fact){ name, hash };
}

uint64_t dialect_fact(const struct dialect_spec *spec) {
    uint64_t hash = hash_bytes(spec->network) ^ (unsigned)spec->created;
    for (size_t i = 0; i < DECLARED_PATHS; i++)
        hash = hash_fold(hash ^ hash_bytes(spec->paths[i]), HASH_STEP);
    for (size_t i = 0; i < spec->has_count; i++)
        hash = hash_fold(hash ^ hash_bytes(spec->has[i]), HASH_STEP);
    return hash;
}
