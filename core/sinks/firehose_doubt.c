/* sinks/firehose_doubt.h */
#include "sinks/firehose_doubt.h"

static size_t find(const struct firehose_doubts *doubts, uint64_t sequence) {
    size_t i = 0;
    while (i < doubts->count && doubts->items[i].sequence != sequence)
        i++;
    return i;
}

bool firehose_is_doubted(const struct firehose_doubts *doubts, uint64_t sequence) {
    return find(doubts, sequence) < doubts->count;
}

static void forget(struct firehose_doubts *doubts, size_t i) {
    doubts->items[i] = doubts->items[--doubts->count];
}

void firehose_doubt_end(struct firehose_doubts *doubts, uint64_t sequence) {
    size_t i = find(doubts, sequence);
    if (i < doubts->count) forget(doubts, i);
}

static void forget_settled(struct firehose_doubts *doubts, uint64_t settled) {
    for (size_t i = doubts->count; i-- > 0;)
        if (doubts->items[i].sequence < settled) forget(doubts, i);
}

bool firehose_doubt(struct firehose_doubts *doubts, uint64_t sequence, bool alone, uint32_t kept,
                    uint32_t failed, uint64_t settled) {
    size_t i = find(doubts, sequence);
    if (i == doubts->count) {
        if (doubts->count == FIREHOSE_MOST_DOUBTS) forget_settled(doubts, settled);
        if (doubts->count == FIREHOSE_MOST_DOUBTS) return false;
        i = doubts->count++;
        doubts->items[i] = (struct firehose_doubt){ sequence, doubts->kept, doubts->failed, 0 };
    }
    struct firehose_doubt *doubt = &doubts->items[i];
    uint64_t all_kept = doubts->kept + kept, all_failed = doubts->failed + failed;
    bool counts =
        alone && all_kept - doubt->kept >= (all_failed - doubt->failed) * FIREHOSE_KEPT_BESIDE;
    if (!counts) return false;
    doubt->kept = all_kept;
    doubt->failed = all_failed;
    if (++doubt->tries < FIREHOSE_MOST_TRIES) return false;
    forget(doubts, i);
    return true;
}
