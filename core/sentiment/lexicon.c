/* sentiment/lexicon.h: for each section a list in order and an open-addressed index over its keys.
 */
#include "sentiment/lexicon.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "base/hash.h"
#include <stdint.h>

struct section {
    struct lexicon_entry *entries;
    size_t count, capacity;
    uint32_t *slots; /* place of the entry + 1; 0 = free */
    size_t slot_count;
};

struct lexicon {
    struct section sections[LEXICON_SECTIONS];
    struct arena texts; /* keys and descriptions, replaced ones too, until the end */
};

const char *const lexicon_section_names[LEXICON_SECTIONS] = {
    [LEXICON_WORDS] = "words",
    [LEXICON_BOOSTERS] = "boosters",
    [LEXICON_NEGATORS] = "negators",
    [LEXICON_IDIOMS] = "idioms",
    [LEXICON_EMOJI] = "emoji",
    [LEXICON_EMOTICONS] = "emoticons",
    [LEXICON_ABBREVIATIONS] = "abbreviations",
};

/* The slot that holds `key`, or the free one where it belongs. */
static size_t section_slot(const struct section *section, struct slice key) {
    size_t at = (size_t)hash_bytes(key) & (section->slot_count - 1);
    while (section->slots[at] && !slice_equal(section->entries[section->slots[at] - 1].key, key))
        at = (at + 1) & (section->slot_count - 1);
    return at;
}

static void section_index(struct section *section, size_t slot_count) {
    memory_free(section->slots);
    section->slots = memory_zeroed(slot_count, sizeof *section->slots);
    section->slot_count = slot_count;
    for (size_t i = 0; i < section->count; i++)
        section->slots[section_slot(section, section->entries[i].key)] = (uint32_t)i + 1;
}

static struct lexicon_entry *section_find(const struct section *section, struct slice key) {
    if (section->count == 0) return NULL;
    uint32_t place = section->slots[section_slot(section, key)];
    return place ? &section->entries[place - 1] : NULL;
}

/* A new, empty entry at the end. */
static struct lexicon_entry *section_add(struct section *section, struct slice key) {
    if (section->count == section->capacity) {
        section->capacity = section->capacity ? section->capacity * 2 : 16;
        section->entries =
            memory_resize(section->entries, section->capacity * sizeof *section->entries);
    }
    struct lexicon_entry *entry = &section->entries[section->count++];
    *entry = (struct lexicon_entry){ .key = key };
    if (section->slot_count < section->count * 2)
        section_index(section, section->capacity * 4);
    else
        section->slots[section_slot(section, key)] = (uint32_t)section->count;
    return entry;
}

struct lexicon *lexicon_create(void) {
    struct lexicon *lexicon = memory_zeroed(1, sizeof *lexicon);
    arena_init(&lexicon->texts);
    return lexicon;
}

struct lexicon *lexicon_copy(const struct lexicon *base) {
    struct lexicon *lexicon = lexicon_create();
    if (base == NULL) return lexicon;
    for (int section = 0; section < LEXICON_SECTIONS; section++)
        for (size_t i = 0; i < base->sections[section].count; i++)
            lexicon_set(lexicon, (enum lexicon_section)section,
                        &base->sections[section].entries[i]);
    return lexicon;
}

void lexicon_destroy(struct lexicon *lexicon) {
    if (lexicon == NULL) return;
    for (int section = 0; section < LEXICON_SECTIONS; section++) {
        memory_free(lexicon->sections[section].entries);
        memory_free(lexicon->sections[section].slots);
    }
    arena_free(&lexicon->texts);
    memory_free(lexicon);
}

void lexicon_set(struct lexicon *lexicon, enum lexicon_section section,
                 const struct lexicon_entry *entry) {
    struct section *home = &lexicon->sections[section];
    struct lexicon_entry *place = section_find(home, entry->key);
    if (place == NULL) place = section_add(home, arena_copy(&lexicon->texts, entry->key));
    struct slice key = place->key;
    *place = *entry;
    place->key = key;
    place->text = arena_copy(&lexicon->texts, entry->text);
}

bool lexicon_remove(struct lexicon *lexicon, struct slice key) {
    bool found = false;
    for (int i = 0; i < LEXICON_SECTIONS; i++) {
        struct section *section = &lexicon->sections[i];
        struct lexicon_entry *entry = section_find(section, key);
        if (entry == NULL) continue;
        size_t after = (size_t)(section->entries + section->count - (entry + 1));
        memmove(entry, entry + 1, after * sizeof *entry);
        section->count--;
        section_index(section, section->slot_count);
        found = true;
    }
    return found;
}

const struct lexicon_entry *lexicon_find(const struct lexicon *lexicon,
                                         enum lexicon_section section, struct slice key) {
    return section_find(&lexicon->sections[section], key);
}

size_t lexicon_count(const struct lexicon *lexicon, enum lexicon_section section) {
    return lexicon->sections[section].count;
}

const struct lexicon_entry *lexicon_at(const struct lexicon *lexicon, enum lexicon_section section,
                                       size_t index) {
    return &lexicon->sections[section].entries[index];
}
