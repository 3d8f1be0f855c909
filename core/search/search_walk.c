/* search/search_internal.h: candidates by time, page by page. */
#include "search/search_internal.h"
#include <stdlib.h>

/* Numbers are given in the order of arrival, which mostly is that of time: then a page lies within
 * few numbers, and the index of terms is asked for just these. */
#define WIDEST 16 /* numbers a candidate */

static bool read_page(struct search *search, sqlite3_stmt *rows, struct candidates *page,
                      struct error *err) {
    bool row = true, good = true;
    sqlite3_bind_int64(rows, 3, (sqlite3_int64)(search->page_room - page->count));
    while (good && row) {
        good = database_step(&search->stored->database, rows, &row, err);
        if (good && row)
            page->items[page->count++] =
                (struct candidate){ sqlite3_column_int64(rows, 0), sqlite3_column_int64(rows, 1) };
    }
    sqlite3_reset(rows);
    return good;
}

/* First what is left of the second that the page before ended in. */
static bool next_by_time(struct search *search, struct candidates *page, struct error *err) {
    if (search->last.number) {
        sqlite3_bind_int64(search->same, 1, search->last.created_s);
        sqlite3_bind_int64(search->same, 2, search->last.number);
        if (!read_page(search, search->same, page, err)) return false;
    }
    if (page->count == search->page_room) return true;
    sqlite3_bind_int64(search->before, 1, search->since_s);
    sqlite3_bind_int64(search->before, 2, search->last.created_s);
    return read_page(search, search->before, page, err);
}

static int compare_numbers(const void *a, const void *b) {
    const int64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* Leaves those that have the terms; `numbers` are in ascending order. */
static void keep_those(struct candidates *page, const int64_t *numbers, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < page->count && count; i++)
        if (bsearch(&page->items[i].number, numbers, count, sizeof *numbers, compare_numbers))
            page->items[kept++] = page->items[i];
    page->count = kept;
}

static bool narrow_down(struct search *search, struct candidates *page, struct error *err) {
    int64_t lowest = INT64_MAX, highest = 0;
    for (size_t i = 0; i < page->count; i++) {
        lowest = MIN(lowest, page->items[i].number);
        highest = MAX(highest, page->items[i].number);
    }
    if (page->count == 0 || highest - lowest > (int64_t)(WIDEST * search->page_room)) return true;
    int64_t *numbers =
        arena_alloc(&search->page_arena, (size_t)(highest - lowest + 1) * sizeof *numbers);
    size_t count = 0;
    bool row = true, good = true;
    sqlite3_bind_int64(search->terms_between, 2, lowest);
    sqlite3_bind_int64(search->terms_between, 3, highest);
    while (good && row) {
        good = database_step(&search->stored->database, search->terms_between, &row, err);
        if (good && row) numbers[count++] = sqlite3_column_int64(search->terms_between, 0);
    }
    sqlite3_reset(search->terms_between);
    if (good) keep_those(page, numbers, count);
    return good;
}

bool search_walk(struct search *search, struct candidates *page, struct error *err) {
    search->page_room = MIN(MAX(search->page_room * 2, FIRST_CANDIDATES), PAGE_CANDIDATES);
    page->items = arena_alloc(&search->page_arena, search->page_room * sizeof *page->items);
    if (search_is_late(search) && search->last.number) {
        search->outcome->partial = search->done = true;
        search->outcome->until_s = search->last.created_s;
        return true;
    }
    if (!next_by_time(search, page, err)) return false;
    search->done = page->count < search->page_room;
    if (page->count) search->last = page->items[page->count - 1];
    return search->narrow_page.length == 0 || narrow_down(search, page, err);
}
