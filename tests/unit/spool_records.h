/* Records made from their sequence, groups of them, and what a spool gives back of them. */
#ifndef UNIT_SPOOL_RECORDS_H
#define UNIT_SPOOL_RECORDS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka needs the four above it */
#include <cmocka.h>

#include "../sim/os_sim.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "store/spool.h"

#define STATE "/s"

struct made {
    char key[32], raw[600], document[64], position[32];
    struct slice queries[2];
    struct document documents[2];
    struct route routes[2];
    struct record record;
};

/* Some of those that are no delete have one. */
static inline uint64_t name_of_record(uint64_t sequence) {
    return sequence % 7 % 3 != 2 && sequence % 2 ? 5000 + sequence : 0;
}

/* The same sequence gives the same record, of up to `raw` bytes. */
static inline void make_record(struct made *made, uint64_t sequence, size_t raw) {
    unsigned long long n = sequence;
    size_t length = hash_fold(sequence, HASH_STEP) % raw;
    for (size_t i = 0; i < length; i++)
        made->raw[i] = (char)(hash_fold(sequence + i, HASH_SEED) >> 7);
    snprintf(made->key, sizeof made->key, "x:%llu", n);
    snprintf(made->document, sizeof made->document, "{\"id\":%llu}", n);
    snprintf(made->position, sizeof made->position, "at %llu", n);
    made->queries[0] = SLICE("coffee");
    made->queries[1] = SLICE("tea");
    made->documents[0] =
        (struct document){ SLICE("post"), slice_of(made->key), slice_of(made->document) };
    made->documents[1] = (struct document){ SLICE("short"), SLICE("k"), SLICE("") };
    made->routes[0] = (struct route){ SLICE("index"), 0 };
    made->routes[1] = (struct route){ SLICE("archive"), 1 };
    made->record = (struct record){ .sequence = sequence,
                                    .source = SLICE("file"),
                                    .position = slice_of(made->position),
                                    .received_ms = -(int64_t)sequence,
                                    .generation = sequence / 3,
                                    .kind = (enum record_kind)(sequence % 7 % 3),
                                    .key = slice_of(made->key),
                                    .name = name_of_record(sequence),
                                    .queries = made->queries,
                                    .query_count = sequence % 3,
                                    .label = SLICE("positive"),
                                    .scored = sequence % 2,
                                    .traits = sequence % 3 ? sequence % 2048 : RECORD_NO_TRAITS,
                                    .score = (double)sequence / 8,
                                    .raw = slice_from(made->raw, length),
                                    .documents = made->documents,
                                    .document_count = 2,
                                    .routes = made->routes,
                                    .route_count = 2 };
}

static inline void assert_slices(struct slice a, struct slice b) {
    assert_int_equal(a.length, b.length);
    assert_true(slice_equal(a, b));
}

static inline void assert_records(const struct record *a, const struct record *b) {
    assert_int_equal(a->sequence, b->sequence);
    assert_slices(a->source, b->source);
    assert_slices(a->position, b->position);
    assert_int_equal(a->received_ms, b->received_ms);
    assert_int_equal(a->generation, b->generation);
    assert_int_equal(a->kind, b->kind);
    assert_slices(a->key, b->key);
    assert_int_equal(a->name, b->name);
    assert_int_equal(a->query_count, b->query_count);
    for (uint32_t i = 0; i < a->query_count; i++)
        assert_slices(a->queries[i], b->queries[i]);
    assert_slices(a->label, b->label);
    assert_int_equal(a->scored, b->scored);
    assert_int_equal(a->traits, b->traits);
    assert_memory_equal(&a->score, &b->score, sizeof a->score);
    assert_slices(a->raw, b->raw);
    assert_int_equal(a->document_count, b->document_count);
    for (uint32_t i = 0; i < a->document_count; i++) {
        assert_slices(a->documents[i].schema, b->documents[i].schema);
        assert_slices(a->documents[i].key, b->documents[i].key);
        assert_slices(a->documents[i].bytes, b->documents[i].bytes);
    }
    assert_int_equal(a->route_count, b->route_count);
    for (uint32_t i = 0; i < a->route_count; i++) {
        assert_slices(a->routes[i].sink, b->routes[i].sink);
        assert_int_equal(a->routes[i].document, b->routes[i].document);
    }
}

/* What the state says after `end` - 1 records. */
static inline struct slice state_at(char into[32], uint64_t end) {
    snprintf(into, 32, "state %llu", (unsigned long long)end);
    return slice_of(into);
}

/* A whole group from `first` on, with the delete of one unknown post. */
static inline void make_group(struct buffer *group, uint32_t seed, uint64_t first, uint64_t records,
                              size_t raw) {
    char state[32];
    uint64_t unknown = UINT64_C(1000000) + first;
    struct commit commit = { .state = state_at(state, first + records),
                             .deletes = &unknown,
                             .delete_count = 1 };
    group->length = 0;
    for (uint64_t i = 0; i < records; i++) {
        struct made made;
        make_record(&made, first + i, raw);
        assert_true(frame_put_record(group, seed, &made.record));
    }
    assert_true(frame_put_commit(group, seed, first + records - 1, &commit));
}

static inline enum spool_outcome append_sized(struct spool *spool, uint64_t records, size_t raw) {
    struct buffer group;
    struct error err;
    buffer_init(&group, MAX_GROUP_BYTES);
    make_group(&group, spool_seed(spool), spool_end(spool), records, raw);
    enum spool_outcome outcome = spool_append(spool, buffer_slice(&group), records, &err);
    buffer_free(&group);
    return outcome;
}

static inline enum spool_outcome append(struct spool *spool, uint64_t records) {
    return append_sized(spool, records, 600);
}

static inline void append_groups(struct spool *spool, int groups) {
    for (int i = 0; i < groups; i++)
        assert_int_equal(append(spool, (uint64_t)i % 4 + 1), SPOOL_STORED);
}

/* Before each test. */
static inline int empty_disk(void **state) {
    (void)state;
    sim_reset();
    return 0;
}

/* Frames that were read are the records that their sequences say; their sequences go up. */
static inline void assert_frames(const struct spool_read *read) {
    struct arena arena;
    struct frame frame;
    uint64_t next = read->first;
    uint32_t count = 0;
    arena_init(&arena);
    for (struct slice left = buffer_slice(&read->frames); frame_next(left, &frame);
         left = slice_skip(left, frame.bytes)) {
        struct made made;
        struct record record;
        make_record(&made, frame.sequence, 600);
        assert_true(frame.sequence >= next);
        assert_true(frame_get_record(&frame, &arena, &record));
        assert_records(&record, &made.record);
        next = frame.sequence + 1;
        count++;
    }
    arena_free(&arena);
    assert_true(next <= read->next);
    assert_int_equal(count, read->count);
}

struct got {
    uint64_t records, damaged;
};

/* Everything from `from` on, `target` bytes a time. */
static inline struct got read_from(struct spool *spool, uint64_t from, size_t target) {
    struct got got = { 0 };
    struct spool_read read = { 0 };
    struct error err;
    buffer_init(&read.frames, MAX_FRAME_BYTES);
    while (from < spool_end(spool)) {
        assert_true(spool_read(spool, from, target, &read, &err));
        assert_frames(&read);
        assert_int_equal(read.next, from + read.count + read.damaged);
        assert_true(read.next > from);
        got.records += read.count;
        got.damaged += read.damaged;
        from = read.next;
    }
    buffer_free(&read.frames);
    return got;
}

static inline struct got read_all(struct spool *spool) {
    return read_from(spool, spool_first(spool), 2000);
}

static inline void assert_state(const struct spool *spool, uint64_t end) {
    char state[32];
    assert_slices(spool_state(spool), state_at(state, end));
}

static inline struct spool *try_open(uint64_t segment_bytes, struct error *err) {
    struct spool_options options = { .folder = STATE, .segment_bytes = segment_bytes };
    return spool_open(&options, err);
}

static inline struct spool *open_sized(uint64_t segment_bytes) {
    struct error err = { 0 };
    struct spool *spool = try_open(segment_bytes, &err);
    if (spool == NULL) fail_msg("%s", err.text);
    return spool;
}

/* One group of two records that do not fit into memory at once while it is written anew. */
static inline void append_long_group(struct spool *spool) {
    struct buffer group;
    struct error err;
    struct commit none = { 0 };
    size_t length = (size_t)18 << 20;
    char *raw = memory_zeroed(1, length);
    buffer_init(&group, MAX_GROUP_BYTES);
    for (uint64_t i = 1; i <= 2; i++) {
        struct made made;
        make_record(&made, i, 600);
        made.record.raw = slice_from(raw, length);
        assert_true(frame_put_record(&group, spool_seed(spool), &made.record));
    }
    assert_true(frame_put_commit(&group, spool_seed(spool), 2, &none));
    assert_int_equal(spool_append(spool, buffer_slice(&group), 2, &err), SPOOL_STORED);
    buffer_free(&group);
    memory_free(raw);
}

#endif
