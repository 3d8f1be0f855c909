/* Who may come in over HTTP, judged by the head of a request before anything is done for it.
 *
 * A page of another site may make its reader's browser ask us. It cannot choose the Host, Origin
 * and Sec-Fetch-Site that the browser sends, nor add a header of its own without our word (W3C
 * Fetch Metadata; Fetch standard, "CORS-safelisted request-header"), nor know a token. So a request
 * must name this machine, come from ourselves or from no page at all, and one that changes
 * something must carry X-Linnet or the token. */
#ifndef WEB_GUARD_H
#define WEB_GUARD_H

#include "base/slice.h"

struct guard {
    struct slice token; /* empty: there is none */
    bool local;         /* it listens where only this machine reaches it */
};

/* What is judged; data NULL: there is no such header. */
struct knock {
    struct slice method, host, origin, site, upgrade, authorization, own;
    bool open; /* what is asked for may be seen without the token */
};

/* 0: it may come in, else the code of the answer; *reason is static. */
unsigned guard_judge(const struct guard *guard, const struct knock *knock, const char **reason);
/* Whether it has the token, or there is none to have. */
bool guard_knows(const struct guard *guard, struct slice authorization);

#endif
