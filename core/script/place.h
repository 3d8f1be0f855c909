/* Where a value of a configuration was written: file, line and column, found when it is wrong.
 *
 * A place is a step from a table to its member, or a root: a table that a file returned, or a
 * declaration that remembers its line. Nothing is searched until an error needs it, since each
 * search reads the whole file. Places live in the loader's arena, but those that are kept; a NULL
 * place is nowhere (built-in defaults, command line). */
#ifndef SCRIPT_PLACE_H
#define SCRIPT_PLACE_H

#include "base/arena.h"
#include "base/error.h"

/* A file that was read, kept for its places (and to be watched). */
struct script_file {
    const char *path; /* as errors show it */
    struct slice text;
};

struct place {
    const struct place *up; /* the table that holds it; NULL: nobody does */
    struct slice key;       /* its name there; data NULL: it is item `item` */
    long long item;         /* from 1 */

    const struct script_file *file; /* not NULL: a root, whatever `up` is */
    const char *maker;              /* "ndjson": made by linnet.ndjson{} at `line`; NULL: returned
                                       by the file */
    int line;
};

enum place_part { PLACE_KEY, PLACE_VALUE };

/* Puts file, line, column, quoted line and caret of `place` into *err, whose text stays. */
void place_locate(const struct place *place, enum place_part part, struct arena *arena,
                  struct error *err);
/* The same for byte `offset` of `text`, the string that stands at `place`: the caret is inside the
 * literal when there is one, else `text` itself is quoted. */
void place_locate_text(const struct place *place, struct slice text, size_t offset,
                       struct arena *arena, struct error *err);
/* Sets kind ERROR_CONFIG, text and place; always false. */
bool place_error(const struct place *place, enum place_part part, struct arena *arena,
                 struct error *err, const char *format, ...) FORMAT(5, 6);
/* How a user would call it: "sinks.out.path", "labels[2].upto"; "" for what a file returned. */
struct slice place_name(const struct place *place, struct arena *arena);

/* ---- places that are kept when the loader goes (place_keep.c) ---- */

struct kept_file {
    const struct script_file *from;
    struct script_file file;
    struct kept_file *next;
};

/* Of files and tables that hold several of the places it makes one copy. Begins with its arena
 * alone. */
struct place_keeper {
    struct arena *arena;
    struct kept_file *files;
    const struct place *table, *kept_table; /* of the place before */
};

/* A copy in the keeper's arena, with all that is searched for it. */
const struct place *place_keep(struct place_keeper *keeper, const struct place *place);

#endif
