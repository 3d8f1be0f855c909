/* The embedded store, opened to be asked. Blocking; one thread; beside a linnet that writes. */
#ifndef SEARCH_STORED_H
#define SEARCH_STORED_H

#include "store/database.h"

struct stored {
    struct database database;
    /* Posts up to this number came from an older linnet, and neither roll-ups nor the index know
     * them yet; 0: all are known. */
    int64_t unfilled;
};

/* `path` must outlive it; NULL: nobody names one. False with *err: there is none, it is something
 * else, or as an older linnet left it. */
bool stored_open(struct stored *stored, const char *path, struct error *err) MUST_CHECK;
/* Statements must be finalized before. */
void stored_close(struct stored *stored);

#endif
