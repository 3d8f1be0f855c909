/* sentiment/vader_engine.h: from the declared lexicon to the tables of the engine. */
#include "base/alloc.h"
#include "base/utf8.h"
#include "sentiment/lexicon.h"
#include "sentiment/unicode.h"
#include "sentiment/vader_engine.h"
#include <math.h>

/* Valences go from -4 to 4 in the published lexicon; far beyond, sums stop making sense. */
#define MAX_NUMBER 1000.0
#define MAX_DESCRIPTION_BYTES 256
/* Longer keys can match no token of a post. */
#define MAX_KEY_BYTES 1024

/* Words that the rules know by name. */
static const struct {
    const char *word;
    uint32_t flag;
} rule_words[] = {
    { "no", WORD_NO },       { "but", WORD_BUT },      { "least", WORD_LEAST },
    { "kind", WORD_KIND },   { "of", WORD_OF },        { "never", WORD_NEVER },
    { "so", WORD_SO_THIS },  { "this", WORD_SO_THIS }, { "without", WORD_WITHOUT },
    { "doubt", WORD_DOUBT }, { "at", WORD_AT_VERY },   { "very", WORD_AT_VERY },
    { "or", WORD_OR_NOR },   { "nor", WORD_OR_NOR },
};

static uint32_t word_add(struct vader *engine, struct slice word) {
    uint32_t capacity = engine->table.capacity;
    bool created;
    uint32_t place = word_table_add(&engine->table, word, &created);
    if (engine->table.capacity != capacity)
        engine->words =
            memory_resize(engine->words, engine->table.capacity * sizeof *engine->words);
    if (created && place) engine->words[place] = (struct vader_word){ 0 };
    return place;
}

static bool refuse(struct error *err, enum lexicon_section section,
                   const struct lexicon_entry *entry, const char *why) {
    size_t shown = MIN(entry->key.length, 64);
    return error_set(err, ERROR_CONFIG, "%s of the lexicon: \"%.*s\" %s",
                     lexicon_section_names[section], (int)shown, entry->key.data, why);
}

static bool number_check(enum lexicon_section section, const struct lexicon_entry *entry,
                         struct error *err) {
    double value = entry->numbers[0];
    if (isfinite(value) && fabs(value) <= MAX_NUMBER) return true;
    return refuse(err, section, entry, "needs a number between -1000 and 1000");
}

/* Cuts at white space; the number of words, which is more than PHRASE_MAX_WORDS for longer ones. */
static size_t phrase_cut(struct slice text, struct slice words[PHRASE_MAX_WORDS]) {
    size_t count = 0;
    bool inside = false;
    const char *at = text.data, *end = text.data + text.length;
    while (at < end && count <= PHRASE_MAX_WORDS) {
        const char *start = at;
        bool space = unicode_is_space(utf8_decode(&at, end));
        if (!space && !inside && count++ < PHRASE_MAX_WORDS)
            words[count - 1] = slice_from(start, 0);
        if (!space && count <= PHRASE_MAX_WORDS) words[count - 1].length += (size_t)(at - start);
        inside = !space;
    }
    return count;
}

static bool phrase_add(struct vader *engine, const struct slice *words, size_t count, double value,
                       bool booster) {
    struct vader_phrase phrase = { .value = value, .booster = booster, .count = (uint32_t)count };
    for (size_t i = 0; i < count; i++) {
        phrase.words[i] = word_add(engine, words[i]);
        if (phrase.words[i] == 0) return false;
    }
    struct vader_word *first = &engine->words[phrase.words[0]];
    phrase.next = first->phrases;
    first->phrases = ++engine->phrase_count;
    engine->phrases[engine->phrase_count] = phrase;
    return true;
}

static void word_set(struct vader *engine, uint32_t place, enum lexicon_section section,
                     const struct lexicon_entry *entry) {
    struct vader_word *word = &engine->words[place];
    if (section == LEXICON_WORDS) {
        word->flags |= WORD_RATED;
        word->valence = entry->numbers[0];
    } else if (section == LEXICON_BOOSTERS) {
        word->flags |= WORD_BOOSTER;
        word->boost = entry->numbers[0];
    } else {
        word->flags |= WORD_NEGATOR;
    }
}

/* A key in capitals stands for its lower case, unless that is a key of its own. */
static bool is_shadowed(const struct vader *engine, const struct lexicon *lexicon,
                        enum lexicon_section section, const struct lexicon_entry *entry,
                        uint32_t place) {
    struct slice lowered = engine->table.keys[place].bytes;
    return !slice_equal(lowered, entry->key) && lexicon_find(lexicon, section, lowered) != NULL;
}

/* One key of words, boosters, negators or idioms; false when the table is full. */
static bool entry_add(struct vader *engine, const struct lexicon *lexicon,
                      enum lexicon_section section, const struct lexicon_entry *entry) {
    struct slice words[PHRASE_MAX_WORDS] = { { 0 } };
    size_t count = phrase_cut(entry->key, words);
    bool phrases = section == LEXICON_IDIOMS || section == LEXICON_BOOSTERS;
    if (phrases && count >= 2 && count <= PHRASE_MAX_WORDS)
        return phrase_add(engine, words, count, entry->numbers[0], section == LEXICON_BOOSTERS);
    /* A token holds no blank, and the rules try no phrase of one word or of more than three. */
    if (count != 1 || section == LEXICON_IDIOMS) return true;
    uint32_t place = word_add(engine, words[0]);
    if (place == 0) return false;
    if (!is_shadowed(engine, lexicon, section, entry, place))
        word_set(engine, place, section, entry);
    return true;
}

static bool section_add(struct vader *engine, const struct lexicon *lexicon,
                        enum lexicon_section section, struct error *err) {
    for (size_t i = 0; i < lexicon_count(lexicon, section); i++) {
        const struct lexicon_entry *entry = lexicon_at(lexicon, section, i);
        if (section != LEXICON_NEGATORS && !number_check(section, entry, err)) return false;
        if (entry->key.length > MAX_KEY_BYTES)
            return refuse(err, section, entry, "is longer than 1024 bytes");
        if (!entry_add(engine, lexicon, section, entry))
            return refuse(err, section, entry, "is one word too many: there is room for 1048575");
    }
    return true;
}

/* Where the place of this code point's words stands. */
static uint32_t *emoji_slot(struct vader *engine, uint32_t code_point) {
    uint16_t *page = &engine->emoji_pages[code_point >> 8];
    if (*page == 0) {
        uint32_t count = ++engine->emoji_page_count;
        engine->emoji = memory_resize(engine->emoji, count * sizeof *engine->emoji);
        memset(engine->emoji[count - 1], 0, sizeof *engine->emoji);
        *page = (uint16_t)count;
    }
    return &engine->emoji[*page - 1][code_point & 0xFF];
}

/* Keys of several code points are left out: a text is replaced one code point at a time. */
static bool emoji_add(struct vader *engine, const struct lexicon_entry *entry, struct error *err) {
    const char *at = entry->key.data, *end = at + entry->key.length;
    if (at == end) return refuse(err, LEXICON_EMOJI, entry, "is empty");
    uint32_t code_point = utf8_decode(&at, end);
    if (at != end) return true;
    if (code_point < 0x80)
        return refuse(err, LEXICON_EMOJI, entry, "is no emoji; put it among the words");
    if (entry->text.length > MAX_DESCRIPTION_BYTES)
        return refuse(err, LEXICON_EMOJI, entry, "is described by more than 256 bytes");
    if (!utf8_valid(entry->text))
        return refuse(err, LEXICON_EMOJI, entry, "is described by bytes that are not UTF-8");
    uint32_t *slot = emoji_slot(engine, code_point);
    if (*slot == 0) *slot = ++engine->emoji_count;
    engine->emoji_words[*slot] = arena_copy(&engine->texts, entry->text);
    engine->emoji_growth = MAX(engine->emoji_growth, entry->text.length + 1);
    return true;
}

static bool emoji_compile(struct vader *engine, const struct lexicon *lexicon, struct error *err) {
    size_t count = lexicon_count(lexicon, LEXICON_EMOJI);
    engine->emoji_words = memory_alloc((count + 1) * sizeof *engine->emoji_words);
    engine->emoji_growth = UNICODE_LOWER_GROWTH;
    for (size_t i = 0; i < count; i++)
        if (!emoji_add(engine, lexicon_at(lexicon, LEXICON_EMOJI, i), err)) return false;
    return true;
}

void *vader_create(const struct lexicon *lexicon, struct error *err) {
    struct vader *engine = memory_zeroed(1, sizeof *engine);
    arena_init(&engine->texts);
    word_table_init(&engine->table);
    engine->words = memory_zeroed(engine->table.capacity, sizeof *engine->words);
    size_t phrases =
        lexicon_count(lexicon, LEXICON_IDIOMS) + lexicon_count(lexicon, LEXICON_BOOSTERS);
    engine->phrases = memory_zeroed(phrases + 1, sizeof *engine->phrases);
    for (size_t i = 0; i < LENGTH(rule_words); i++) {
        uint32_t place = word_add(engine, slice_of(rule_words[i].word));
        engine->words[place].flags |= rule_words[i].flag;
    }
    if (section_add(engine, lexicon, LEXICON_WORDS, err) &&
        section_add(engine, lexicon, LEXICON_BOOSTERS, err) &&
        section_add(engine, lexicon, LEXICON_NEGATORS, err) &&
        section_add(engine, lexicon, LEXICON_IDIOMS, err) && emoji_compile(engine, lexicon, err))
        return engine;
    vader_destroy(engine);
    return NULL;
}

void vader_destroy(void *engine) {
    struct vader *vader = engine;
    if (vader == NULL) return;
    word_table_free(&vader->table);
    arena_free(&vader->texts);
    memory_free(vader->words);
    memory_free(vader->phrases);
    memory_free(vader->emoji);
    memory_free(vader->emoji_words);
    memory_free(vader);
}
