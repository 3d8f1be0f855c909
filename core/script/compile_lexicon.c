/* script/compile.h: a lexicon's sections, on top of what it extends. */
#include "base/alloc.h"
#include "script/compile.h"
#include "script/value.h"

#define MAX_EXTENDS 8 /* lexicons that extend each other */
#define MAX_WORD_BYTES 200

struct shelved_lexicon {
    const void *declaration; /* identity: the userdata */
    struct lexicon *lexicon;
    bool done; /* false while it is compiled, so that one cannot extend itself */
    struct shelved_lexicon *next;
};

struct reading {
    struct loader *loader;
    struct lexicon *lexicon;
    enum lexicon_section section;
    struct error *err;
};

void lexicon_shelf_free(struct lexicon_shelf *shelf) {
    for (struct shelved_lexicon *next, *entry = shelf->first; entry; entry = next) {
        next = entry->next;
        if (entry->lexicon) lexicon_destroy(entry->lexicon);
        memory_free(entry);
    }
    shelf->first = NULL;
}

static bool check_word(struct reading *reading, struct slice word, const struct place *place) {
    if (word.length > 0 && word.length <= MAX_WORD_BYTES) return true;
    return place_error(place, PLACE_KEY, &reading->loader->arena, reading->err,
                       "a word has 1 to %d bytes", MAX_WORD_BYTES);
}

/* { polarity, subjectivity, intensity, adverb = true } */
static bool read_rating(struct reading *reading, const struct place *place,
                        struct lexicon_entry *entry) {
    struct loader *loader = reading->loader;
    lua_State *lua = loader->lua;
    int table = lua_gettop(lua);
    struct table_keys keys;
    if (!value_keys(loader, table, place, "a number", &keys, reading->err) ||
        !value_known_keys(loader, &keys, word_keys, "a word", place, reading->err))
        return false;
    if (keys.item_count < 1 || keys.item_count > 3)
        return place_error(place, PLACE_VALUE, &loader->arena, reading->err,
                           "a word is { polarity, subjectivity, intensity }");
    for (int i = 0; i < keys.item_count; i++) {
        struct place at = { .up = place, .item = i + 1 };
        lua_rawgeti(lua, table, i + 1);
        if (!value_number(loader, -1, &at, &entry->numbers[i], reading->err)) return false;
        lua_pop(lua, 1);
    }
    if (!value_push_member(lua, table, SLICE("adverb"))) return true;
    struct place at = { .up = place, .key = SLICE("adverb") };
    if (!lua_isboolean(lua, -1))
        return value_refuse(loader, -1, &at, "true or false", reading->err);
    entry->adverb = lua_toboolean(lua, -1);
    lua_pop(lua, 1);
    return true;
}

/* What a key of the section stands for; the value is on top of the stack. */
static bool read_value(struct reading *reading, const struct place *place,
                       struct lexicon_entry *entry) {
    struct loader *loader = reading->loader;
    if (reading->section == LEXICON_EMOJI)
        return value_text(loader, -1, place, &entry->text, reading->err);
    if (reading->section == LEXICON_WORDS && lua_istable(loader->lua, -1))
        return read_rating(reading, place, entry);
    return value_number(loader, -1, place, &entry->numbers[0], reading->err);
}

static bool read_named(struct reading *reading, int table, const struct place *place,
                       struct slice word) {
    /* A place on the stack: a lexicon has thousands of words, and only a wrong one needs it. */
    struct place at = { .up = place, .key = word };
    struct lexicon_entry entry = { .key = word, .numbers = { 0, 0, 1 } };
    (void)value_push_member(reading->loader->lua, table, word);
    if (!check_word(reading, word, &at) || !read_value(reading, &at, &entry)) return false;
    lua_pop(reading->loader->lua, 1);
    lexicon_set(reading->lexicon, reading->section, &entry);
    return true;
}

/* { text, number } of the emoticons, on top of the stack. */
static bool read_pair(struct reading *reading, const struct place *place) {
    struct loader *loader = reading->loader;
    struct lexicon_entry entry = { .numbers = { 0, 0, 1 } };
    struct table_keys keys;
    int table = lua_gettop(loader->lua);
    if (!value_keys(loader, table, place, "a pair such as { \":)\", 0.5 }", &keys, reading->err))
        return false;
    if (keys.item_count != 2 || keys.name_count)
        return place_error(place, PLACE_VALUE, &loader->arena, reading->err,
                           "this takes a pair such as { \":)\", 0.5 }");
    struct place text = { .up = place, .item = 1 }, number = { .up = place, .item = 2 };
    lua_rawgeti(loader->lua, table, 1);
    lua_rawgeti(loader->lua, table, 2);
    if (!value_text(loader, -2, &text, &entry.key, reading->err) ||
        !check_word(reading, entry.key, &text) ||
        !value_number(loader, -1, &number, &entry.numbers[0], reading->err))
        return false;
    lua_pop(loader->lua, 2);
    lexicon_set(reading->lexicon, reading->section, &entry);
    return true;
}

/* A text of a list, on top of the stack: negators, abbreviations. */
static bool read_listed(struct reading *reading, const struct place *place) {
    struct lexicon_entry entry = { .numbers = { 1, 0, 1 } };
    if (!value_text(reading->loader, -1, place, &entry.key, reading->err) ||
        !check_word(reading, entry.key, place))
        return false;
    lexicon_set(reading->lexicon, reading->section, &entry);
    return true;
}

static bool read_removed(struct reading *reading, const struct place *place) {
    struct slice word = SLICE("");
    if (!value_text(reading->loader, -1, place, &word, reading->err)) return false;
    if (lexicon_remove(reading->lexicon, word)) return true;
    return place_error(place, PLACE_VALUE, &reading->loader->arena, reading->err,
                       "there is no \"%.*s\" to remove", SLICE_ARGS(slice_first(word, 60)));
}

static bool read_items(struct reading *reading, int table, const struct place *place,
                       long long count,
                       bool (*read)(struct reading *reading, const struct place *place)) {
    for (long long i = 1; i <= count; i++) {
        struct place at = { .up = place, .item = i };
        lua_rawgeti(reading->loader->lua, table, i);
        if (!read(reading, &at)) return false;
        lua_pop(reading->loader->lua, 1);
    }
    return true;
}

static bool read_list(struct reading *reading, int table, const struct place *place,
                      bool (*read)(struct reading *reading, const struct place *place)) {
    struct table_keys keys;
    return value_keys(reading->loader, table, place, "a list of words", &keys, reading->err) &&
           value_no_names(reading->loader, &keys, "a list of words", place, reading->err) &&
           read_items(reading, table, place, keys.item_count, read);
}

static bool read_table(struct reading *reading, int table, const struct place *place) {
    struct loader *loader = reading->loader;
    struct table_keys keys;
    bool pairs = reading->section == LEXICON_EMOTICONS;
    if (!value_keys(loader, table, place, "a table of words", &keys, reading->err)) return false;
    if (!pairs &&
        !value_no_items(loader, &keys, "this needs its word: word = value", place, reading->err))
        return false;
    if (!read_items(reading, table, place, keys.item_count, read_pair)) return false;
    for (size_t i = 0; i < keys.name_count; i++)
        if (!read_named(reading, table, place, keys.names[i])) return false;
    return true;
}

static bool read_section(struct reading *reading, int content, const struct place *place) {
    struct loader *loader = reading->loader;
    struct slice name = slice_of(lexicon_section_names[reading->section]);
    if (!value_push_member(loader->lua, content, name)) return true;
    int table = lua_gettop(loader->lua);
    const struct place *at = place_member(loader, place, name, table);
    bool list = reading->section == LEXICON_NEGATORS || reading->section == LEXICON_ABBREVIATIONS;
    bool done = list ? read_list(reading, table, at, read_listed) : read_table(reading, table, at);
    lua_pop(loader->lua, 1);
    return done;
}

static bool read_remove(struct reading *reading, int content, const struct place *place) {
    struct loader *loader = reading->loader;
    if (!value_push_member(loader->lua, content, SLICE("remove"))) return true;
    int table = lua_gettop(loader->lua);
    const struct place *at = place_member(loader, place, SLICE("remove"), table);
    bool done = read_list(reading, table, at, read_removed);
    lua_pop(loader->lua, 1);
    return done;
}

/* *base stays NULL when the lexicon extends none. */
static bool read_base(struct loader *loader, int content, const struct place *place,
                      struct lexicon_shelf *shelf, const struct lexicon **base, struct error *err) {
    if (!value_push_member(loader->lua, content, SLICE("extends"))) return true;
    const struct place *at = place_member(loader, place, SLICE("extends"), -1);
    struct slice name;
    /* A user's lexicons/vader.lua may extend the shipped one of its name. */
    if (!plugin_push(loader, &lexicon_plugins, -1, place->file, &at, &name, err)) return false;
    *base = compile_lexicon(loader, lua_gettop(loader->lua), at, shelf, err);
    lua_pop(loader->lua, 2);
    return *base != NULL;
}

static struct shelved_lexicon *find_shelved(struct lexicon_shelf *shelf, const void *declaration) {
    struct shelved_lexicon *entry = shelf->first;
    while (entry && entry->declaration != declaration)
        entry = entry->next;
    return entry;
}

static bool check_chain(struct loader *loader, const struct lexicon_shelf *shelf,
                        const struct place *place, struct error *err) {
    int open = 0;
    for (const struct shelved_lexicon *entry = shelf->first; entry; entry = entry->next)
        open += !entry->done;
    if (open < MAX_EXTENDS) return true;
    return place_error(place, PLACE_VALUE, &loader->arena, err,
                       "lexicons extend each other more than %d times", MAX_EXTENDS);
}

static bool fill_lexicon(struct loader *loader, int content, const struct place *place,
                         struct shelved_lexicon *entry, struct lexicon_shelf *shelf,
                         struct error *err) {
    struct table_keys keys;
    const struct lexicon *base = NULL;
    if (!value_keys(loader, content, place, "a table of sections", &keys, err) ||
        !value_known_keys(loader, &keys, lexicon_keys, "a lexicon", place, err) ||
        !value_no_items(loader, &keys, "a lexicon has sections: words = { ... }", place, err) ||
        !read_base(loader, content, place, shelf, &base, err))
        return false;
    entry->lexicon = lexicon_copy(base);
    struct reading reading = { loader, entry->lexicon, LEXICON_WORDS, err };
    if (!read_remove(&reading, content, place)) return false;
    for (int section = 0; section < LEXICON_SECTIONS; section++) {
        reading.section = (enum lexicon_section)section;
        if (!read_section(&reading, content, place)) return false;
    }
    return true;
}

const struct lexicon *compile_lexicon(struct loader *loader, int index, const struct place *place,
                                      struct lexicon_shelf *shelf, struct error *err) {
    const void *identity = lua_touserdata(loader->lua, index);
    struct shelved_lexicon *entry = find_shelved(shelf, identity);
    if (entry && entry->done) return entry->lexicon;
    if (entry || !check_chain(loader, shelf, place, err)) {
        if (entry)
            place_error(place, PLACE_VALUE, &loader->arena, err, "this lexicon extends itself");
        return NULL;
    }
    entry = memory_zeroed(1, sizeof *entry);
    *entry = (struct shelved_lexicon){ .declaration = identity, .next = shelf->first };
    shelf->first = entry;
    declaration_push_content(loader->lua, index);
    entry->done = fill_lexicon(loader, lua_gettop(loader->lua), place, entry, shelf, err);
    lua_pop(loader->lua, 1);
    return entry->done ? entry->lexicon : NULL;
}
