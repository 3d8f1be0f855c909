/* x/gap.h */
#include "x/gap.h"
#include "base/compiler.h"

#define MOST_DIGITS 19

void x_gaps_begin(struct x_gaps *gaps, int64_t from_ms, uint64_t since_id) {
    struct x_gap *last = gaps->count ? &gaps->items[gaps->count - 1] : NULL;
    if (last && last->to_ms == 0) return;
    if (gaps->count == X_MOST_GAPS)
        *last = (struct x_gap){ .from_ms = last->from_ms,
                                .since_id = last->since_id,
                                .posts = last->posts };
    else
        gaps->items[gaps->count++] = (struct x_gap){ .from_ms = from_ms, .since_id = since_id };
}

void x_gaps_end(struct x_gaps *gaps, int64_t to_ms, int64_t least_ms) {
    struct x_gap *last = gaps->count ? &gaps->items[gaps->count - 1] : NULL;
    if (last == NULL || last->to_ms) return;
    last->to_ms = MAX(to_ms, last->from_ms);
    if (last->to_ms - last->from_ms < least_ms) gaps->count--;
}

struct x_gap *x_gaps_find(struct x_gaps *gaps, int64_t from_ms) {
    for (size_t i = 0; i < gaps->count; i++)
        if (gaps->items[i].from_ms == from_ms) return &gaps->items[i];
    return NULL;
}

void x_gaps_remove(struct x_gaps *gaps, const struct x_gap *gap) {
    size_t at = (size_t)(gap - gaps->items);
    gaps->count--;
    memmove(gaps->items + at, gaps->items + at + 1, (gaps->count - at) * sizeof gaps->items[0]);
}

uint64_t x_id_read(struct slice digits) {
    uint64_t id = 0;
    if (digits.length == 0 || digits.length > MOST_DIGITS) return 0;
    for (size_t i = 0; i < digits.length; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9') return 0;
        id = id * 10 + (uint64_t)(digits.data[i] - '0');
    }
    return id;
}
