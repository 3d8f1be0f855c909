/* A stored document read back: the row's columns, the message that queries look at, and what is
 * counted of it. The same document gives the same, now and when it is taken back. */
#ifndef DATABASE_DOCUMENT_H
#define DATABASE_DOCUMENT_H

#include "post/message.h"
#include "json/projection.h"

/* Of a row, in the order of its columns behind `id`; the document itself follows them. */
#define STORE_COLUMNS 12

struct store_document {
    const struct json_slot *columns; /* STORE_COLUMNS */
    /* Without what no document holds: quoted text, cashtags, whom it answers. `traits` are the
     * caller's to add to the coordinates'. */
    struct message message;
    struct slice_list queries;       /* names */
    int64_t created_ms, received_ms; /* of each other where one is not said; or TIME_UNKNOWN */
    int64_t score_millionths;        /* with message.scored */
};

/* Whole seconds, rounded down; TIME_UNKNOWN is none, and 0. */
static inline int64_t store_seconds(int64_t ms) {
    return ms == TIME_UNKNOWN ? 0 : ms / 1000 - (ms % 1000 < 0);
}

/* Reads documents; one thread's. */
struct store_reader;
struct store_reader *store_reader_create(void) MUST_CHECK;
void store_reader_destroy(struct store_reader *reader);
/* `key` is the row's id. False when it is no document of the store's, *reject says why (static
 * text). Slices live in `arena`, or in `key`; the columns until the next one is read. */
bool store_document_read(struct store_reader *reader, struct slice bytes, struct slice key,
                         struct arena *arena, struct store_document *document,
                         struct slice *reject) MUST_CHECK;

#endif
