/* flow/forget.h while no pipeline runs: processed as one would, and appended to its spool. */
#include "base/alloc.h"
#include "base/clock.h"
#include "config/snapshot.h"
#include "flow/forget.h"
#include "flow/process.h"
#include "flow/release.h"
#include "flow/source_state.h"

struct later {
    const struct snapshot *snapshot;
    struct spool *spool;
    struct releaser *releaser;
    struct processor *processor;
    struct source_states states;
    struct batch *batch;
    struct buffer group;
};

static void know(void *context, const struct known_id *id) { releaser_know(context, id); }

static bool take_up(struct later *later, const char *folder, struct error *err) {
    struct slice state = spool_state(later->spool);
    if (state.length && !source_states_read(&later->states, state))
        return error_set(err, ERROR_FAILED, "%.400s/spool: its state cannot be read", folder);
    releaser_start(later->releaser, spool_end(later->spool));
    return spool_ids(later->spool, know, later->releaser, err);
}

static void fill(struct batch *batch, const struct post_name *posts, size_t count) {
    batch->forget = true;
    batch->received_ms = clock_wall_ms();
    batch->place = (struct record_place){ .source = SLICE(FORGET_SOURCE) };
    for (size_t i = 0; i < count; i++)
        (void)batch_add(batch, forget_record(FORGET_POST, &posts[i], &batch->arena), i);
}

static bool put_group(struct later *later, const struct record *records, uint32_t count,
                      struct error *err) {
    struct buffer state;
    uint32_t seed = spool_seed(later->spool);
    bool put = true;
    buffer_init(&state, MAX_STATE_BYTES);
    source_states_write(&later->states, &state);
    struct commit commit = { .state = buffer_slice(&state) };
    later->group.length = 0;
    for (uint32_t i = 0; i < count; i++)
        put &= frame_put_record(&later->group, seed, &records[i]);
    put =
        put && frame_put_commit(&later->group, seed, spool_end(later->spool) + count - 1, &commit);
    buffer_free(&state);
    if (!put) return error_set(err, ERROR_FAILED, "the deletes are too long for the spool");
    return spool_append(later->spool, buffer_slice(&later->group), count, err) == SPOOL_STORED;
}

static bool put_batch(struct later *later, size_t *known, struct error *err) {
    struct source_sums *sums = &source_state_of(&later->states, SLICE(FORGET_SOURCE))->sums;
    struct batch *batch = later->batch;
    struct record *records;
    batch_process(later->processor, batch);
    for (uint32_t i = 0; i < batch->count; i++)
        *known += releaser_knows(later->releaser, batch->messages[i].key_hash);
    uint32_t count = batch_release(later->releaser, batch, sums, &records);
    return count == 0 || put_group(later, records, count, err);
}

static bool put_all(struct later *later, const struct post_name *posts, size_t count, size_t *known,
                    struct error *err) {
    bool good = true;
    for (size_t at = 0; at < count && good; at += BATCH_MESSAGES) {
        later->batch->snapshot = later->snapshot;
        fill(later->batch, posts + at, MIN(count - at, (size_t)BATCH_MESSAGES));
        good = put_batch(later, known, err);
        batch_reset(later->batch);
    }
    return good;
}

bool forget_for_later(const struct snapshot *snapshot, const char *folder,
                      const struct post_name *posts, size_t count, size_t *known,
                      struct error *err) {
    struct later later = { .snapshot = snapshot,
                           .spool = spool_open(&(struct spool_options){ .folder = folder }, err) };
    *known = 0;
    if (later.spool == NULL) return false;
    later.releaser = releaser_create();
    later.processor = processor_create();
    later.batch = batch_create();
    buffer_init(&later.group, MAX_GROUP_BYTES);
    bool good = take_up(&later, folder, err) && put_all(&later, posts, count, known, err);
    buffer_free(&later.group);
    batch_destroy(later.batch);
    processor_destroy(later.processor);
    releaser_destroy(later.releaser);
    source_states_free(&later.states);
    spool_close(later.spool);
    return good;
}
