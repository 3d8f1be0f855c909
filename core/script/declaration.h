/* What linnet.NAME{} gives: a tagged, read-only value that remembers where it was made.
 *
 * It does nothing at load; the compilers read its table later. Inside loader_run only. */
#ifndef SCRIPT_DECLARATION_H
#define SCRIPT_DECLARATION_H

#include "script/loader.h"

struct declaration {
    const char *maker; /* "schema", "ndjson" */
    const struct script_file *file;
    int line;
};

/* Adds all makers to the table on top of the stack: those of scripts (schema, lexicon, scorer,
 * track) and the setup's. */
void declaration_add_makers(struct loader *loader);
/* Pushes the maker of secrets. It takes anything: what is wrong with it is said where it is used,
 * where it is known that its line may not be quoted. */
void declaration_push_secret(struct loader *loader);
/* Name of the i-th maker, NULL after the last; `context` is the loader. */
const char *declaration_maker(const void *context, size_t i);
/* The declaration at `index`, or NULL when the value is another. Valid as long as the value. */
const struct declaration *declaration_at(lua_State *lua, int index);
/* Pushes what it was given: a table, or the text of linnet.track or secret. */
void declaration_push_content(lua_State *lua, int index);

/* For tests: pops a function that says what reading a declaration gives, instead of an error. */
void declaration_set_index(lua_State *lua);

#endif
