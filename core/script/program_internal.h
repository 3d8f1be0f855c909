/* What script/program*.c share. Private to them. */
#ifndef SCRIPT_PROGRAM_INTERNAL_H
#define SCRIPT_PROGRAM_INTERNAL_H

#include "script/program.h"
#include <stdatomic.h>

#define MAX_STEPS 16

/* One step from a table to its member. */
struct step {
    struct slice key; /* data NULL: item `item` */
    long long item;
};

struct function {
    const char *name;
    const char *path; /* of the file whose value holds it */
    struct step steps[MAX_STEPS];
    size_t step_count;
    _Atomic uint64_t failures;
    _Atomic int64_t logged_ms; /* the last time a failure was logged */
};

struct program {
    struct arena arena;
    struct loader_setup setup;
    struct function **functions;
    size_t count, room;
};

struct script_state {
    const struct program *program;
    struct loader *loader;
    struct script_present present;
    struct error *failures; /* the last one of each function; kind ERROR_NONE: it never failed */
    uint32_t failed_last;
    struct arena places; /* scratch for finding its column */
    int *references;     /* by function number, in the registry */
};

/* Runs the function with the message (and `lexicon`, unless NULL); results are on the Lua stack.
 * False: it failed and was counted. The stack is the caller's to clear by script_return. */
bool script_call(struct script_state *state, uint32_t function, const struct script_call *call,
                 const struct lexicon *lexicon, int results);
/* The message is void from here on. */
void script_return(struct script_state *state);
/* Counts and logs what went wrong with a result. */
void script_failed(struct script_state *state, uint32_t function, const struct error *err);

#endif
