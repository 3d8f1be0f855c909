/* x/memory.h: "x2 HEARD UNTIL WAIT DROPS NETWORK SERVER KEYS LAST QUIET", DAY POSTS and
 * MONTH POSTS twice each, how many gaps there are, and of each FROM TO SINCE QUERY UNTIL GIVEN
 * POSTS. */
#include "x/memory.h"
#include "base/date.h"
#include <stdio.h>
#include <stdlib.h>

#define DAY_MS INT64_C(86400000)
#define LONGEST_WAIT_MS (32 * DAY_MS)
#define MOST_BYTES 2048
#define FIXED 18 /* numbers that are always there */
#define MOST_NUMBERS (FIXED + 7 * X_MOST_GAPS)

struct slice x_memory_write(const struct x_memory *memory, struct arena *arena) {
    const struct ladder *ladder = &memory->ladder;
    const struct x_count *day = memory->read.day, *month = memory->read.month;
    struct slice text = arena_format(
        arena,
        "x2 %lld %lld %lld %u %u %u %u %llu %lld %lld %llu %lld %llu %lld %llu %lld %llu %zu",
        (long long)memory->heard_ms, (long long)memory->until_ms, (long long)memory->wait_ms,
        ladder->drops, ladder->network_ms, ladder->server_ms, memory->keys,
        (unsigned long long)memory->last_id, (long long)memory->quiet_ms, (long long)day[0].period,
        (unsigned long long)day[0].posts, (long long)day[1].period,
        (unsigned long long)day[1].posts, (long long)month[0].period,
        (unsigned long long)month[0].posts, (long long)month[1].period,
        (unsigned long long)month[1].posts, memory->gaps.count);
    for (size_t i = 0; i < memory->gaps.count; i++) {
        const struct x_gap *gap = &memory->gaps.items[i];
        text = arena_format(arena, "%.*s %lld %lld %llu %llu %llu %lld %llu", SLICE_ARGS(text),
                            (long long)gap->from_ms, (long long)gap->to_ms,
                            (unsigned long long)gap->since_id, (unsigned long long)gap->query,
                            (unsigned long long)gap->until_id, (long long)gap->given_ms,
                            (unsigned long long)gap->posts);
    }
    return text;
}

/* Numbers behind a version's two letters; -1: there is something else, too. */
static int read_numbers(struct slice text, const char *version, uint64_t *numbers, int most) {
    char copy[MOST_BYTES], *at = copy + 2, *end;
    int count = 0;
    if (text.length < 2 || text.length >= sizeof copy || !slice_starts(text, slice_of(version)))
        return -1;
    memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    for (; *at; at = end) {
        bool negative = at[0] == ' ' && at[1] == '-';
        if (at[0] != ' ' || count == most) return -1;
        numbers[count++] = negative ? 0 : strtoull(at, &end, 10);
        if (negative) strtoll(at, &end, 10);
        if (end == at) return -1;
    }
    return count;
}

static int64_t moment(uint64_t number, int64_t now_ms) {
    return (int64_t)MIN(number, (uint64_t)MAX(now_ms, INT64_C(0)));
}

static void take_wait(struct x_memory *memory, uint64_t until_ms, uint64_t wait_ms,
                      const uint64_t *ladder, int64_t now_ms) {
    memory->wait_ms = (int64_t)MIN(wait_ms, (uint64_t)LONGEST_WAIT_MS);
    if (until_ms > (uint64_t)MAX(now_ms, INT64_C(0)))
        memory->until_ms = (int64_t)MIN(until_ms, (uint64_t)(now_ms + memory->wait_ms));
    memory->ladder =
        (struct ladder){ (uint32_t)ladder[0], (uint32_t)ladder[1], (uint32_t)ladder[2] };
}

static struct x_count count_of(const uint64_t *numbers) {
    return (struct x_count){ (int64_t)MIN(numbers[0], (uint64_t)INT32_MAX), numbers[1] };
}

/* What linnet wrote that remembered one gap: "x1 HEARD GAP UNTIL WAIT DROPS NETWORK SERVER DAY
 * POSTS MONTH POSTS". */
static bool read_first(struct slice text, int64_t now_ms, struct x_memory *memory) {
    uint64_t numbers[11];
    if (read_numbers(text, "x1", numbers, 11) != 11) return false;
    memory->heard_ms = moment(numbers[0], now_ms);
    if (numbers[1]) x_gaps_begin(&memory->gaps, moment(numbers[1], now_ms), 0);
    take_wait(memory, numbers[2], numbers[3], numbers + 4, now_ms);
    memory->read.day[0] = count_of(numbers + 7);
    memory->read.month[0] = count_of(numbers + 9);
    return true;
}

static struct x_gap gap_of(const uint64_t *numbers, int64_t now_ms) {
    return (struct x_gap){ .from_ms = moment(numbers[0], now_ms),
                           .to_ms = moment(numbers[1], now_ms),
                           .since_id = numbers[2],
                           .query = numbers[3],
                           .until_id = numbers[4],
                           .given_ms = moment(numbers[5], now_ms),
                           .posts = numbers[6] };
}

bool x_memory_read(struct slice text, int64_t now_ms, struct x_memory *memory) {
    uint64_t numbers[MOST_NUMBERS];
    *memory = (struct x_memory){ 0 };
    int count = read_numbers(text, "x2", numbers, MOST_NUMBERS);
    if (count < 0) return read_first(text, now_ms, memory);
    if (count < FIXED || numbers[FIXED - 1] > X_MOST_GAPS ||
        (uint64_t)count != FIXED + 7 * numbers[FIXED - 1])
        return false;
    memory->heard_ms = moment(numbers[0], now_ms);
    take_wait(memory, numbers[1], numbers[2], numbers + 3, now_ms);
    memory->keys = (uint32_t)numbers[6];
    memory->last_id = numbers[7];
    memory->quiet_ms = moment(numbers[8], now_ms);
    for (int i = 0; i < 2; i++) {
        memory->read.day[i] = count_of(numbers + 9 + 2 * i);
        memory->read.month[i] = count_of(numbers + 13 + 2 * i);
    }
    memory->gaps.count = (size_t)numbers[FIXED - 1];
    for (size_t i = 0; i < memory->gaps.count; i++)
        memory->gaps.items[i] = gap_of(numbers + FIXED + 7 * i, now_ms);
    return true;
}

static int64_t month_of(int64_t ms) {
    char text[DATE_BYTES];
    date_write(ms, text);
    text[4] = text[7] = '\0';
    return strtol(text, NULL, 10) * 12 + strtol(text + 5, NULL, 10) - 1 - 1970 * 12;
}

static void count_move(struct x_count count[2], int64_t period) {
    struct x_count was = count[0];
    if (period == was.period) return;
    if (period < MIN(was.period, count[1].period)) return; /* it goes on as it was later */
    count[0] = count[1].period == period ? count[1] : (struct x_count){ .period = period };
    if (period < was.period) count[0].posts += was.posts;
    count[1] = was;
}

/* A clock that was set back comes to the later period again. */
static void count_add(struct x_count count[2], uint64_t posts) {
    count[0].posts += posts;
    if (count[1].period > count[0].period) count[1].posts += posts;
}

void x_read_add(struct x_read *read, uint64_t posts, int64_t now_ms) {
    count_move(read->day, now_ms / DAY_MS);
    count_move(read->month, month_of(now_ms));
    count_add(read->day, posts);
    count_add(read->month, posts);
}
