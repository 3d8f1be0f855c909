/* cli/forget_gather.h */
#include "cli/forget_gather.h"
#include "base/alloc.h"
#include "base/os.h"
#include "database/authors.h"
#include "database/format.h"
#include "store/dead_letters.h"
#include <stdio.h>

void forget_list_init(struct forget_list *list) {
    *list = (struct forget_list){ 0 };
    arena_init(&list->arena);
}

void forget_list_free(struct forget_list *list) {
    arena_free(&list->arena);
    memory_free(list->posts);
    memory_free(list->letters);
}

static bool is_listed(const struct forget_list *list, const struct post_name *name) {
    for (size_t i = list->count; i > 0; i--)
        if (slice_equal(list->posts[i - 1].name.id, name->id) &&
            slice_equal(list->posts[i - 1].name.network, name->network))
            return true;
    return false;
}

static void add(struct forget_list *list, struct post_name name, struct slice key) {
    if (list->count == list->room) {
        list->room = list->room ? list->room * 2 : 64;
        list->posts = memory_resize(list->posts, list->room * sizeof *list->posts);
    }
    struct arena *arena = &list->arena;
    struct post_name copy = { arena_copy(arena, name.network), arena_copy(arena, name.id) };
    list->posts[list->count++] = (struct forget_post){ copy, arena_copy(arena, key) };
}

/* ---- the store ---- */

static void take_row(struct forget_list *list, struct store_reader *reader, sqlite3_stmt *row,
                     struct arena *arena) {
    struct store_document document;
    struct slice key = column_slice(row, 0), reject;
    bool read = store_document_read(reader, column_slice(row, 1), key, arena, &document, &reject);
    struct post_name name = store_post_name(read ? &document : NULL, key);
    add(list, name, key);
    list->stored++;
    arena_reset(arena, ARENA_BLOCK_BYTES);
}

static bool take_rows(struct forget_list *list, struct database *database, sqlite3_stmt *rows,
                      struct error *err) {
    struct store_reader *reader = store_reader_create();
    struct arena arena;
    bool row = true, good = true;
    arena_init(&arena);
    while (good && row) {
        good = database_step(database, rows, &row, err);
        if (good && row) take_row(list, reader, rows, &arena);
    }
    arena_free(&arena);
    store_reader_destroy(reader);
    return good;
}

static sqlite3_stmt *prepare(struct database *database, const struct forget_subject *subject,
                             struct arena *arena, struct error *err) {
    if (subject->author) return store_author_rows(database, subject->id, arena, err);
    sqlite3_stmt *rows =
        database_prepare(database, "SELECT id, document FROM post WHERE id = ?1", err);
    if (rows) bind_slice(rows, 1, subject->id);
    return rows;
}

bool forget_gather_stored(struct forget_list *list, const struct forget_subject *subject,
                          const char *path, struct error *err) {
    struct database database;
    if (!database_open(&database, path, &store_format, DATABASE_READ, err)) return false;
    sqlite3_stmt *rows = prepare(&database, subject, &list->arena, err);
    bool good = rows && take_rows(list, &database, rows, err);
    sqlite3_finalize(rows);
    database_close(&database);
    return good;
}

/* ---- dead letters ---- */

struct letters {
    struct forget_list *list;
    const struct forget_subject *subject;
    const struct snapshot *snapshot;
    struct projector *projector;
    struct arena arena;
};

static void take_letter(void *context, const struct dead_letter *letter) {
    struct letters *letters = context;
    struct forget_list *list = letters->list;
    struct record_place place = { .source = letter->source };
    struct message message = { .raw = json_padded(&letters->arena, letter->raw) };
    (void)!message_read(letters->snapshot->dialects, letters->projector, &place, &message,
                        &letters->arena);
    bool known = message.kind != MESSAGE_MALFORMED && message.kind != MESSAGE_CONTROL;
    struct post_name name = { message.network, message.id };
    bool meant =
        letters->subject->author
            ? known && slice_equal(message.author.id, letters->subject->id)
            : slice_equal(letter->key, letters->subject->id) || (known && is_listed(list, &name));
    if (meant) {
        if (list->letter_count == list->letter_room) {
            list->letter_room = list->letter_room ? list->letter_room * 2 : 64;
            list->letters = memory_resize(list->letters, list->letter_room * sizeof(int64_t));
        }
        list->letters[list->letter_count++] = letter->number;
        if (known && !is_listed(list, &name)) add(list, name, SLICE(""));
    }
    arena_reset(&letters->arena, ARENA_BLOCK_BYTES);
}

bool forget_gather_letters(struct forget_list *list, const struct forget_subject *subject,
                           const char *folder, const struct snapshot *snapshot, struct error *err) {
    char path[4096];
    struct os_info info;
    struct dead_letters dead;
    size_t count;
    snprintf(path, sizeof path, "%.4000s/" DEAD_LETTERS_FILE, folder);
    if (!os_stat(path, &info) || info.kind == OS_MISSING) return true;
    if (!dead_letters_open(&dead, path, DATABASE_READ, err)) return false;
    struct letters letters = { .list = list,
                               .subject = subject,
                               .snapshot = snapshot,
                               .projector = projector_create(snapshot->projection) };
    arena_init(&letters.arena);
    bool good = dead_letters_each(&dead, 0, take_letter, &letters, &count, err);
    arena_free(&letters.arena);
    projector_destroy(letters.projector);
    dead_letters_close(&dead);
    return good;
}

bool forget_gather_named(struct forget_list *list, const struct forget_subject *subject) {
    struct post_name name;
    if (list->count > 0) return true;
    if (!post_name_of(subject->id, &name)) return false;
    add(list, name, SLICE(""));
    return true;
}
