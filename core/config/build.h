/* Proves a draft: compiles queries, schemas and scorers into the snapshot. Inside loader_run. */
#ifndef CONFIG_BUILD_H
#define CONFIG_BUILD_H

#include "config/facts.h"
#include "script/compile.h"

/* Engines and other memory that is not the arena's hang on `snapshot` as soon as they are made, so
 * that whoever called can free a half-built one. `named` and `secrets` as in snapshot_request. */
bool snapshot_build(struct snapshot *snapshot, struct draft *draft, struct lexicon_shelf *shelf,
                    const char *named, bool secrets, struct error *err) MUST_CHECK;

/* A scorer of a snapshot, and what tells that two places mean the same one. */
struct built_scorer {
    struct scorer scorer;
    struct lexicon *lexicon; /* of one that a function scores */
    const void *declaration;
    struct lexicon_facts words;
    struct built_scorer *next;
};

/* Where a query was written. */
struct query_place {
    const struct place *place; /* NULL: on the command line, as `flag` */
    const char *flag;
};

struct snapshot_state {
    struct arena arena; /* everything of the snapshot, itself too */
    _Atomic uint32_t references;
    struct built_scorer *scorers;
    const uint64_t *queries;          /* facts, one a query */
    const struct query_place *places; /* one a query; NULL: no source is about queries */
    struct schema_facts *schemas;     /* one a schema */
    struct listed_facts filters, dialects;
};

#endif
