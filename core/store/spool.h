/* The spool: groups of records in segment files, in sequence, until every reader has passed them.
 *
 * Blocking; one thread at a time (the disk thread, once it runs). FOLDER/spool/N.seg holds the
 * records from sequence N on, N.ids the hashes of their keys, made when the segment is sealed.
 * Nothing counts before its group's commit is synced; a start cuts off what lies behind the last
 * whole commit, and everything else that is wrong is damage: counted, copied to FOLDER/quarantine,
 * never handed out. */
#ifndef STORE_SPOOL_H
#define STORE_SPOOL_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/os.h"
#include "store/segment.h"

#define SEGMENT_BYTES ((uint64_t)64 << 20)
/* Kept keys and unknown deletes that a start remembers. */
#define SPOOL_KNOWN_IDS ((size_t)1 << 20)
#define SPOOL_KNOWN_DELETES ((size_t)1 << 16)
/* Names, and bytes of the keys that they stand for. */
#define SPOOL_KNOWN_NAMES ((size_t)1 << 16)
#define SPOOL_KNOWN_NAME_BYTES ((size_t)8 << 20)

struct spool;

struct spool_options {
    const char *folder;     /* STATE */
    uint64_t segment_bytes; /* a segment is sealed when it is longer; 0: SEGMENT_BYTES */
    bool read_only;         /* change nothing: for looking at a state that may be in use */
    bool salvage; /* what the disk does not give back of the last group is taken for damage */
};

/* Whether one was ever made there; true, too, when that cannot be known. */
bool spool_exists(const char *folder);
/* Opens or makes the spool. NULL with *err naming the path: it cannot be, it is of a newer format
 * (then untouched), or its files are of different spools. */
struct spool *spool_open(const struct spool_options *options, struct error *err) MUST_CHECK;
void spool_close(struct spool *spool);

/* What frames are made with. */
uint32_t spool_seed(const struct spool *spool);
/* 16 bytes. */
struct slice spool_id(const struct spool *spool);
/* The first record that is still there, and the sequence after the last: equal when empty. */
uint64_t spool_first(const struct spool *spool);
uint64_t spool_end(const struct spool *spool);
uint64_t spool_bytes(const struct spool *spool);
/* Of the last commit; empty in a new spool. Valid until the next append. */
struct slice spool_state(const struct spool *spool);
/* What a start cut off behind the last whole group: never acknowledged. 0 when it was whole. */
uint64_t spool_cut_bytes(const struct spool *spool);

enum spool_id {
    SPOOL_KEPT,           /* the key of a post or an edit */
    SPOOL_UNKNOWN_DELETE, /* of a post that was not kept: a commit's `deletes` */
    SPOOL_KEPT_DELETE,    /* of a delete that is a record */
    SPOOL_NAME,           /* of a record's: what deletes call it */
    SPOOL_ID_KINDS
};
struct known_id {
    enum spool_id kind;
    uint64_t hash;
    struct slice key; /* SPOOL_NAME: of the record, valid during the call; else empty */
};
typedef void known_id_taker(void *context, const struct known_id *id);
/* Calls `each` with the newest SPOOL_KNOWN_IDS kept keys, SPOOL_KNOWN_DELETES of each kind of
 * deletes and SPOOL_KNOWN_NAMES names; those of a kind in the order they came. False with *err. */
bool spool_ids(struct spool *spool, known_id_taker *each, void *context,
               struct error *err) MUST_CHECK;

enum spool_outcome {
    SPOOL_STORED,
    SPOOL_NO_ROOM, /* disk full, out of descriptors, ...: nothing changed, try again later */
    SPOOL_BROKEN   /* it fails on one new segment after the other: stop */
};

/* Groups are at most this long. */
#define MAX_GROUP_BYTES (2 * MAX_FRAME_BYTES)
/* A group that begins and ends at multiples of it, in memory too, is written faster. */
#define SPOOL_BLOCK_BYTES OS_BLOCK_BYTES
/* Writes and syncs `group`, frames of `records` records from spool_end on (0: state alone) and
 * their commit. A segment that fails to be written or synced is closed for good and the group goes
 * to a new one. *err says why it was not stored. */
enum spool_outcome spool_append(struct spool *spool, struct slice group, uint64_t records,
                                struct error *err) MUST_CHECK;

/* Frames read, whole and checked, without commits. */
struct spool_read {
    struct buffer frames; /* the caller's: frame after frame */
    uint64_t first;       /* sequence of the first; `next` when there is none */
    uint32_t count;
    uint64_t damaged; /* records from `from` up to `next` that are not there */
    uint64_t next;    /* from + count + damaged: read on from here */
};

/* Reads frames from sequence `from` on, at least one record unless there is none, until `frames`
 * holds `target` bytes or its ceiling (MAX_FRAME_BYTES at least) is reached. from < spool_first:
 * what is gone counts as damaged. False with *err when nothing can be read for now (out of
 * descriptors, damage that cannot be put aside, ...). */
bool spool_read(struct spool *spool, uint64_t from, size_t target, struct spool_read *read,
                struct error *err) MUST_CHECK;

/* Removes the segments that hold nothing from sequence `below` on, but never the newest, nor while
 * spool_may_drop says no. */
void spool_drop(struct spool *spool, uint64_t below);
/* Not with one segment; nor with two as long as the newest has one group: it may yet lose that, and
 * with it the state. */
bool spool_may_drop(const struct spool *spool);
/* The first sequence of the segment after the one that holds `sequence`: what is left when that one
 * is dropped. spool_end when there is none. */
uint64_t spool_next_segment(const struct spool *spool, uint64_t sequence);

#endif
