/* One table of verbs and flags: parsing, help and completion come from it. */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum flag_id {
    FLAG_CONFIG,
    FLAG_SOURCE,
    FLAG_SINK,
    FLAG_QUERY,
    FLAG_SET,
    FLAG_SCORER,
    FLAG_EXPLAIN,
    FLAG_JSON,
    FLAG_PRINT_MAPPING,
    FLAG_ONLINE,
    FLAG_SECONDS,
    FLAG_STATE,
    FLAG_STORE,
    FLAG_FORMAT,
    FLAG_AFTER,
    FLAG_SAMPLE,
    FLAG_IDS,
    FLAG_SAFE,
    FLAG_MAN,
    FLAG_COVERAGE,
    FLAG_SINCE,
    FLAG_UNTIL,
    FLAG_LIMIT,
    FLAG_BY,
    FLAG_ASKED,
    FLAG_INDEX,
    FLAG_OVERWRITE,
    FLAG_LOGIN,
    FLAG_API_KEY,
    FLAG_TENANT,
    FLAG_CA,
    FLAG_VERBOSE,
    FLAG_COLOR,
    FLAG_HELP,
    FLAG_COUNT
};

struct flag {
    char letter;          /* 0: none */
    const char *name;     /* "config" */
    const char *argument; /* "FILE"; NULL: takes none */
    const char *help;
};
extern const struct flag all_flags[FLAG_COUNT];

/* What was typed. Lists end with NULL and are NULL when the flag was not given. */
struct arguments {
    const char **values[FLAG_COUNT];
    bool given[FLAG_COUNT];
    const char *const *words; /* what is no flag */
    size_t word_count;
};

struct verb {
    const char *name;
    const char *words;   /* "FILE..." in the usage line; NULL: takes none */
    const char *help;    /* one line */
    const char *details; /* for `help VERB`; may be NULL */
    uint64_t flags;      /* bits of FLAG(...) */
    int (*run)(const struct arguments *arguments); /* the exit code */
};

#define FLAG(name) (UINT64_C(1) << FLAG_##name)

static inline bool verb_takes(const struct verb *verb, int flag) { return verb->flags >> flag & 1; }

/* All of them; ends with a verb without a name. */
extern const struct verb all_verbs[];
/* Lines, each with two spaces before it. */
extern const char usage_examples[];
const struct verb *verb_find(const char *name);

/* The i-th word that the verb's usage line has in small letters between bars, "ls" of "ls | show
 * N"; empty after the last. */
struct slice verb_word(const struct verb *verb, size_t i);

/* Says that there is no such verb, with a suggestion; returns the exit code. */
int unknown_verb(const char *word);
/* Asks for the words that this verb takes, and suggests what the first one may mean; likewise. */
int wrong_words(const char *verb, const char *question, const struct arguments *arguments);

/* The last value of a flag that takes one; NULL when it was not given. */
const char *argument_value(const struct arguments *arguments, enum flag_id flag);

/* Runs the program; returns the exit code. */
int command_line(int argc, char **argv);

int verb_run(const struct arguments *arguments);
int verb_replay(const struct arguments *arguments);
int verb_process(const struct arguments *arguments);
int verb_check(const struct arguments *arguments);
int verb_score(const struct arguments *arguments);
int verb_match(const struct arguments *arguments);
int verb_test(const struct arguments *arguments);
int verb_dashboards(const struct arguments *arguments);
int verb_types(const struct arguments *arguments);
int verb_init(const struct arguments *arguments);
int verb_demo(const struct arguments *arguments);
int verb_status(const struct arguments *arguments);
int verb_reload(const struct arguments *arguments);
int verb_tap(const struct arguments *arguments);
int verb_export(const struct arguments *arguments);
int verb_search(const struct arguments *arguments);
int verb_top(const struct arguments *arguments);
int verb_stats(const struct arguments *arguments);
int verb_forget(const struct arguments *arguments);
int verb_dlq(const struct arguments *arguments);
int verb_spool(const struct arguments *arguments);
int verb_rules(const struct arguments *arguments);
int verb_completion(const struct arguments *arguments);
int verb_help(const struct arguments *arguments);
int verb_version(const struct arguments *arguments);

#endif
