/* How the store's writer looks inside, shared by core/database/writer.c and chores.c only.
 */
#ifndef DATABASE_WRITER_INTERNAL_H
#define DATABASE_WRITER_INTERNAL_H

#include "database/rollup.h"
#include "database/terms.h"
#include "database/writer.h"

enum statement {
    INSERT,
    REPLACE,
    FIND,
    REMOVE,
    CHANGED,
    UNFILLED,
    SET_UNFILLED,
    HIGHEST,
    SET_HIGHEST,
    UNFILLED_POSTS,
    PATCHED,
    CUT_TRAITS,
    FILL,
    OLD_POSTS,
    STATEMENTS
};
/* A row, in the writer's arena. */
struct row {
    int64_t number;
    struct slice key, document;
    int64_t created_ms; /* TIME_UNKNOWN: not filled in */
};

struct store_writer {
    char *path;
    struct database database;
    sqlite3_stmt *statements[STATEMENTS];
    struct store_reader *reader;
    struct rollups *rollups;
    struct term_changes *terms;
    struct arena arena;
    int64_t version;  /* of the data, which others change, too */
    int64_t unfilled; /* posts up to this number are not counted nor found */
    int64_t highest;  /* number that a post has, or had */
    bool removed;     /* one, in this transaction */
};

bool store_writer_run(struct store_writer *writer, enum statement which,
                      struct error *err) MUST_CHECK;
/* A copy of what a statement that selects number, id, document and created_s is at. */
struct row store_writer_row(struct store_writer *writer, sqlite3_stmt *rows);
bool store_writer_remove_row(struct store_writer *writer, const struct row *row,
                             struct slice *reject, struct error *err) MUST_CHECK;
/* The post is counted and can be found (by 1), or no more (by -1). */
bool store_writer_count(struct store_writer *writer, int64_t number,
                        struct store_document *document, int by, struct error *err) MUST_CHECK;
/* NULL when the time is not known. */
void store_writer_bind_seconds(sqlite3_stmt *statement, int at, int64_t ms);

#endif
