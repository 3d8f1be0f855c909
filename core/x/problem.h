/* Problem documents of X: {"title","detail","type",…}, alone or the first of "errors"; the older
 * {"errors":[{"code":32,"message":"…"}]} too. Pure. */
#ifndef X_PROBLEM_H
#define X_PROBLEM_H

#include "base/slice.h"
#include <stdbool.h>

/* Texts are cut to fit, without control characters; "" when they are not there. */
struct x_problem {
    char type[48]; /* the last step of its address: "usage-capped" */
    char title[80], detail[240];
    char reason[48], registration_url[160]; /* client-forbidden */
    char connection_issue[48],
        disconnect_type[48]; /* streaming-connection, operational-disconnect */
    char period[16];         /* usage-capped */
};

/* False: it is none. */
bool x_problem_read(struct slice json, struct x_problem *problem);
/* A member's text of a parsed object, cut and cleaned like those. */
struct cJSON;
void x_take_text(const struct cJSON *object, const char *name, char *out, size_t size);

#endif
