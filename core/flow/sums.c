/* flow/sums.h: the one table of names. */
#include "flow/sums.h"
#include <stdio.h>

#define PART(of, member) { .name = #member, .offset = offsetof(struct of, member) }

const struct sum_part source_parts[SOURCE_PARTS] = {
    PART(source_sums, received),  PART(source_sums, control),  PART(source_sums, malformed),
    PART(source_sums, duplicate), PART(source_sums, filtered), PART(source_sums, spooled),
};

const struct sum_part reader_parts[READER_PARTS] = {
    PART(reader_sums, spooled),
    PART(reader_sums, delivered),
    PART(reader_sums, dead),
    PART(reader_sums, dropped),
    PART(reader_sums, pending),
    { .name = "damaged", .offset = offsetof(struct reader_sums, damaged), .rare = true },
};

const char *const mood_names[MOODS] = { "negative", "neutral", "positive", "other" };

struct reader_sums reader_sums_of(const char *name, const struct log_counts *counts) {
    return (struct reader_sums){ .name = name,
                                 .spooled = counts->spooled,
                                 .delivered = counts->delivered,
                                 .dead = counts->dead,
                                 .dropped = counts->dropped,
                                 .damaged = counts->damaged,
                                 .pending = log_counts_pending(counts) };
}

uint64_t sum_value(const void *sums, const struct sum_part *part) {
    return *(const uint64_t *)((const char *)sums + part->offset);
}

void sum_set(void *sums, const struct sum_part *part, uint64_t value) {
    *(uint64_t *)((char *)sums + part->offset) = value;
}

static void parts_print(const void *sums, const struct sum_part *parts, size_t count, char *out,
                        size_t size) {
    size_t length = 0;
    for (size_t i = 0; i < count && length < size; i++) {
        uint64_t value = sum_value(sums, &parts[i]);
        if (parts[i].rare && value == 0) continue;
        const char *sign = i == 0 ? "" : i == 1 ? " = " : " + ";
        int written = snprintf(out + length, size - length, "%s%s %llu", sign, parts[i].name,
                               (unsigned long long)value);
        length += (size_t)MAX(written, 0);
    }
}

void source_sums_print(const struct source_sums *sums, char *out, size_t size) {
    parts_print(sums, source_parts, SOURCE_PARTS, out, size);
}

void reader_sums_print(const struct reader_sums *sums, char *out, size_t size) {
    parts_print(sums, reader_parts, READER_PARTS, out, size);
}
