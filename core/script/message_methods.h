/* The fields and methods of message.h, by name. Private to script/message*. */
#ifndef SCRIPT_MESSAGE_METHODS_H
#define SCRIPT_MESSAGE_METHODS_H

#include "script/message.h"

struct message_field {
    const char *name;
    const char *type; /* for editors: "string?" */
    const char *help;
    void (*push)(lua_State *lua, const struct script_call *call);
};
extern const struct message_field message_fields[]; /* ends without a name */

struct message_method {
    const char *name;
    const char *signature; /* for editors: "fun(self, trait: string): boolean" */
    const char *help;
    lua_CFunction call;
};
extern const struct message_method message_methods[]; /* ends without a name */

/* The call of the message at `index`; raises when it is another value or its function has returned.
 */
const struct script_call *message_check(lua_State *lua, int index);

/* The same for what is known to be a message. */
const struct script_call *message_alive(lua_State *lua, int index);

/* message:score NAME */
int message_score(lua_State *lua);
/* Pushes the record as tables: integers exact, null as linnet.null, empty arrays marked as arrays.
 */
void message_push_raw(lua_State *lua, const struct script_call *call);

/* JSON null for scripts. */
#define SCRIPT_NULL ((void *)0)

#endif
