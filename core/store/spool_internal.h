/* What the spool's own files share. */
#ifndef STORE_SPOOL_INTERNAL_H
#define STORE_SPOOL_INTERNAL_H

#include "base/os.h"
#include "store/file.h"
#include "store/id_lists.h"
#include "store/spool.h"

struct segment {
    uint64_t first;
    uint64_t bytes;  /* of the file; of the newest, those that count */
    uint32_t format; /* when older than SPOOL_FORMAT, else that or 0 */
};

/* Where a reader will go on: in the segment that begins with `segment`, the offset of what follows
 * the record before `sequence`. */
struct place {
    uint64_t segment, sequence, offset;
    uint64_t stamp; /* when it was made or used */
    bool used;
};
#define PLACES 64

struct spool {
    char *folder; /* STATE */
    bool read_only;
    uint64_t segment_bytes;
    char id[SPOOL_ID_BYTES];
    uint32_t seed;
    struct segment *segments; /* oldest first; never empty once open */
    size_t count, room;
    uint64_t *orphans; /* first sequences of .ids without their segment, oldest first */
    size_t orphan_count;
    uint64_t end;
    struct buffer state;
    struct buffer filler; /* for the moment: what makes a segment end at a block's end */
    uint64_t cut_bytes;
    /* The newest segment while it is appended to; -1: the next group goes to a new one. */
    int fd;
    struct os_info file;
    uint64_t groups;     /* in it */
    struct id_lists ids; /* of the newest segment */
    struct segment_walk walk;
    struct arena arena; /* for the moment */
    struct place places[PLACES];
    uint64_t stamp;
};

/* FOLDER/spool/N.seg or .ids */
void spool_path(const struct spool *spool, uint64_t first, const char *suffix,
                char into[PATH_BYTES]);
static inline struct segment *newest_segment(const struct spool *spool) {
    return &spool->segments[spool->count - 1];
}
/* Where its records end. */
static inline uint64_t segment_end(const struct spool *spool, size_t index) {
    return index + 1 < spool->count ? spool->segments[index + 1].first : spool->end;
}
/* The segment that should hold `sequence`, which is not below the first. */
size_t segment_of(const struct spool *spool, uint64_t sequence);
void spool_add_segment(struct spool *spool, struct segment segment);
void spool_add_orphan(struct spool *spool, uint64_t first);
void spool_set_state(struct buffer *state, struct slice bytes);

/* Finds the end of the newest segment, cuts off what lies behind it and makes sure that the rest
 * is on the disk. `header_lost`: nothing more is to be written there. */
bool spool_recover(struct spool *spool, bool header_lost, bool salvage,
                   struct error *err) MUST_CHECK;
/* A new segment with `group` (may be empty), durable at once. False with errno. */
bool spool_begin_segment(struct spool *spool, struct slice group) MUST_CHECK;
/* Nothing more is written to the newest segment. */
void spool_end_segment(struct spool *spool);

/* The ids of the segment's records up to `end`, out of its bytes. False with errno. */
bool spool_collect_ids(struct spool *spool, int fd, uint64_t bytes, uint64_t end,
                       struct id_lists *lists) MUST_CHECK;
/* Writes the newest segment's .ids; how well that went does not matter. */
void spool_keep_ids(const struct spool *spool);

#endif
