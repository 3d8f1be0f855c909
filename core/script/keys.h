/* The keys that declarations take: what checks a user's table, and what editors show of it. */
#ifndef SCRIPT_KEYS_H
#define SCRIPT_KEYS_H

#include <stddef.h>

struct known_key {
    const char *name; /* NULL after the last */
    const char *type; /* for editors: "string?" */
    const char *help; /* one line, no full stop */
};

extern const struct known_key filter_keys[], schema_keys[], field_keys[], scorer_keys[],
    label_keys[], lexicon_keys[], word_keys[], dialect_keys[], author_keys[], created_keys[];

/* What linnet.NAME{} of a script takes. */
struct maker_keys {
    const char *maker;
    const char *items; /* the type of what it takes without a name; NULL: nothing */
    const char *help;
    const struct known_key *keys;
};
extern const struct maker_keys all_maker_keys[]; /* ends without a maker */

/* The i-th name of a list of keys, NULL after the last: for "did you mean". */
const char *known_key_name(const void *keys, size_t i);

#endif
