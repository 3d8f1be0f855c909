/* database/terms.h */
#include "database/terms.h"
#include "base/alloc.h"
#include "post/vocabulary.h"
#include <stdlib.h>

/* Made before their time when there are more. */
#define TERMS_BYTES ((size_t)8 << 20)
/* Of a single post, whose document is bounded far below it. */
#define TERMS_CEILING ((size_t)1 << 29)

struct change {
    int64_t number;
    size_t order, offset, length; /* of its terms in the buffer */
    int by;
};

struct term_changes {
    struct database *database;
    sqlite3_stmt *add, *take;
    struct buffer terms;
    struct change *items;
    size_t count, capacity;
};

struct term_changes *term_changes_create(struct database *database) {
    struct term_changes *changes = memory_zeroed(1, sizeof *changes);
    changes->database = database;
    buffer_init(&changes->terms, TERMS_CEILING);
    return changes;
}

void term_changes_destroy(struct term_changes *changes) {
    if (changes == NULL) return;
    term_changes_close(changes);
    buffer_free(&changes->terms);
    memory_free(changes->items);
    memory_free(changes);
}

bool term_changes_open(struct term_changes *changes, struct error *err) {
    static const char add[] = "INSERT INTO post_terms (rowid, terms) VALUES (?1, ?2)";
    static const char take[] =
        "INSERT INTO post_terms (post_terms, rowid, terms) VALUES ('delete', ?1, ?2)";
    return (changes->add = database_prepare(changes->database, add, err)) &&
           (changes->take = database_prepare(changes->database, take, err));
}

void term_changes_close(struct term_changes *changes) {
    sqlite3_finalize(changes->add);
    sqlite3_finalize(changes->take);
    changes->add = changes->take = NULL;
    term_changes_forget(changes);
}

void term_changes_forget(struct term_changes *changes) {
    changes->count = 0;
    changes->terms.length = 0;
}

bool term_changes_note(struct term_changes *changes, int64_t number,
                       struct store_document *document, int by, struct arena *arena,
                       struct error *err) {
    if (changes->terms.length > TERMS_BYTES && !term_changes_write(changes, err)) return false;
    size_t offset = changes->terms.length;
    if (!vocabulary_of(&document->message, document->queries.items, document->queries.count, arena,
                       &changes->terms))
        return error_set(err, ERROR_FAILED, "%.400s: a post has too many terms",
                         changes->database->path);
    if (changes->count == changes->capacity) {
        changes->capacity = changes->capacity ? changes->capacity * 2 : 256;
        changes->items = memory_resize(changes->items, changes->capacity * sizeof *changes->items);
    }
    changes->items[changes->count] = (struct change){
        .number = number,
        .order = changes->count,
        .offset = offset,
        .length = changes->terms.length - offset,
        .by = by,
    };
    changes->count++;
    return true;
}

static int compare_changes(const void *a, const void *b) {
    const struct change *left = a, *right = b;
    if (left->number != right->number) return left->number < right->number ? -1 : 1;
    return left->order < right->order ? -1 : 1;
}

static bool make_change(struct term_changes *changes, const struct change *change,
                        struct error *err) {
    bool row;
    sqlite3_stmt *statement = change->by > 0 ? changes->add : changes->take;
    sqlite3_bind_int64(statement, 1, change->number);
    bind_slice(statement, 2, slice_from(changes->terms.data + change->offset, change->length));
    return database_step(changes->database, statement, &row, err);
}

bool term_changes_write(struct term_changes *changes, struct error *err) {
    bool good = true;
    if (changes->count)
        qsort(changes->items, changes->count, sizeof *changes->items, compare_changes);
    for (size_t i = 0; i < changes->count && good; i++)
        good = changes->items[i].length == 0 || make_change(changes, &changes->items[i], err);
    term_changes_forget(changes);
    return good;
}
