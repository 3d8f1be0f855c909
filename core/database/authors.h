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

/* Posts that are to be forgotten, or whose places are. */
struct store_found {
    struct post_name *posts;
    size_t count, room;
};

/* What is said of authors, and the posts that this is about. However often something is said of
 * one, each of his posts is there once. */
struct store_finds {
    struct arena arena; /* of all of it */
    struct store_asked *asked;
    size_t count, room;
    struct store_found found[FORGET_WHATS];
};

void store_finds_init(struct store_finds *finds);
void store_finds_free(struct store_finds *finds);
/* `record` is of an author (enum record_kind) and stays until they are found. */
void store_finds_ask(struct store_finds *finds, const struct record *record);
/* Outside of a transaction: all that was asked for. */
bool store_find(struct store_finds *finds, struct store_writer *writer,
                struct error *err) MUST_CHECK;
static inline bool store_finds_any(const struct store_finds *finds) {
    return finds->found[FORGET_POST].count + finds->found[FORGET_PLACE].count > 0;
}

#endif
