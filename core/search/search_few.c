/* search/search_internal.h: the candidates of a query of which the index of terms leaves few. */
#include "base/alloc.h"
#include "search/search_internal.h"
#include <stdlib.h>

/* SQLite's, between two looks at the clock. */
#define STEPS_AT_A_TIME 100

static int compare_newest(const void *a, const void *b) {
    const struct candidate *left = a, *right = b;
    if (left->created_s != right->created_s) return left->created_s > right->created_s ? -1 : 1;
    return left->number > right->number ? -1 : 1;
}

/* Its time, when that is one that is asked for. */
static bool date(struct search *search, struct candidate *candidate, bool *wanted,
                 struct error *err) {
    bool row;
    sqlite3_bind_int64(search->created, 1, candidate->number);
    if (!database_step(&search->stored->database, search->created, &row, err)) return false;
    *wanted = row && sqlite3_column_type(search->created, 0) != SQLITE_NULL;
    candidate->created_s = row ? sqlite3_column_int64(search->created, 0) : 0;
    *wanted = *wanted && candidate->created_s >= search->since_s &&
              candidate->created_s < search->until_s;
    sqlite3_reset(search->created);
    return true;
}

static bool read_numbers(struct search *search, struct candidates *few, struct error *err) {
    bool row = true, good = true;
    sqlite3_bind_int64(search->terms, 2, FEW_CANDIDATES + 1);
    while (good && row) {
        good = database_step(&search->stored->database, search->terms, &row, err);
        if (good && row) few->items[few->count++].number = sqlite3_column_int64(search->terms, 0);
    }
    sqlite3_reset(search->terms);
    return good;
}

static bool date_all(struct search *search, struct candidates *few, struct error *err) {
    size_t kept = 0;
    for (size_t i = 0; i < few->count; i++) {
        bool wanted;
        if (!date(search, &few->items[i], &wanted, err)) return false;
        if (wanted) few->items[kept++] = few->items[i];
    }
    few->count = kept;
    if (kept) qsort(few->items, kept, sizeof *few->items, compare_newest);
    return true;
}

static bool gather_few(struct search *search, struct error *err) {
    struct candidates *few = &search->few;
    if (!read_numbers(search, few, err)) return false;
    search->walks = few->count > FEW_CANDIDATES;
    return search->walks || date_all(search, few, err);
}

static int is_late(void *search) { return search_is_late(search); }

/* The index gathers all that a prefix stands for before it gives the first: SQLite itself has to
 * look at the clock. */
bool search_gather(struct search *search, struct error *err) {
    sqlite3 *handle = search->stored->database.handle;
    search->last = (struct candidate){ .created_s = search->until_s };
    search->walks = search->narrow.length == 0;
    if (search->walks) return true;
    search->few.items = memory_alloc((FEW_CANDIDATES + 1) * sizeof *search->few.items);
    sqlite3_progress_handler(handle, STEPS_AT_A_TIME, is_late, search);
    bool good = gather_few(search, err);
    bool late = !good && sqlite3_errcode(handle) == SQLITE_INTERRUPT;
    sqlite3_progress_handler(handle, 0, NULL, NULL);
    search->walks = search->walks || late;
    return good || late;
}
