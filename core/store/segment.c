/* store/segment.h */
#include "store/segment.h"
#include "base/alloc.h"
#include "base/os.h"
#include "store/pack.h"
#include <errno.h>

/* ---- the header: magic 8, version 4, zero 4, id 16, first 8, zero 20, sum 4; twice ---- */

#define COPY_BYTES (SEGMENT_HEADER_BYTES / 2)
enum { AT_VERSION = 8, AT_ID = 16, AT_FIRST = 32, AT_SUM = COPY_BYTES - 4 };

static const char magic[8] = { 'l', 'i', 'n', 'n', 'e', 't', 's', 'g' };

static uint32_t copy_sum(const char *copy) { return crc32c(0, slice_from(copy, AT_SUM)); }

void segment_put_header(char into[SEGMENT_HEADER_BYTES], const struct segment_header *header) {
    memset(into, 0, SEGMENT_HEADER_BYTES);
    memcpy(into, magic, sizeof magic);
    pack_u32(into + AT_VERSION, SPOOL_FORMAT);
    memcpy(into + AT_ID, header->id, SPOOL_ID_BYTES);
    pack_u64(into + AT_FIRST, header->first);
    pack_u32(into + AT_SUM, copy_sum(into));
    memcpy(into + COPY_BYTES, into, COPY_BYTES);
}

enum segment_header_found segment_get_header(struct slice bytes, struct segment_header *header) {
    if (bytes.length < SEGMENT_HEADER_BYTES) return SEGMENT_LOST;
    const char *one = bytes.data, *two = bytes.data + COPY_BYTES;
    bool one_right = copy_sum(one) == read_u32(one + AT_SUM);
    bool two_right = copy_sum(two) == read_u32(two + AT_SUM);
    const char *copy = one_right || !two_right ? one : two;
    if (memcmp(copy, magic, sizeof magic) != 0) return SEGMENT_LOST;
    /* A newer one may have its sum elsewhere. */
    if (read_u32(copy + AT_VERSION) > SPOOL_FORMAT) return SEGMENT_NEWER;
    if (!one_right && !two_right) return SEGMENT_LOST;
    memcpy(header->id, copy + AT_ID, SPOOL_ID_BYTES);
    header->format = read_u32(copy + AT_VERSION);
    header->first = read_u64(copy + AT_FIRST);
    return one_right && two_right ? SEGMENT_WHOLE : SEGMENT_HALF;
}

bool segment_renew_header(int fd, const struct segment_header *header) {
    char bytes[SEGMENT_HEADER_BYTES];
    segment_put_header(bytes, header);
    struct slice copy = slice_from(bytes, COPY_BYTES);
    return os_write_at(fd, copy, 0) && os_sync(fd) && os_write_at(fd, copy, COPY_BYTES) &&
           os_sync(fd);
}

uint32_t segment_seed(const char id[SPOOL_ID_BYTES]) {
    return crc32c(0, slice_from(id, SPOOL_ID_BYTES));
}

/* ---- the walk ---- */

#define WINDOW_BYTES ((size_t)256 << 10)
#define BLOCK_BYTES ((size_t)4096)

void segment_walk_start(struct segment_walk *walk, int fd, uint32_t seed, uint64_t offset,
                        uint64_t end) {
    walk->fd = fd;
    walk->seed = seed;
    walk->offset = walk->window_at = offset;
    walk->end = end;
    walk->unreadable = 0;
    walk->filled = 0;
}

void segment_walk_free(struct segment_walk *walk) {
    memory_free(walk->window);
    *walk = (struct segment_walk){ 0 };
}

/* Block for block, after a read of them all has failed: zeros for those that fail once more. */
static ssize_t read_blocks(struct segment_walk *walk, char *into, size_t bytes, uint64_t offset) {
    for (size_t done = 0, block; done < bytes; done += block) {
        block = MIN(BLOCK_BYTES - (size_t)((offset + done) % BLOCK_BYTES), bytes - done);
        ssize_t got = os_read_at(walk->fd, into + done, block, offset + done);
        if (got < 0 && errno != EIO) return -1;
        if (got < 0) {
            memset(into + done, 0, block);
            walk->unreadable = offset + done + block;
        } else if ((size_t)got < block)
            return (ssize_t)(done + (size_t)got);
    }
    return (ssize_t)bytes;
}

/* What is in the window from walk->offset on. */
static struct slice walk_bytes(const struct segment_walk *walk) {
    return slice_skip(slice_from(walk->window, walk->filled),
                      (size_t)(walk->offset - walk->window_at));
}

/* What is in front of walk->offset leaves the window. */
static void window_move(struct segment_walk *walk) {
    struct slice kept = walk_bytes(walk);
    if (kept.length) memmove(walk->window, kept.data, kept.length);
    walk->filled = kept.length;
    walk->window_at = walk->offset;
}

/* Gets `bytes` from walk->offset on into the window, fewer only at the end. False with errno. */
static bool window_fill(struct segment_walk *walk, size_t bytes) {
    size_t left = (size_t)(walk->end - walk->offset);
    if (walk_bytes(walk).length >= MIN(bytes, left)) return true;
    window_move(walk);
    size_t wanted = MIN(MAX(bytes, WINDOW_BYTES), left);
    if (walk->room < wanted) walk->window = memory_resize(walk->window, walk->room = wanted);
    char *into = walk->window + walk->filled;
    uint64_t offset = walk->window_at + walk->filled;
    size_t missing = wanted - walk->filled;
    ssize_t got = os_read_at(walk->fd, into, missing, offset);
    if (got < 0 && errno == EIO) got = read_blocks(walk, into, missing, offset);
    if (got < 0) return false;
    walk->filled += (size_t)got;
    if ((size_t)got < missing) walk->end = walk->window_at + walk->filled; /* cut meanwhile */
    return true;
}

/* Goes to the next place where a header is right, or to the end. False with errno. */
static bool seek_frame(struct segment_walk *walk) {
    walk->offset++;
    for (;;) {
        if (!window_fill(walk, FRAME_HEADER_BYTES)) return false;
        struct slice bytes = walk_bytes(walk);
        size_t ahead = frame_seek(bytes, walk->seed);
        bool found = ahead < bytes.length;
        if (found || walk->offset + bytes.length >= walk->end) {
            walk->offset += ahead;
            return true;
        }
        walk->offset += bytes.length - (FRAME_HEADER_BYTES - 1);
    }
}

/* What is at walk->offset, as much of it in the window as there is. False with errno. */
static bool find_frame(struct segment_walk *walk, struct frame *frame, enum frame_found *found) {
    if (!window_fill(walk, FRAME_HEADER_BYTES)) return false;
    *found = frame_find(walk_bytes(walk), walk->seed, frame);
    if (*found != FRAME_CUT || frame->bytes == 0) return true;
    if (!window_fill(walk, frame->bytes)) return false;
    *found = frame_find(walk_bytes(walk), walk->seed, frame);
    return true;
}

enum segment_found segment_walk_next(struct segment_walk *walk, struct segment_piece *piece) {
    enum frame_found found = FRAME_CUT;
    piece->offset = walk->offset;
    piece->bytes = 0;
    if (walk->offset >= walk->end) return SEGMENT_END;
    if (!find_frame(walk, &piece->frame, &found)) return SEGMENT_UNREADABLE;
    if (found == FRAME_CUT)
        walk->offset = walk->end;
    else if (piece->frame.bytes)
        walk->offset += piece->frame.bytes;
    else if (!seek_frame(walk))
        return SEGMENT_UNREADABLE;
    piece->bytes = walk->offset - piece->offset;
    if (piece->bytes == 0) return SEGMENT_END;
    return found == FRAME_WHOLE ? SEGMENT_FRAME : SEGMENT_DAMAGE;
}
