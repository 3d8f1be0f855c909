/* Words and what they are worth: the data of a scorer, as a user's Lua declared it.
 *
 * A lexicon has sections; both engines read the ones they know. It is built by one thread
 * (lexicon_create, lexicon_set, lexicon_remove), then only read, by any thread; engines compile it
 * into tables of their own. Keys are kept as given: UTF-8, case and all. */
#ifndef SENTIMENT_LEXICON_H
#define SENTIMENT_LEXICON_H

#include "base/slice.h"
#include <stdbool.h>
#include <stddef.h>

enum lexicon_section {
    LEXICON_WORDS,         /* valence (vader), or polarity, subjectivity, intensity (textblob) */
    LEXICON_BOOSTERS,      /* vader: word or "kind of" = what it adds to the next word */
    LEXICON_NEGATORS,      /* words that turn the next ones round */
    LEXICON_IDIOMS,        /* vader: "the shit" = valence of the whole */
    LEXICON_EMOJI,         /* vader: one code point = the words it stands for */
    LEXICON_EMOTICONS,     /* textblob: ":)" = polarity */
    LEXICON_ABBREVIATIONS, /* textblob: "Mr." does not end a sentence */
    LEXICON_SECTIONS
};

/* The names of the sections as a declaration writes them: "words", "boosters", ... */
extern const char *const lexicon_section_names[LEXICON_SECTIONS];

struct lexicon_entry {
    struct slice key;
    double numbers[3]; /* value; subjectivity (default 0); intensity (default 1) */
    bool adverb;       /* textblob: modifies the next word */
    struct slice text; /* LEXICON_EMOJI: the description */
};

struct lexicon;

struct lexicon *lexicon_create(void);
/* Everything of `base` (may be NULL), to be changed: what `extends` does. */
struct lexicon *lexicon_copy(const struct lexicon *base);
void lexicon_destroy(struct lexicon *lexicon);

/* Adds or replaces the entry with this key; key and text are copied. The place of a new key is the
 * end. */
void lexicon_set(struct lexicon *lexicon, enum lexicon_section section,
                 const struct lexicon_entry *entry);
/* Removes the key from every section; false when no section had it. */
bool lexicon_remove(struct lexicon *lexicon, struct slice key);

/* NULL when the section does not have it. */
const struct lexicon_entry *lexicon_find(const struct lexicon *lexicon,
                                         enum lexicon_section section, struct slice key);
size_t lexicon_count(const struct lexicon *lexicon, enum lexicon_section section);
/* The entries of a section in the order they were set, 0 … lexicon_count - 1. */
const struct lexicon_entry *lexicon_at(const struct lexicon *lexicon, enum lexicon_section section,
                                       size_t index);

#endif
