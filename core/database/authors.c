/* database/authors.h */
#include "database/authors.h"
#include "database/writer_internal.h"
#include "post/query.h"
#include "json/number.h"
#include <stdlib.h>

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

/* What a row of the author has to be to be meant. */
struct store_asked {
    struct slice key;
    enum forget_what what;
    uint64_t up_to; /* whatever its number: UINT64_MAX */
};

void store_finds_init(struct store_finds *finds) {
    *finds = (struct store_finds){ 0 };
    arena_init(&finds->arena);
}

void store_finds_free(struct store_finds *finds) { arena_free(&finds->arena); }

/* Room for twice as much; the old one goes with the arena. */
static void *grow(struct arena *arena, void *items, size_t count, size_t *room, size_t size) {
    if (count < *room) return items;
    *room = *room ? *room * 2 : 16;
    void *more = arena_alloc(arena, *room * size);
    if (count) memcpy(more, items, count * size);
    return more;
}

void store_finds_ask(struct store_finds *finds, const struct record *record) {
    bool scrub = record->kind == RECORD_AUTHOR_SCRUB;
    finds->asked =
        grow(&finds->arena, finds->asked, finds->count, &finds->room, sizeof *finds->asked);
    finds->asked[finds->count++] =
        (struct store_asked){ record->key, scrub ? FORGET_PLACE : FORGET_POST,
                              record->name ? record->name : UINT64_MAX };
}

static void add(struct arena *arena, struct store_found *found, struct post_name name) {
    found->posts = grow(arena, found->posts, found->count, &found->room, sizeof *found->posts);
    found->posts[found->count++] =
        (struct post_name){ arena_copy(arena, name.network), arena_copy(arena, name.id) };
}

/* A post that has no number may be as old as it likes: it is meant. */
static bool is_meant(const struct store_asked *asked, struct slice network, struct post_name name,
                     bool located) {
    int64_t number;
    if (!slice_equal(name.network, network)) return false;
    if (asked->what == FORGET_PLACE && !located) return false;
    return !number_integer(name.id, &number) || (uint64_t)number <= asked->up_to;
}

static void take_row(struct store_finds *finds, struct store_writer *writer, sqlite3_stmt *row,
                     const struct store_asked *asked, struct slice network) {
    struct store_document document;
    struct slice key = column_slice(row, 0), reject;
    bool read = store_document_read(writer->reader, column_slice(row, 1), key, &writer->arena,
                                    &document, &reject);
    struct post_name name = store_post_name(read ? &document : NULL, key);
    bool known = sqlite3_column_type(row, 2) != SQLITE_NULL;
    int64_t traits = known ? sqlite3_column_int64(row, 2) : TRAIT_PLACE;
    if (read) traits |= document.message.traits;
    if (is_meant(asked, network, name, traits & (TRAIT_PLACE | TRAIT_COORDINATES)))
        add(&finds->arena, &finds->found[asked->what], name);
    arena_reset(&writer->arena, ARENA_BLOCK_BYTES);
}

static bool find_posts(struct store_finds *finds, struct store_writer *writer,
                       const struct store_asked *asked, struct error *err) {
    struct post_name author;
    bool good = true, row = true;
    if (!post_name_of(asked->key, &author)) return true;
    sqlite3_stmt *rows = store_author_rows(&writer->database, author.id, &finds->arena, err);
    if (rows == NULL) return false;
    while (good && row) {
        good = database_step(&writer->database, rows, &row, err);
        if (good && row) take_row(finds, writer, rows, asked, author.network);
    }
    sqlite3_finalize(rows);
    return good;
}

/* What is alike stands together, what means the most posts last. */
static int compare_asked(const void *left, const void *right) {
    const struct store_asked *a = left, *b = right;
    if (a->what != b->what) return a->what < b->what ? -1 : 1;
    if (a->key.length != b->key.length) return a->key.length < b->key.length ? -1 : 1;
    int order = memcmp(a->key.data, b->key.data, a->key.length);
    if (order) return order;
    return (a->up_to > b->up_to) - (a->up_to < b->up_to);
}

bool store_find(struct store_finds *finds, struct store_writer *writer, struct error *err) {
    struct store_asked *asked = finds->asked;
    if (finds->count) qsort(asked, finds->count, sizeof *asked, compare_asked);
    for (size_t i = 0; i < finds->count; i++) {
        bool last = i + 1 == finds->count || asked[i].what != asked[i + 1].what ||
                    !slice_equal(asked[i].key, asked[i + 1].key);
        if (last && !find_posts(finds, writer, &asked[i], err)) return false;
    }
    return true;
}
