/* search/search.h: from a query to candidates, and from each of these to the verdict. */
#include "base/alloc.h"
#include "base/clock.h"
#include "search/search_internal.h"

/* Between two looks at the clock; so many are looked at however late it is. */
#define EXAMINED_AT_A_TIME 64

/* ---- creating ---- */

static int64_t seconds_down(int64_t ms) { return ms == MOMENT_FIRST ? ms : store_seconds(ms); }
static int64_t seconds_up(int64_t ms) { return ms == MOMENT_LAST ? ms : store_seconds(ms + 999); }

/* Documents do not say whom a post answers or repeats: nothing found would not mean that there is
 * nothing. */
static bool refuse_unstored(const struct search *search, struct error *err) {
    size_t at = query_set_unstored(search->set, 0);
    if (at == SIZE_MAX) return true;
    error_set(err, ERROR_USAGE, "the store does not keep whom a post answers or repeats");
    error_locate(err, "query", search->question->query, at);
    return false;
}

static bool read_query(struct search *search, struct error *err) {
    struct query_source source = { "query", search->question->query, QUERY_SEARCH_LANGUAGE };
    size_t bad_query, bad_offset;
    if (source.text.length == 0) return true;
    search->set = query_set_create(&source, 1, &bad_query, &bad_offset, err);
    if (search->set == NULL) {
        err->kind = ERROR_USAGE;
        return false;
    }
    search->scratch = query_scratch_create(search->set);
    search->narrow = query_set_narrow(search->set, 0, true, &search->arena);
    search->narrow_page = query_set_narrow(search->set, 0, false, &search->arena);
    search->asks_traits = query_set_asks_traits(search->set, 0);
    return refuse_unstored(search, err);
}

static bool prepare(struct search *search, struct error *err) {
#define TERMS "SELECT rowid FROM post_terms WHERE post_terms MATCH ?1"
    struct {
        sqlite3_stmt **statement;
        const char *sql;
    } all[] = {
        { &search->row, "SELECT id, document, traits, label, score FROM post WHERE number = ?1" },
        { &search->terms, TERMS " LIMIT ?2" },
        { &search->terms_between, TERMS " AND rowid BETWEEN ?2 AND ?3" },
        { &search->created, "SELECT created_s FROM post WHERE number = ?1" },
        { &search->same, "SELECT number, created_s FROM post WHERE created_s = ?1 AND number < ?2"
                         " ORDER BY number DESC LIMIT ?3" },
        { &search->before, "SELECT number, created_s FROM post WHERE created_s >= ?1 AND created_s "
                           "< ?2 ORDER BY created_s DESC, number DESC LIMIT ?3" },
    };
#undef TERMS
    for (size_t i = 0; i < LENGTH(all); i++) {
        *all[i].statement = database_prepare(&search->stored->database, all[i].sql, err);
        if (*all[i].statement == NULL) return false;
    }
    bind_slice(search->terms, 1, search->narrow);
    bind_slice(search->terms_between, 1, search->narrow_page);
    return true;
}

struct search *search_create(struct stored *stored, const struct search_question *question,
                             struct error *err) {
    struct search *search = memory_zeroed(1, sizeof *search);
    search->stored = stored;
    search->question = question;
    arena_init(&search->arena);
    arena_init(&search->page_arena);
    search->reader = store_reader_create();
    search->since_s = seconds_down(question->span.since_ms);
    search->until_s = seconds_up(question->span.until_ms);
    if (read_query(search, err) && prepare(search, err)) return search;
    search_destroy(search);
    return NULL;
}

void search_destroy(struct search *search) {
    sqlite3_stmt *statements[] = { search->row,     search->terms, search->terms_between,
                                   search->created, search->same,  search->before };
    for (size_t i = 0; i < LENGTH(statements); i++)
        sqlite3_finalize(statements[i]);
    memory_free(search->few.items);
    store_reader_destroy(search->reader);
    query_scratch_destroy(search->scratch);
    query_set_destroy(search->set);
    arena_free(&search->arena);
    arena_free(&search->page_arena);
    memory_free(search);
}

/* ---- running ---- */

bool search_is_late(const struct search *search) {
    return search->end_ns && clock_monotonic_ns() >= search->end_ns;
}

/* What has been found on a page: told when no statement is open any more. */
struct finds {
    struct found_post *items;
    size_t count;
};

static const struct slice *marks_of(const struct query_reason *reasons, size_t count,
                                    struct arena *arena) {
    struct slice *marked = arena_alloc(arena, (count + 1) * sizeof *marked);
    for (size_t i = 0; i < count; i++)
        marked[i] = reasons[i].matched;
    return marked;
}

/* Whether its columns leave that open: the document need not be read. */
static bool may_hold(struct search *search, sqlite3_stmt *row) {
    struct message message = { .label = column_slice(row, 3),
                               .scored = sqlite3_column_type(row, 4) == SQLITE_FLOAT,
                               .score = sqlite3_column_double(row, 4) };
    return search->set == NULL || query_set_may_hold(search->set, 0, &message, &search->page_arena);
}

/* Whether the row is one; then it is in `post`. */
static bool examine(struct search *search, sqlite3_stmt *row, struct found_post *post) {
    struct arena *arena = &search->page_arena, mark = *arena;
    struct slice reject;
    search->outcome->examined++;
    if (!may_hold(search, row)) return false;
    struct store_document *document = arena_alloc(arena, sizeof *document);
    *post = (struct found_post){ .key = arena_copy(arena, column_slice(row, 0)),
                                 .bytes = arena_copy(arena, column_slice(row, 1)),
                                 .document = document };
    search->outcome->untold += search->asks_traits && sqlite3_column_type(row, 2) == SQLITE_NULL;
    bool read =
        store_document_read(search->reader, post->bytes, post->key, arena, document, &reject);
    if (read && search->set) {
        struct message *message = &document->message;
        message->traits |= (uint32_t)sqlite3_column_int64(row, 2);
        message->query_names = document->queries;
        const struct query_reason *reasons =
            query_set_explain(search->set, search->scratch, message, arena, &post->marked_count);
        post->marked = marks_of(reasons, post->marked_count, arena);
        read = message->query_count > 0;
    }
    if (!read) arena_rewind(arena, mark);
    return read;
}

static bool look_at(struct search *search, const struct candidate *candidate, struct finds *finds,
                    struct error *err) {
    bool row;
    sqlite3_bind_int64(search->row, 1, candidate->number);
    if (!database_step(&search->stored->database, search->row, &row, err)) return false;
    if (row && examine(search, search->row, &finds->items[finds->count])) finds->count++;
    sqlite3_reset(search->row);
    return true;
}

/* Whether there is room for one more; else why the search ends. */
static bool goes_on(struct search *search, const struct finds *finds, size_t at,
                    int64_t created_s) {
    struct search_outcome *outcome = search->outcome;
    uint64_t limit = search->question->limit;
    if (limit && outcome->found + finds->count >= limit) {
        outcome->cut = true;
    } else if (at % EXAMINED_AT_A_TIME == EXAMINED_AT_A_TIME - 1 && search_is_late(search)) {
        outcome->partial = true;
        outcome->until_s = created_s + 1;
    }
    return !outcome->cut && !outcome->partial;
}

static bool examine_page(struct search *search, const struct candidates *page, struct finds *finds,
                         struct error *err) {
    bool good = true;
    finds->items = arena_alloc(&search->page_arena, (page->count + 1) * sizeof *finds->items);
    for (size_t i = 0; good && i < page->count; i++) {
        if (!goes_on(search, finds, i, page->items[i].created_s)) {
            search->done = true;
            break;
        }
        good = look_at(search, &page->items[i], finds, err);
    }
    return good;
}

/* The candidates of the next page, newest first; none when all were there. */
static bool next_page(struct search *search, struct candidates *page, struct error *err) {
    if (search->walks) return search_walk(search, page, err);
    *page =
        (struct candidates){ search->few.items + search->few_next,
                             MIN(search->few.count - search->few_next, (size_t)FIRST_CANDIDATES) };
    search->few_next += page->count;
    search->done = page->count == 0;
    return true;
}

/* One look at the store for all of a page: a lock for every row would take longer than the rows. */
static bool within_a_read(struct search *search,
                          bool (*work)(struct search *search, void *context, struct error *err),
                          void *context, struct error *err) {
    struct database *database = &search->stored->database;
    bool good = database_run(database, "BEGIN", err) && work(search, context, err) &&
                database_run(database, "COMMIT", err);
    if (!good) database_roll_back(database);
    return good;
}

static bool gather(struct search *search, void *unused, struct error *err) {
    (void)unused;
    return search_gather(search, err);
}

static bool find_on_page(struct search *search, void *finds, struct error *err) {
    struct candidates page = { 0 };
    return next_page(search, &page, err) && examine_page(search, &page, finds, err);
}

bool search_run(struct search *search, void (*each)(void *context, const struct found_post *post),
                void *context, struct search_outcome *outcome, struct error *err) {
    uint64_t budget_ms = search->question->budget_ms;
    *outcome = (struct search_outcome){ 0 };
    search->outcome = outcome;
    search->end_ns = budget_ms ? clock_monotonic_ns() + budget_ms * 1000000 : 0;
    if (!within_a_read(search, gather, NULL, err)) return false;
    while (!search->done) {
        struct finds finds = { 0 };
        arena_reset(&search->page_arena, 16 * ARENA_BLOCK_BYTES);
        if (!within_a_read(search, find_on_page, &finds, err)) return false;
        for (size_t i = 0; i < finds.count; i++)
            each(context, &finds.items[i]);
        outcome->found += finds.count;
    }
    return true;
}
