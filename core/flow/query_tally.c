/* flow/query_tally.h */
#include "flow/query_tally.h"
#include "base/alloc.h"
#include "base/hash.h"
#include <stdio.h>

static enum mood mood_of(struct slice label) {
    for (enum mood mood = NEGATIVE; mood < OTHER_MOOD; mood++)
        if (slice_is(label, mood_names[mood])) return mood;
    return OTHER_MOOD;
}

/* ---- names that stay ---- */

/* Places of old sums by name; 0: free, else the number of the sums, from 1. */
struct places {
    uint32_t *numbers;
    size_t mask;
};

static uint32_t *place_of(const struct places *places, const struct query_sums *sums,
                          const char *name) {
    size_t at = hash_bytes(slice_of(name)) & places->mask;
    while (places->numbers[at] && !slice_is(slice_of(name), sums[places->numbers[at] - 1].name))
        at = (at + 1) & places->mask;
    return &places->numbers[at];
}

static struct places places_create(const struct query_tally *tally) {
    size_t size = 2;
    while (size < 2 * tally->count)
        size *= 2;
    struct places places = { memory_zeroed(size, sizeof(uint32_t)), size - 1 };
    for (size_t i = 0; i < tally->count; i++)
        *place_of(&places, tally->sums, tally->sums[i].name) = (uint32_t)i + 1;
    return places;
}

void query_tally_adopt(struct query_tally *tally, const struct snapshot *snapshot) {
    size_t queries = query_set_count(snapshot->queries), count = MAX(queries, (size_t)1);
    struct query_sums *sums = memory_zeroed(count, sizeof *sums);
    struct places places = places_create(tally);
    for (size_t i = 0; i < count; i++) {
        const char *name = queries ? snapshot->query_names[i] : "everything";
        snprintf(sums[i].name, sizeof sums[i].name, "%s", name);
        uint32_t old = *place_of(&places, tally->sums, sums[i].name);
        if (old) sums[i] = tally->sums[old - 1];
    }
    memory_free(places.numbers);
    memory_free(tally->sums);
    *tally = (struct query_tally){ sums, count };
}

/* ---- counting ---- */

static void count(struct query_sums *sums, const struct message *message, enum mood mood) {
    sums->matched++;
    sums->by_mood[mood]++;
    sums->last_ms = message->received_ms;
    if (!message->scored) return;
    sums->scored++;
    sums->score += message->score;
}

void query_tally_add(struct query_tally *tally, const struct batch *batch) {
    bool any = query_set_count(batch->snapshot->queries) == 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        const struct message *message = &batch->messages[i];
        if (message->outcome != OUTCOME_KEPT || message->kind != MESSAGE_POST) continue;
        enum mood mood = mood_of(message->label);
        if (any) count(&tally->sums[0], message, mood);
        for (uint32_t q = 0; q < message->query_count; q++)
            count(&tally->sums[message->queries[q]], message, mood);
    }
}

void query_tally_free(struct query_tally *tally) { memory_free(tally->sums); }
