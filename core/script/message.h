/* A message as a script sees it: userdata with lazy fields, valid until the function returns.
 *
 * Fields: text, id, lang, network, created and received (milliseconds since 1970), hashtags,
 * mentions, urls, queries, label, score (once scored), author.id/handle/name/followers, raw.
 * Methods: message:is "retweet", message:has "links", message:score "vader", message:tokens(),
 * message:matches(). What a message lacks is nil. One thread; what it points to belongs to whoever
 * calls the function. */
#ifndef SCRIPT_MESSAGE_H
#define SCRIPT_MESSAGE_H

#include "base/arena.h"
#include "post/message.h"
#include "json/projection.h"
#include <lua.h>
#include <stdbool.h>

/* What a function may look at while it runs. */
struct script_call {
    struct message *message;
    const char *const *query_names; /* by number */
    struct arena *arena;            /* for what the call makes */
    struct projector *projector;    /* for message.raw */
    /* The value of another scorer for `text` (data NULL: what scorers read of this message); false
     * when it has none. Raises nothing. */
    bool (*score)(void *context, struct slice scorer, struct slice text, double *value);
    /* What made the queries match, as texts; NULL: nobody knows. Raises nothing. */
    struct slice_list (*matched)(void *context);
    void *context;
};

/* The call under way, by which a state's messages live and die: another serial, and they are void.
 */
struct script_present {
    const struct script_call *call; /* NULL between calls */
    uint64_t serial;
};

/* Makes the metatables, once a state and before any script runs. */
void message_open(lua_State *lua);
/* Pushes the message of the call under way. `present` outlives the state. */
void message_push(lua_State *lua, const struct script_present *present);
/* Pushes a message that stays valid as long as `call`: for tests. */
void message_push_lasting(lua_State *lua, const struct script_call *call);
/* The call of the message at `index`; NULL when it is none, or its function has returned. */
const struct script_call *message_at(lua_State *lua, int index);

#endif
