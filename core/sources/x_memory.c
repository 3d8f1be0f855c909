/* sources/x_memory.h: "x1 HEARD GAP UNTIL WAIT DROPS NETWORK SERVER DAY POSTS MONTH POSTS" */
#include "sources/x_memory.h"
#include "base/date.h"
#include <stdio.h>
#include <stdlib.h>

#define DAY_MS INT64_C(86400000)
#define LONGEST_WAIT_MS (32 * DAY_MS)

struct slice x_memory_write(const struct x_memory *memory, struct arena *arena) {
    const struct ladder *ladder = &memory->ladder;
    const struct x_read *read = &memory->read;
    return arena_format(arena, "x1 %lld %lld %lld %lld %u %u %u %lld %llu %lld %llu",
                        (long long)memory->heard_ms, (long long)memory->gap_ms,
                        (long long)memory->until_ms, (long long)memory->wait_ms, ladder->drops,
                        ladder->network_ms, ladder->server_ms, (long long)read->day,
                        (unsigned long long)read->of_day, (long long)read->month,
                        (unsigned long long)read->of_month);
}

bool x_memory_read(struct slice text, int64_t now_ms, struct x_memory *memory) {
    struct ladder *ladder = &memory->ladder;
    struct x_read *read = &memory->read;
    long long heard_ms, gap_ms, until_ms, wait_ms, day, month;
    unsigned long long of_day, of_month;
    char copy[256];
    *memory = (struct x_memory){ 0 };
    if (text.length == 0 || text.length >= sizeof copy) return false;
    memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    int fields = sscanf(copy, "x1 %lld %lld %lld %lld %u %u %u %lld %llu %lld %llu", &heard_ms,
                        &gap_ms, &until_ms, &wait_ms, &ladder->drops, &ladder->network_ms,
                        &ladder->server_ms, &day, &of_day, &month, &of_month);
    if (fields != 11) {
        *memory = (struct x_memory){ 0 };
        return false;
    }
    memory->heard_ms = MAX(0, MIN(heard_ms, now_ms));
    memory->gap_ms = MAX(0, MIN(gap_ms, now_ms));
    memory->wait_ms = MAX(0, MIN(wait_ms, LONGEST_WAIT_MS));
    memory->until_ms = until_ms > now_ms ? MIN(until_ms, now_ms + memory->wait_ms) : 0;
    *read = (struct x_read){ day, month, of_day, of_month };
    return true;
}

static int64_t month_of(int64_t ms) {
    char text[DATE_BYTES];
    date_write(ms, text);
    text[4] = text[7] = '\0';
    return strtol(text, NULL, 10) * 12 + strtol(text + 5, NULL, 10) - 1 - 1970 * 12;
}

void x_read_add(struct x_read *read, uint64_t posts, int64_t now_ms) {
    int64_t day = now_ms / DAY_MS;
    if (day != read->day) {
        int64_t month = month_of(now_ms);
        if (month != read->month) read->of_month = 0;
        read->of_day = 0;
        read->day = day;
        read->month = month;
    }
    read->of_day += posts;
    read->of_month += posts;
}
