/* Records that a sink refused for good, with the reason, in STATE/dead.db until somebody looks.
 *
 * At most 1 GiB: then a sink that refuses waits, until letters are dropped. Blocking; one thread at
 * a time, and other processes beside it. */
#ifndef STORE_DEAD_LETTERS_H
#define STORE_DEAD_LETTERS_H

#include "store/database.h"
#include "store/record.h"

#define DEAD_LETTERS_FILE "dead.db"

struct dead_letter {
    int64_t number; /* given when it is added */
    struct slice sink;
    uint64_t sequence; /* in the log: with the sink it says which record this is */
    struct slice key, source, reason;
    int64_t received_ms, died_ms;
    struct slice raw;
};

struct dead_letters {
    struct database database;
};

bool dead_letters_open(struct dead_letters *letters, const char *path, enum database_mode mode,
                       struct error *err) MUST_CHECK;
void dead_letters_close(struct dead_letters *letters);
/* All or none, durable when it returns true; those that are there already stay as they are. After a
 * failure the database must be rolled back or closed. */
bool dead_letters_add(struct dead_letters *letters, const struct dead_letter *added, size_t count,
                      struct error *err) MUST_CHECK;
/* Calls `each` for letter `number`, or for all (0), oldest first; slices are valid during the call.
 * *count: how many there were. */
bool dead_letters_each(struct dead_letters *letters, int64_t number,
                       void (*each)(void *context, const struct dead_letter *letter), void *context,
                       size_t *count, struct error *err) MUST_CHECK;
/* Removes letter `number`, or all (0). */
bool dead_letters_drop(struct dead_letters *letters, int64_t number, size_t *count,
                       struct error *err) MUST_CHECK;

#endif
