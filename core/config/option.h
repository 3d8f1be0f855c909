/* One table says everything about a setting: its name, type, default, bounds and help.
 *
 * From the same table come parsing (Lua value or command-line text), defaults, checks, `linnet
 * help` and the editor types. Tables are static; values land in a struct of the part, at `offset`.
 */
#ifndef CONFIG_OPTION_H
#define CONFIG_OPTION_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include <stdint.h>

enum option_type {
    OPTION_TEXT,     /* const char * */
    OPTION_PATH,     /* const char *; relative to the file it was read from, made whole; a URL
                        ("s3://...") stays */
    OPTION_CHOICE,   /* const char *, one of `choices` */
    OPTION_INTEGER,  /* int64_t */
    OPTION_NUMBER,   /* double */
    OPTION_BYTES,    /* int64_t; "10MB" is decimal, "10MiB" binary, a bare number is bytes */
    OPTION_DURATION, /* int64_t milliseconds; "500ms", "900s", "15m", "2h", "30d"; a bare number is
                        seconds */
    OPTION_BOOLEAN,  /* bool */
    OPTION_LIST,   /* const char *: texts without commas, joined by them; in Lua a list of texts */
    OPTION_SECRET, /* struct secret *; config/secret.h */
};

struct option {
    const char *name;
    enum option_type type;
    bool certificates;      /* a path: there is a file that holds some */
    size_t offset;          /* of the value in the part's settings */
    const char *standard;   /* the default as a user would write it; NULL: must be given; "": none,
                               which is NULL */
    double lowest, highest; /* bounds of numbers, bytes, milliseconds; both 0: none */
    const char *choices;    /* "pause|drop_oldest" */
    const char *help;       /* one line, no full stop */
};

struct option_table {
    const struct option *options;
    size_t count;
    size_t settings_bytes;
};

/* Fills `settings` (settings_bytes, zeroed) with the defaults. Texts live in `arena`. */
void option_defaults(const struct option_table *table, void *settings, struct arena *arena);
/* Sets one option from text, by its type. `folder` makes paths whole ("" keeps them). The error is
 * of kind ERROR_CONFIG, names the option and says what it takes; err->suggestion may help. */
bool option_set_text(const struct option *option, void *settings, struct slice text,
                     const char *folder, struct arena *arena, struct error *err) MUST_CHECK;
/* NULL when there is none; then *err names the nearest. `of` is what has the options, for the
 * sentence. */
const struct option *option_find(const struct option_table *table, struct slice name,
                                 const char *of, struct error *err) MUST_CHECK;

bool options_equal(const struct option_table *table, const void *a, const void *b);
/* A copy of all settings with their texts, in the arena; to be released when it has secrets. */
void *options_copy(const struct option_table *table, const void *settings, struct arena *arena);
/* Gives up the secrets. */
void options_release(const struct option_table *table, const void *settings);

/* What it takes, for a sentence: "a whole number from 0 to 64". In the arena. */
const char *option_takes(const struct option *option, struct arena *arena);

/* "10MiB" → 10485760; false when it is not a size. */
bool parse_bytes(struct slice text, int64_t *bytes) MUST_CHECK;
/* "15m" → 900000; false when it is not a duration. */
bool parse_duration(struct slice text, int64_t *ms) MUST_CHECK;

#endif
