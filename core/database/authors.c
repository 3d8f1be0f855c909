/* database/authors.h */
#include "database/authors.h"
#include "database/writer_internal.h"
#include "post/query.h"
#include "json/number.h"

/* Posts of an author are found by the index of terms, which does not know all of a store that an
 * older linnet left. */
sqlite3_stmt *store_author_rows(struct database *database, struct slice author, struct arena *arena,
                                struct error *err) {
#define OF_AUTHOR(traits) "SELECT id, document, " traits " FROM post WHERE author_id = ?1"
    static const char first[] = OF_AUTHOR("NULL") " ORDER BY number";
    static const char by_reading[] = OF_AUTHOR("traits") " ORDER BY number";
    static const char by_term[] = OF_AUTHOR(
        "traits") " AND number <= (SELECT value FROM store_state WHERE name = 'unfilled')"
                  " UNION ALL " OF_AUTHOR("traits") " AND number IN (SELECT rowid FROM post_terms "
                                                    "WHERE post_terms MATCH ?2)";
#undef OF_AUTHOR
    struct slice term = query_narrow_author(author, arena);
    const char *text = database->version == 1 ? first : term.length ? by_term : by_reading;
    sqlite3_stmt *rows = database_prepare(database, text, err);
    if (rows) bind_slice(rows, 1, author);
    if (rows && text == by_term) bind_slice(rows, 2, term);
    return rows;
}

struct post_name store_post_name(const struct store_document *document, struct slice key) {
    struct post_name name;
    if (document && document->message.network.length && document->message.id.length)
        return (struct post_name){ document->message.network, document->message.id };
    if (post_name_of(key, &name)) return name;
    return (struct post_name){ SLICE("plain"), key };
}

void store_finds_init(struct store_finds *finds) {
    *finds = (struct store_finds){ .end = &finds->first };
    arena_init(&finds->arena);
}

void store_finds_free(struct store_finds *finds) { arena_free(&finds->arena); }

static void add(struct arena *arena, struct store_found *found, struct post_name name) {
    if (found->count == found->room) {
        struct post_name *old = found->posts;
        found->room = found->room ? found->room * 2 : 16;
        found->posts = arena_alloc(arena, found->room * sizeof *found->posts);
        if (old) memcpy(found->posts, old, found->count * sizeof *old);
    }
    found->posts[found->count++] =
        (struct post_name){ arena_copy(arena, name.network), arena_copy(arena, name.id) };
}

/* What a row has to be to be meant. */
struct wanted {
    struct slice network;
    uint64_t up_to; /* 0: whatever its number */
    bool located;
};

/* A post that has no number may be as old as it likes: it is meant. */
static bool is_wanted(const struct wanted *wanted, struct post_name name, bool located) {
    int64_t number;
    if (!slice_equal(name.network, wanted->network)) return false;
    if (wanted->located && !located) return false;
    return wanted->up_to == 0 || !number_integer(name.id, &number) ||
           (uint64_t)number <= wanted->up_to;
}

static void take_row(struct store_finds *finds, struct store_found *found,
                     struct store_writer *writer, sqlite3_stmt *row, const struct wanted *wanted) {
    struct store_document document;
    struct slice key = column_slice(row, 0), reject;
    bool read = store_document_read(writer->reader, column_slice(row, 1), key, &writer->arena,
                                    &document, &reject);
    struct post_name name = store_post_name(read ? &document : NULL, key);
    bool known = sqlite3_column_type(row, 2) != SQLITE_NULL;
    int64_t traits = known ? sqlite3_column_int64(row, 2) : TRAIT_PLACE;
    if (read) traits |= document.message.traits;
    if (is_wanted(wanted, name, traits & (TRAIT_PLACE | TRAIT_COORDINATES)))
        add(&finds->arena, found, name);
    arena_reset(&writer->arena, ARENA_BLOCK_BYTES);
}

bool store_find(struct store_finds *finds, struct store_writer *writer, const struct record *record,
                struct error *err) {
    bool scrub = record->kind == RECORD_AUTHOR_SCRUB, good = true, row = true;
    struct post_name author;
    struct store_found found = { .what = scrub ? FORGET_PLACE : FORGET_POST };
    if (!post_name_of(record->key, &author)) return true;
    const struct wanted wanted = { author.network, scrub ? record->name : 0, scrub };
    sqlite3_stmt *rows = store_author_rows(&writer->database, author.id, &finds->arena, err);
    if (rows == NULL) return false;
    while (good && row) {
        good = database_step(&writer->database, rows, &row, err);
        if (good && row) take_row(finds, &found, writer, rows, &wanted);
    }
    sqlite3_finalize(rows);
    if (found.count == 0) return good;
    *finds->end = arena_alloc(&finds->arena, sizeof found);
    **finds->end = found;
    finds->end = &(*finds->end)->next;
    return good;
}
