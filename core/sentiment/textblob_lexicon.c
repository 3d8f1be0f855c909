/* sentiment/textblob_engine.h: from the declared lexicon to the tables of the engine. */
#include "base/alloc.h"
#include "base/utf8.h"
#include "sentiment/lexicon.h"
#include "sentiment/textblob_engine.h"
#include "sentiment/unicode.h"
#include <math.h>
#include <stdlib.h>

#define MIN_INTENSITY 0.01
#define MAX_INTENSITY 100.0
#define MAX_KEY_BYTES 1024
#define MAX_EMOTICON_BYTES 64

static uint32_t term_add(struct textblob *engine, struct slice word) {
    uint32_t capacity = engine->table.capacity;
    bool created;
    uint32_t place = word_table_add(&engine->table, word, &created);
    if (engine->table.capacity != capacity)
        engine->terms =
            memory_resize(engine->terms, engine->table.capacity * sizeof *engine->terms);
    if (created && place) engine->terms[place] = (struct textblob_term){ .intensity = 1 };
    return place;
}

static bool refuse(struct error *err, enum lexicon_section section,
                   const struct lexicon_entry *entry, const char *why) {
    size_t shown = MIN(entry->key.length, 64);
    return error_set(err, ERROR_CONFIG, "%s of the lexicon: \"%.*s\" %s",
                     lexicon_section_names[section], (int)shown, entry->key.data, why);
}

static bool between(double value, double low, double high) {
    return isfinite(value) && value >= low && value <= high;
}

static bool entry_check(enum lexicon_section section, const struct lexicon_entry *entry,
                        struct error *err) {
    const double *numbers = entry->numbers;
    if (entry->key.length > MAX_KEY_BYTES)
        return refuse(err, section, entry, "is longer than 1024 bytes");
    if (section != LEXICON_WORDS && section != LEXICON_EMOTICONS) return true;
    if (!between(numbers[0], -1, 1))
        return refuse(err, section, entry, "needs a polarity between -1 and 1");
    if (section == LEXICON_EMOTICONS)
        return entry->key.length <= MAX_EMOTICON_BYTES ||
               refuse(err, section, entry, "is longer than 64 bytes");
    if (!between(numbers[1], 0, 1))
        return refuse(err, section, entry, "needs a subjectivity between 0 and 1");
    if (!between(numbers[2], MIN_INTENSITY, MAX_INTENSITY))
        return refuse(err, section, entry, "needs an intensity between 0.01 and 100");
    return true;
}

static bool is_letters(struct slice text) {
    const char *at = text.data, *end = text.data + text.length;
    bool letters = text.length > 0;
    while (at < end && letters)
        letters = unicode_is_letter(utf8_decode(&at, end));
    return letters;
}

/* The reference looks for no emoticon in plain letters ("xd") nor in what is a piece of its list of
 * punctuation marks. */
static bool is_emoticon(struct slice text) {
    static const char marks[] = ".,;:!?()[]{}`''\"@#$^&*+-|=~_";
    return !is_letters(text) && memmem(marks, sizeof marks - 1, text.data, text.length) == NULL;
}

static void term_set(struct textblob *engine, uint32_t place, enum lexicon_section section,
                     const struct lexicon_entry *entry) {
    struct textblob_term *term = &engine->terms[place];
    if (section == LEXICON_WORDS) {
        term->flags |= TERM_RATED | (entry->adverb ? TERM_ADVERB : 0);
        term->polarity = entry->numbers[0];
        term->subjectivity = entry->numbers[1];
        term->intensity = entry->numbers[2];
    } else if (section == LEXICON_NEGATORS) {
        term->flags |= TERM_NEGATOR;
    } else if (is_emoticon(engine->table.keys[place].bytes)) {
        term->flags |= TERM_EMOTICON;
        term->emoticon = entry->numbers[0];
    }
}

/* A key in capitals stands for its lower case, unless that is a key of its own. */
static bool is_shadowed(const struct textblob *engine, const struct lexicon *lexicon,
                        enum lexicon_section section, const struct lexicon_entry *entry,
                        uint32_t place) {
    struct slice lowered = engine->table.keys[place].bytes;
    return !slice_equal(lowered, entry->key) && lexicon_find(lexicon, section, lowered) != NULL;
}

static bool section_add(struct textblob *engine, const struct lexicon *lexicon,
                        enum lexicon_section section, struct error *err) {
    for (size_t i = 0; i < lexicon_count(lexicon, section); i++) {
        const struct lexicon_entry *entry = lexicon_at(lexicon, section, i);
        if (!entry_check(section, entry, err)) return false;
        uint32_t place = term_add(engine, entry->key);
        if (place == 0)
            return refuse(err, section, entry, "is one word too many: there is room for 1048575");
        if (!is_shadowed(engine, lexicon, section, entry, place))
            term_set(engine, place, section, entry);
    }
    return true;
}

static void emoticon_add(struct textblob *engine, struct slice key) {
    struct slice text = arena_copy(&engine->texts, key);
    uint32_t *link = &engine->emoticons_by_byte[(unsigned char)text.data[0]];
    while (*link && engine->emoticons[*link].text.length >= text.length)
        link = &engine->emoticons[*link].next;
    engine->emoticons[++engine->emoticon_count] = (struct textblob_emoticon){ text, *link };
    *link = engine->emoticon_count;
    engine->emoticon_bytes = MAX(engine->emoticon_bytes, text.length);
    for (size_t i = 1; i < text.length; i++) {
        unsigned char before = (unsigned char)text.data[i - 1], after = (unsigned char)text.data[i];
        engine->neighbours[before][after / 8] |= (uint8_t)(1 << after % 8);
    }
}

static void emoticons_compile(struct textblob *engine, const struct lexicon *lexicon) {
    size_t count = lexicon_count(lexicon, LEXICON_EMOTICONS);
    engine->emoticons = memory_zeroed(count + 1, sizeof *engine->emoticons);
    for (size_t i = 0; i < count; i++) {
        struct slice key = lexicon_at(lexicon, LEXICON_EMOTICONS, i)->key;
        if (key.length) emoticon_add(engine, key);
    }
}

static int slice_order(const void *a, const void *b) {
    const struct slice *left = a, *right = b;
    int order = memcmp(left->data, right->data, MIN(left->length, right->length));
    if (order != 0) return order;
    return (left->length > right->length) - (left->length < right->length);
}

static void abbreviations_compile(struct textblob *engine, const struct lexicon *lexicon) {
    size_t count = lexicon_count(lexicon, LEXICON_ABBREVIATIONS);
    engine->abbreviations = memory_zeroed(count + 1, sizeof *engine->abbreviations);
    engine->abbreviation_count = count;
    for (size_t i = 0; i < count; i++)
        engine->abbreviations[i] =
            arena_copy(&engine->texts, lexicon_at(lexicon, LEXICON_ABBREVIATIONS, i)->key);
    qsort(engine->abbreviations, count, sizeof *engine->abbreviations, slice_order);
}

static bool ascii_letter(char byte) { return (byte_kind(byte) & (BYTE_UPPER | BYTE_LOWER)) != 0; }

/* Both look from the end, where most words fail: asked again for each full stop of a long word,
 * they must not walk through all of it. "U.S.", "a." */
static bool is_initials(struct slice word) {
    for (size_t i = word.length; i >= 2; i -= 2)
        if (word.data[i - 1] != '.' || !ascii_letter(word.data[i - 2])) return false;
    return word.length % 2 == 0;
}

/* "Mr.", "St.": a capital and consonants (the reference counts the bar among them). */
static bool is_consonants(struct slice word) {
    if (word.length < 3 || !(byte_kind(word.data[0]) & BYTE_UPPER)) return false;
    for (size_t i = word.length - 2; i > 0; i--)
        if (word.data[i] == '\0' || strchr("bcdfghjklmnpqrstvwxz|", word.data[i]) == NULL)
            return false;
    return true;
}

bool textblob_keeps_stop(const struct textblob *engine, struct slice word) {
    return is_initials(word) || is_consonants(word) ||
           bsearch(&word, engine->abbreviations, engine->abbreviation_count, sizeof word,
                   slice_order) != NULL;
}

void *textblob_create(const struct lexicon *lexicon, struct error *err) {
    struct textblob *engine = memory_zeroed(1, sizeof *engine);
    arena_init(&engine->texts);
    word_table_init(&engine->table);
    engine->terms = memory_zeroed(engine->table.capacity, sizeof *engine->terms);
    engine->terms[term_add(engine, SLICE("!"))].flags = TERM_EXCLAMATION;
    engine->terms[term_add(engine, SLICE("(!)"))].flags = TERM_IRONY;
    emoticons_compile(engine, lexicon);
    abbreviations_compile(engine, lexicon);
    if (section_add(engine, lexicon, LEXICON_WORDS, err) &&
        section_add(engine, lexicon, LEXICON_NEGATORS, err) &&
        section_add(engine, lexicon, LEXICON_EMOTICONS, err))
        return engine;
    textblob_destroy(engine);
    return NULL;
}

void textblob_destroy(void *engine) {
    struct textblob *textblob = engine;
    if (textblob == NULL) return;
    word_table_free(&textblob->table);
    arena_free(&textblob->texts);
    memory_free(textblob->terms);
    memory_free(textblob->emoticons);
    memory_free(textblob->abbreviations);
    memory_free(textblob);
}
