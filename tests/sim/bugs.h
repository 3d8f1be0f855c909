/* Bugs that can be planted, to see whether the simulator finds them. The linker puts them between
 * linnet's files: --wrap, see the Makefile. */
#ifndef SIM_BUGS_H
#define SIM_BUGS_H

enum bug {
    NO_BUG,
    BUG_NO_SYNC,          /* of what was written */
    BUG_NO_FOLDER_SYNC,   /* of names */
    BUG_SYNC_TOO_LATE,    /* with the next one: what is acknowledged is not durable */
    BUG_SYNC_TRIED_TWICE, /* a failed one is believed when it works the next time */
    BUG_NO_TRUNCATE,      /* what was torn stays */
    BUG_CURSOR_TOO_FAR,   /* saved before the sink has answered */
    BUG_DROPPED_TOO_SOON, /* segments that a reader has not passed */
    BUG_STATE_FORGOTTEN,  /* positions and sums, at a start */
    BUG_IDS_FORGOTTEN,    /* the same, of what is known */
    BUG_RETRY_IS_DONE,
    BUG_CURSOR_JUMPS,      /* over what is with a sink and not answered, to what is */
    BUG_NOT_BURIED,        /* what was refused */
    BUG_OBJECT_NOT_SYNCED, /* before it is renamed */
    BUG_INTENT_NOT_SAVED,  /* before an object is finished */
    BUG_INTENT_NOT_ASKED,  /* whether a record is there already */
    BUGS
};
extern enum bug bug;
extern const char *const bug_names[BUGS];

#endif
