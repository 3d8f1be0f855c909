/* Counts by value or time while they are gathered: a table of open addresses. One thread's. */
#ifndef SEARCH_TALLY_H
#define SEARCH_TALLY_H

#include "search/stats.h"

struct tally {
    struct tally_row {
        int64_t number; /* of the value in rollup_value, or a time; in its place a hash */
        struct slice value;
        struct stats_counts counts;
    } *rows; /* heap */
    size_t count;
    uint32_t *slots; /* numbers of rows from 1; 0 = free */
    size_t capacity; /* of `slots`: a power of two, at least twice the rows */
    size_t room;
};

void tally_free(struct tally *tally);
/* The counts of a number, zeroed when they are new; `value` is kept with a new one. Valid until the
 * next call. */
struct stats_counts *tally_of(struct tally *tally, int64_t number, struct slice value);
/* The same by text, which is copied into the arena when it is new. */
struct stats_counts *tally_of_text(struct tally *tally, struct slice value, struct arena *arena);
/* The `first` greatest come first, in order, equals by text and number; the others in none. */
void tally_sort(struct tally *tally, size_t first);
/* By number. */
void tally_sort_times(struct tally *tally);
void counts_add(struct stats_counts *to, const struct stats_counts *counts);

#endif
