/* Turns what a script declared into what the C parts are built from.
 *
 * Each takes a declaration at a Lua stack index, inside loader_run, and checks all of it; errors
 * have their places. Specs live in the loader's arena, so they end with the loader. */
#ifndef SCRIPT_COMPILE_H
#define SCRIPT_COMPILE_H

#include "post/dialect_declared.h"
#include "post/schema.h"
#include "script/declaration.h"
#include "script/program.h"
#include "sentiment/lexicon.h"
#include "sentiment/scorer.h"

/* A declaration of `maker`, or the name of a plugin KIND/NAME.lua that returns one. Pushes the
 * declaration; *place becomes its place and *name the plugin's (the given name, or that of the file
 * that returned it; empty for one written in place). `skip` as in loader_push_plugin. */
struct plugin_kind {
    const char *maker, *folder; /* "schema", "schemas" */
};
extern const struct plugin_kind schema_plugins, lexicon_plugins, scorer_plugins, filter_plugins,
    dialect_plugins;
/* All of them; ends with NULL. */
extern const struct plugin_kind *const all_plugin_kinds[];
bool plugin_push(struct loader *loader, const struct plugin_kind *kind, int index,
                 const struct script_file *skip, const struct place **place, struct slice *name,
                 struct error *err) MUST_CHECK;
/* The same for a plugin that is only named, at `place` (NULL: nowhere, e.g. a default). */
bool plugin_push_named(struct loader *loader, const struct plugin_kind *kind, struct slice name,
                       const struct script_file *skip, const struct place **place,
                       struct error *err) MUST_CHECK;

/* A spec and the places of its fields, for what schema_create finds wrong. */
struct schema_source {
    struct schema_spec spec;
    const struct place *place;
    struct field_place *fields;
};
bool compile_schema(struct loader *loader, int index, const struct place *place, struct slice name,
                    struct program *program, struct schema_source *source,
                    struct error *err) MUST_CHECK;
/* Puts the place of what schema_create said into *err. */
void schema_source_locate(struct loader *loader, const struct schema_source *source,
                          const struct field_spec *bad_field, struct error *err);

/* Label rules from a list of { NAME, upto = X | below = X }, the last without a bound. Names and
 * rules live in `arena`. */
bool compile_labels(struct loader *loader, int index, const struct place *place,
                    struct arena *arena, const struct label_rule **labels, size_t *count,
                    struct error *err) MUST_CHECK;

/* Lexicons that were compiled, each once; freed together when the scorers are built. */
struct lexicon_shelf {
    struct shelved_lexicon *first;
};
void lexicon_shelf_free(struct lexicon_shelf *shelf);
/* NULL with *err. The shelf owns it. */
const struct lexicon *compile_lexicon(struct loader *loader, int index, const struct place *place,
                                      struct lexicon_shelf *shelf, struct error *err) MUST_CHECK;

struct scorer_spec {
    const struct scorer_ops *ops;    /* NULL: a function scores */
    uint32_t function;               /* + 1; 0: none */
    const struct lexicon *lexicon;   /* the shelf's; with a function it may be NULL */
    const struct label_rule *labels; /* in the arena that was given; or the engine's own */
    size_t label_count;
};
/* `name` is how errors call it. */
bool compile_scorer(struct loader *loader, int index, const struct place *place, struct slice name,
                    struct program *program, struct lexicon_shelf *shelf, struct arena *arena,
                    struct scorer_spec *spec, struct error *err) MUST_CHECK;

struct filter_spec {
    struct slice query; /* `keep` as a query; empty: a function */
    const struct place *query_place;
    uint32_t function; /* number in the program, when there is no query */
    bool keep_on_error;
};
bool compile_filter(struct loader *loader, int index, const struct place *place, struct slice name,
                    struct program *program, struct filter_spec *spec,
                    struct error *err) MUST_CHECK;

/* Texts of the spec live in the loader's arena. */
bool compile_dialect(struct loader *loader, int index, const struct place *place,
                     struct dialect_spec *spec, struct error *err) MUST_CHECK;

#endif
