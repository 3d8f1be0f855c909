/* Whose posts are whose: those of an author that the embedded store has.
 *
 * Blocking, as all of the store. */
#ifndef DATABASE_AUTHORS_H
#define DATABASE_AUTHORS_H

#include "database/document.h"
#include "database/writer.h"
#include "flow/forget.h"
#include "store/record.h"

/* Selects id, document and traits (NULL: not known) of the author's posts; NULL with *err. Those of
 * the transaction that is open are not all among them. The arena is for the moment. */
sqlite3_stmt *store_author_rows(struct database *database, struct slice author, struct arena *arena,
                                struct error *err) MUST_CHECK;
/* What a row's post is called: its document says, or else its id. NULL: it has no document that can
 * be read. Slices point into both. */
struct post_name store_post_name(const struct store_document *document, struct slice key);

/* The posts that something said of an author is about. */
struct store_found {
    enum forget_what what;
    struct post_name *posts;
    size_t count, room;
    struct store_found *next;
};

/* What a few of them are about, in their order; those without a post are left out. */
struct store_finds {
    struct arena arena; /* of all of it */
    struct store_found *first, **end;
};

void store_finds_init(struct store_finds *finds);
void store_finds_free(struct store_finds *finds);
/* Outside of a transaction. `record` is of an author (enum record_kind). */
bool store_find(struct store_finds *finds, struct store_writer *writer, const struct record *record,
                struct error *err) MUST_CHECK;

#endif
