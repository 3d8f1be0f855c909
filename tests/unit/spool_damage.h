/* For tests that change a spool's files behind its back. */
#ifndef UNIT_SPOOL_DAMAGE_H
#define UNIT_SPOOL_DAMAGE_H

#include "spool_records.h"

#include "base/os.h"
#include <errno.h>

#define FIRST "/s/spool/00000000000000000001.seg"
#define SMALL 2500

static inline void append_threes(struct spool *spool, int groups) {
    for (int i = 0; i < groups; i++)
        assert_int_equal(append(spool, 3), SPOOL_STORED);
}

/* A closed spool of some groups of 3 small records each. */
static inline void make_spool(uint64_t segment_bytes, int groups) {
    sim_reset();
    struct spool *spool = open_sized(segment_bytes);
    append_threes(spool, groups);
    spool_close(spool);
}

static inline char *copy_of(const char *path, size_t *length) {
    const char *bytes = sim_bytes(path, length);
    assert_non_null(bytes);
    return memcpy(memory_alloc(*length), bytes, *length);
}

struct files {
    size_t count;
    char last[64];
};

static inline void note_file(void *context, const char *name) {
    struct files *files = context;
    files->count++;
    snprintf(files->last, sizeof files->last, "%s", name);
}

static inline struct files quarantined(void) {
    struct files files = { 0 };
    assert_true(os_list_folder("/s/quarantine", note_file, &files));
    return files;
}

/* Offset behind the group that ends at `end`. */
static inline size_t group_end(struct slice bytes, uint32_t seed, uint64_t end) {
    struct frame frame;
    for (size_t at = SEGMENT_HEADER_BYTES;; at += frame.bytes) {
        assert_int_equal(frame_find(slice_skip(bytes, at), seed, &frame), FRAME_WHOLE);
        if (frame.kind == FRAME_COMMIT && frame.sequence + 1 == end) return at + frame.bytes;
    }
}

#define DAMAGE_TEST(test) cmocka_unit_test_setup(test, empty_disk)

#endif
