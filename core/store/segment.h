/* One file of the spool: its header, and a walk over its frames that damage does not stop.
 *
 * FOLDER/spool/N.seg, N the sequence of its first record in 20 digits, is the header (twice, so
 * that one flipped bit costs nothing) and then group after group. Its records end where the next
 * segment begins: one that was given up after a failed sync may hold more. */
#ifndef STORE_SEGMENT_H
#define STORE_SEGMENT_H

#include "base/error.h"
#include "store/frame.h"

/* 2: frames may have a tail, lists of ids have names. What 1 has is read. */
#define SPOOL_FORMAT 2
#define SPOOL_ID_BYTES ((size_t)16)
#define SEGMENT_HEADER_BYTES ((size_t)128)

struct segment_header {
    char id[SPOOL_ID_BYTES]; /* random, the same in all of the spool's files */
    uint64_t first;
    uint32_t format; /* found out: of what is put it is SPOOL_FORMAT */
};

enum segment_header_found {
    SEGMENT_WHOLE,
    SEGMENT_HALF, /* one of the two copies is damaged */
    SEGMENT_LOST, /* both are, or the file is none of ours */
    SEGMENT_NEWER /* of a format that we do not know */
};

void segment_put_header(char into[SEGMENT_HEADER_BYTES], const struct segment_header *header);
enum segment_header_found segment_get_header(struct slice bytes, struct segment_header *header);
/* Says the present format instead of an older one, which its frames need no change for: one copy
 * after the other, so that a torn one costs nothing. False with errno. */
bool segment_renew_header(int fd, const struct segment_header *header) MUST_CHECK;
/* What the spool's frames are made with. */
uint32_t segment_seed(const char id[SPOOL_ID_BYTES]);

/* Holds a window of the file, which is kept from one walk to the next. Zeroed at first. */
struct segment_walk {
    int fd;
    uint32_t seed;
    uint64_t offset;     /* of what comes next */
    uint64_t end;        /* nothing behind it is looked at */
    uint64_t unreadable; /* end of the last block that the disk did not give back; 0: none */
    char *window;
    size_t room, filled;
    uint64_t window_at; /* place in the file */
};

void segment_walk_start(struct segment_walk *walk, int fd, uint32_t seed, uint64_t offset,
                        uint64_t end);
void segment_walk_free(struct segment_walk *walk);

enum segment_found {
    SEGMENT_FRAME,
    SEGMENT_DAMAGE, /* bytes in which no whole frame begins */
    SEGMENT_END,
    SEGMENT_UNREADABLE /* errno says why; a block that fails with EIO counts as zeros instead */
};
struct segment_piece {
    uint64_t offset, bytes;
    struct frame frame; /* valid until the next step */
};
enum segment_found segment_walk_next(struct segment_walk *walk,
                                     struct segment_piece *piece) MUST_CHECK;

#endif
