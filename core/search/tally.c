/* search/tally.h */
#include "search/tally.h"
#include "base/alloc.h"
#include "base/hash.h"
#include <stdlib.h>

void tally_free(struct tally *tally) {
    memory_free(tally->rows);
    memory_free(tally->slots);
    *tally = (struct tally){ 0 };
}

/* Roll-ups come in the order of their values' numbers: neighbours stay so, and with them the memory
 * that is touched. Times are whole steps, whose low bits tell nothing. */
static size_t home_of(int64_t number) {
    uint64_t bits = (uint64_t)number;
    return bits ^ bits >> 7 ^ bits >> 20;
}

/* The slot of that number and text, or the free one where it goes. */
static uint32_t *find_slot(const struct tally *tally, int64_t number, struct slice value) {
    size_t mask = tally->capacity - 1;
    for (size_t at = home_of(number) & mask;; at = (at + 1) & mask) {
        uint32_t row = tally->slots[at];
        if (row == 0 || (tally->rows[row - 1].number == number &&
                         slice_equal(tally->rows[row - 1].value, value)))
            return &tally->slots[at];
    }
}

static void grow(struct tally *tally) {
    tally->room = tally->room ? tally->room * 2 : 256;
    tally->capacity = tally->room * 2;
    tally->rows = memory_resize(tally->rows, tally->room * sizeof *tally->rows);
    memory_free(tally->slots);
    tally->slots = memory_zeroed(tally->capacity, sizeof *tally->slots);
    for (size_t i = 0; i < tally->count; i++)
        *find_slot(tally, tally->rows[i].number, tally->rows[i].value) = (uint32_t)i + 1;
}

struct stats_counts *tally_of(struct tally *tally, int64_t number, struct slice value) {
    if (tally->count == tally->room) grow(tally);
    uint32_t *slot = find_slot(tally, number, value);
    if (*slot == 0) {
        tally->rows[tally->count++] = (struct tally_row){ .number = number, .value = value };
        *slot = (uint32_t)tally->count;
    }
    return &tally->rows[*slot - 1].counts;
}

struct stats_counts *tally_of_text(struct tally *tally, struct slice value, struct arena *arena) {
    int64_t hash = (int64_t)hash_bytes(value);
    size_t before = tally->count;
    struct stats_counts *counts = tally_of(tally, hash, value);
    if (tally->count > before) tally->rows[before].value = arena_copy(arena, value);
    return counts;
}

static int compare_text(struct slice a, struct slice b) {
    size_t length = MIN(a.length, b.length);
    int order = length ? memcmp(a.data, b.data, length) : 0;
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

static int compare_times(const void *a, const void *b) {
    const struct tally_row *left = a, *right = b;
    return (left->number > right->number) - (left->number < right->number);
}

static int compare_counts(const void *a, const void *b) {
    const struct tally_row *left = a, *right = b;
    if (left->counts.posts != right->counts.posts)
        return left->counts.posts > right->counts.posts ? -1 : 1;
    int order = compare_text(left->value, right->value);
    return order ? order : compare_times(a, b);
}

/* They lead to other rows now. */
static void drop_slots(struct tally *tally) {
    memory_free(tally->slots);
    tally->slots = NULL;
    tally->capacity = tally->room = 0;
}

/* Puts rows[at] in its place among the sorted ones before `at`, the last of which takes its. */
static void move_up(struct tally_row *rows, size_t last, size_t at) {
    struct tally_row row = rows[at];
    rows[at] = rows[last];
    for (; last > 0 && compare_counts(&row, &rows[last - 1]) < 0; last--)
        rows[last] = rows[last - 1];
    rows[last] = row;
}

/* More than so many are sorted with all others. */
#define FEW_FIRST 1000

void tally_sort(struct tally *tally, size_t first) {
    struct tally_row *rows = tally->rows;
    drop_slots(tally);
    if (first == 0) return;
    bool few = first < tally->count && first <= FEW_FIRST;
    qsort(rows, few ? first : tally->count, sizeof *rows, compare_counts);
    for (size_t i = first; few && i < tally->count; i++)
        if (compare_counts(&rows[i], &rows[first - 1]) < 0) move_up(rows, first - 1, i);
}

void tally_sort_times(struct tally *tally) {
    drop_slots(tally);
    if (tally->count) qsort(tally->rows, tally->count, sizeof *tally->rows, compare_times);
}

void counts_add(struct stats_counts *to, const struct stats_counts *counts) {
    to->posts += counts->posts;
    to->scored += counts->scored;
    to->score_sum += counts->score_sum;
    for (size_t i = 0; i < STATS_LABELS; i++)
        to->by_label[i] += counts->by_label[i];
}
