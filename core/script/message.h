/* A message as a script sees it: userdata with lazy fields, valid until the function returns.
 *
 * Fields: text, id, key, lang, created and received (milliseconds since 1970), network, author.id/handle/name/followers,
 * hashtags, mentions, urls, queries, label, score (methods below win: use message.value for the number), raw.
 * Methods: message:is "retweet", message:has "links", message:score "vader", message:tokens(). What the
 * message lacks is nil. One thread; what it points to belongs to the caller of the function. */
#ifndef SCRIPT_MESSAGE_H
#define SCRIPT_MESSAGE_H

#include "base/arena.h"
#include "post/message.h"
#include <lua.h>
#include <stdbool.h>

/* What a function may look at while it runs. */
struct script_call {
    const struct message *message;
    const char *const *query_names; /* by number */
    struct arena *arena;            /* for what one call makes */
    /* The value of another scorer for this message; false: it has no opinion or is not there. */
    bool (*score)(void *context, struct slice scorer, double *value);
    void *context;
};

/* Makes the metatables; once a state, before any script runs. */
void message_open(lua_State *lua);
/* Pushes a fresh message; *serial is compared with its own at each use. */
void message_push(lua_State *lua, const struct script_call *const *current, const uint64_t *serial);

#endif
