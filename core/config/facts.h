/* What a snapshot remembers of its making, so that two can be compared in words: query texts,
 * schema fields, filters and dialects as hashes, and each scorer's words with their values.
 *
 * In the snapshot's arena; made while it is built, then only read. */
#ifndef CONFIG_FACTS_H
#define CONFIG_FACTS_H

#include "config/draft.h"
#include "post/dialect_declared.h"
#include "sentiment/lexicon.h"

/* 16 bytes a word and its text: 0.25 MB for VADER's. */
struct word_fact {
    uint64_t hash;  /* of section and key; the facts are sorted by it */
    uint32_t text;  /* where the key begins in `texts` */
    uint32_t value; /* a hash of all its numbers */
};

struct lexicon_facts {
    struct word_fact *words;
    size_t count;
    const char *texts; /* keys, each ending in NUL */
};

struct field_fact {
    struct slice name; /* "author.handle" */
    uint64_t hash;     /* of all that was declared */
};

struct schema_facts {
    struct field_fact *fields; /* in their order */
    size_t count;
    uint64_t rest; /* a hash of key and text */
};

/* Filters or dialects, in their order. */
struct listed_fact {
    struct slice name; /* two of one name are "inline" and "inline 2" */
    uint64_t hash;     /* of what was declared as data */
};

struct listed_facts {
    struct listed_fact *items;
    size_t count;
};

/* Hashes of the queries' texts, in their order. */
const uint64_t *query_facts(const struct draft *draft, struct arena *arena);
/* `lexicon` may be NULL: no words. */
struct lexicon_facts lexicon_facts(const struct lexicon *lexicon, struct arena *arena);
struct schema_facts schema_facts(const struct schema_spec *spec, struct arena *arena);
/* `facts` has room for one more; `name` is copied. */
void listed_facts_add(struct listed_facts *facts, struct slice name, uint64_t hash,
                      struct arena *arena);
uint64_t dialect_fact(const struct dialect_spec *spec);

#endif
