/* x/internal.h: what X says that changes no post here: counted, and told by `linnet
 * status`.
 *
 * Nothing can be restored of what was given back (undelete, unprotect, unsuspend, undrop): later
 * posts come again by themselves. Withheld posts may be seen elsewhere. An edit brings no text: the
 * new version comes by the stream that finds it. */
#include "base/log.h"
#include "x/internal.h"
#include <stdio.h>

static const char *const events[X_EVENTS] = {
    "withheld",        "undrop",         "tweet_edit",    "user_undelete",
    "user_unprotect",  "user_unsuspend", "user_withheld", "user_profile_modification",
    "status_withheld",
};

/* Whether the record has a member of this name; no text in it can look like one. */
static bool has_member(struct slice record, const char *name) {
    char member[40];
    int length = snprintf(member, sizeof member, "\"%s\":", name);
    return memmem(record.data, record.length, member, (size_t)length) != NULL;
}

void x_events_note(struct x *x, struct slice record) {
    for (size_t i = 0; i < X_EVENTS; i++) {
        if (!has_member(record, events[i])) continue;
        if (x->events[i]++ == 0)
            log_info("x", "X says %s of a post or user: that is counted, and changes nothing here",
                     events[i]);
        return;
    }
}

void x_events_print(const struct x *x, char *out, size_t size) {
    size_t length = 0;
    out[0] = '\0';
    for (size_t i = 0; i < X_EVENTS && length < size; i++)
        if (x->events[i])
            length += (size_t)snprintf(out + length, size - length, "%s%s %llu",
                                       length ? ", " : "heard, and changed nothing: ", events[i],
                                       (unsigned long long)x->events[i]);
}
