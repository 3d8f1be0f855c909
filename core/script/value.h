/* Reading Lua values with their places: what is not as it should be is named, located, explained.
 *
 * Inside loader_run only. An index is that of the value on the Lua stack; functions leave the stack
 * as it was unless they say "pushes". What they allocate is the loader's. */
#ifndef SCRIPT_VALUE_H
#define SCRIPT_VALUE_H

#include "script/keys.h"
#include "script/loader.h"

/* The place of the value at `index`, which is `key` of what lies at `up`. */
const struct place *place_member(struct loader *loader, const struct place *up, struct slice key,
                                 int index) MUST_CHECK;
/* The same for item `item` of a list. */
const struct place *place_item(struct loader *loader, const struct place *up, long long item,
                               int index) MUST_CHECK;

/* "`sinks.out.path` takes `wanted`, not a number". Always false. */
bool value_refuse(struct loader *loader, int index, const struct place *place, const char *wanted,
                  struct error *err);

struct table_keys {
    struct slice *names; /* sorted by bytes: results never depend on Lua's order */
    size_t name_count;
    long long item_count; /* items are 1 … item_count, without holes */
};

/* The keys of a table, `what` it should be: "a table of words". Other values are refused. */
bool value_keys(struct loader *loader, int index, const struct place *place, const char *what,
                struct table_keys *keys, struct error *err) MUST_CHECK;
/* Every key must be among `known`; `of` has them: "a lexicon". */
bool value_known_keys(struct loader *loader, const struct table_keys *keys,
                      const struct known_key *known, const char *of, const struct place *place,
                      struct error *err) MUST_CHECK;
/* Names only. */
bool value_no_items(struct loader *loader, const struct table_keys *keys, const char *sentence,
                    const struct place *place, struct error *err) MUST_CHECK;
/* Items only. */
bool value_no_names(struct loader *loader, const struct table_keys *keys, const char *what,
                    const struct place *place, struct error *err) MUST_CHECK;

/* Pushes the member; false when the table has none (nothing pushed). */
bool value_push_member(lua_State *lua, int index, struct slice key);

/* UTF-8 text without NUL bytes, copied into the loader's arena; NUL-terminated. Empty text is
 * refused. */
bool value_text(struct loader *loader, int index, const struct place *place, struct slice *text,
                struct error *err) MUST_CHECK;
/* A finite number. */
bool value_number(struct loader *loader, int index, const struct place *place, double *number,
                  struct error *err) MUST_CHECK;
/* The member `key` when there is one; else *text stays. */
bool value_text_member(struct loader *loader, int index, const struct place *place, const char *key,
                       struct slice *text, struct error *err) MUST_CHECK;

#endif
