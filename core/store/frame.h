/* Frames: how records and commits lie in a segment of the spool, and in memory on their way to it.
 *
 *   offset  bytes
 *        0      4  marker "lnf1"
 *        4      4  length of the body
 *        8      8  sequence: of the record; of a commit, that of the last record before it
 *       16      1  kind: enum frame_kind
 *       17      1  whether the body has a tail: of a record, its name in 8 bytes;
 *                of a commit, padding and in 4 bytes how much
 *       18      2  zero
 *       20      4  CRC32C of the body
 *       24      4  CRC32C of the 24 bytes above, seeded by the spool's id: no post forges one
 *       28         body
 *
 * Numbers are little-endian. A group is the frames of some records, in sequence and without gaps,
 * and one commit behind them. Sources' positions and sums are in the commit, so that they are
 * always those of the records before it. The commit says how long its group is, so that a group
 * that is not whole is told from damage in one before it. Pure functions of bytes; any thread. */
#ifndef STORE_FRAME_H
#define STORE_FRAME_H

#include "base/arena.h"
#include "base/buffer.h"
#include "store/record.h"

#define FRAME_HEADER_BYTES ((size_t)28)
/* Longer ones do not exist: a length beyond it is damage. */
#define MAX_FRAME_BYTES ((size_t)32 << 20)
#define MAX_STATE_BYTES ((size_t)1 << 20)

/* Of records: enum record_kind. */
enum frame_kind {
    FRAME_POST,
    FRAME_EDIT,
    FRAME_DELETE,
    FRAME_COMMIT,
    FRAME_SCRUB,
    FRAME_AUTHOR_DELETE,
    FRAME_AUTHOR_SCRUB,
    FRAME_KINDS
};

/* A frame whose sums were right; slices into the bytes it was read from. */
struct frame {
    enum frame_kind kind;
    uint64_t sequence;
    struct slice body;
    bool tailed;
    /* The whole frame's; when it was not found whole, 0 unless its header says. */
    size_t bytes;
};

enum frame_found {
    FRAME_WHOLE,
    FRAME_CUT,    /* the bytes end within it */
    FRAME_DAMAGED /* no frame begins here, or its sums are wrong */
};

/* The frame at the start of `bytes`. `seed` is the spool's. */
enum frame_found frame_find(struct slice bytes, uint32_t seed, struct frame *frame) MUST_CHECK;
/* The frame at the start of bytes that were checked before, or never left memory; false when they
 * are empty. */
bool frame_next(struct slice bytes, struct frame *frame) MUST_CHECK;
/* How far ahead the next place is where a frame's header is right (its body need not be);
 * bytes.length when there is none. Looks at bytes[0] too. */
size_t frame_seek(struct slice bytes, uint32_t seed);

/* Appends a record's frame; false when it would be longer than MAX_FRAME_BYTES or the buffer's
 * ceiling, and nothing is appended. */
bool frame_put_record(struct buffer *buffer, uint32_t seed, const struct record *record) MUST_CHECK;
/* The record's key: what `key` is in frame_get_record. Of a frame that frame_put_record made. */
struct slice frame_key(const struct frame *frame);
/* The record's name, likewise; 0: none. */
uint64_t frame_name(const struct frame *frame);
/* The record of a frame that is no commit. Texts point into the frame, lists into `arena`.
 * False when the body is none: the frame was written by something else, or its sum is right by
 * chance. */
bool frame_get_record(const struct frame *frame, struct arena *arena,
                      struct record *record) MUST_CHECK;

struct commit {
    /* Whatever must go with the records: sources' positions and sums; up to MAX_STATE_BYTES. */
    struct slice state;
    /* Key hashes: deletes of posts that are unknown, since the commit before. */
    const uint64_t *deletes;
    uint32_t delete_count;
    /* Padding makes the group end at a multiple of this where it begins `behind`; 0: none. */
    uint32_t multiple;
    uint64_t behind;
    /* Found out by frame_put_commit: the group's first sequence, and the bytes of its records. */
    uint64_t first, bytes;
};

/* Ends the group that is all of the buffer. False like frame_put_record. */
bool frame_put_commit(struct buffer *buffer, uint32_t seed, uint64_t last_sequence,
                      const struct commit *commit) MUST_CHECK;
/* `deletes` are copied into the arena. */
bool frame_get_commit(const struct frame *frame, struct arena *arena,
                      struct commit *commit) MUST_CHECK;

/* CRC32C (Castagnoli), of `bytes` behind what gave `before` (0 at the start). */
uint32_t crc32c(uint32_t before, struct slice bytes);

#endif
