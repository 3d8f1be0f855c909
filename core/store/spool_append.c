/* store/spool.h: appending, and what is done when the disk does not take it. */
#include "store/spool_internal.h"
#include <assert.h>
#include <errno.h>

/* Segments that are tried before the disk is given up. */
#define TRIES 4

/* ---- segments begin and end ---- */

static void note_segment(struct spool *spool, uint64_t bytes) {
    struct segment segment = { .first = spool->end, .bytes = bytes };
    if (spool->count && newest_segment(spool)->first == spool->end)
        *newest_segment(spool) = segment; /* an empty one that was given up */
    else
        spool_add_segment(spool, segment);
}

static bool is_of_blocks(struct slice group) {
    return group.length > 0 && group.length % SPOOL_BLOCK_BYTES == 0;
}

/* A group of no records that says the state again, from `behind` on to the block's end: where a
 * group of blocks follows, that is of blocks in the file too. Empty when there is nothing to fill.
 */
static struct slice fill_block(struct spool *spool, uint64_t behind, struct slice group) {
    struct commit commit = { .state = buffer_slice(&spool->state),
                             .multiple = SPOOL_BLOCK_BYTES,
                             .behind = behind };
    spool->filler.length = 0;
    if (is_of_blocks(group) && behind % SPOOL_BLOCK_BYTES)
        (void)!frame_put_commit(&spool->filler, spool->seed, spool->end - 1, &commit);
    return buffer_slice(&spool->filler);
}

static bool write_new(int fd, struct slice header, struct slice filler, struct slice group) {
    return os_write_at(fd, header, 0) && os_write_at(fd, filler, header.length) &&
           os_write_past_cache(fd, group, header.length + filler.length);
}

bool spool_begin_segment(struct spool *spool, struct slice group) {
    char path[PATH_BYTES], bytes[SEGMENT_HEADER_BYTES];
    struct slice filler = fill_block(spool, sizeof bytes, group);
    struct segment_header header = { .first = spool->end };
    memcpy(header.id, spool->id, SPOOL_ID_BYTES);
    segment_put_header(bytes, &header);
    spool_path(spool, spool->end, ".seg", path);
    int fd = file_begin(path);
    if (fd < 0) return false;
    if (!write_new(fd, slice_from(bytes, sizeof bytes), filler, group) ||
        !os_stat_fd(fd, &spool->file) || !file_finish(fd, path)) {
        file_abandon(fd, path);
        return false;
    }
    note_segment(spool, sizeof bytes + filler.length + group.length);
    spool->fd = fd;
    spool->groups = 0;
    return true;
}

void spool_end_segment(struct spool *spool) {
    if (spool->fd >= 0) os_close(spool->fd);
    spool->fd = -1;
    if (newest_segment(spool)->first < spool->end) spool_keep_ids(spool);
    id_lists_free(&spool->ids);
}

/* ---- a group ---- */

/* Somebody may have removed or cut the file; what is written there would be lost. */
static bool is_still_there(const struct spool *spool) {
    char path[PATH_BYTES];
    struct os_info info;
    spool_path(spool, newest_segment(spool)->first, ".seg", path);
    return os_stat(path, &info) && os_is_same(&info, &spool->file) &&
           (uint64_t)info.bytes >= newest_segment(spool)->bytes;
}

/* After a part of a group was written: the file ends again where it did. */
static bool restore_end(const struct spool *spool) {
    return os_truncate(spool->fd, newest_segment(spool)->bytes) && os_sync(spool->fd);
}

/* Behind the newest segment's end. False with errno; then the segment is as it was, or ended: one
 * whose sync failed is never trusted again. */
static bool write_group(struct spool *spool, struct slice group) {
    struct segment *newest = newest_segment(spool);
    bool written = os_write_past_cache(spool->fd, group, newest->bytes);
    if (written && os_sync(spool->fd)) {
        newest->bytes += group.length;
        return true;
    }
    int failed = errno;
    if (written || !file_lacks_room(failed) || !restore_end(spool)) spool_end_segment(spool);
    errno = failed;
    return false;
}

/* The group is stored: what it says holds. */
static void settle(struct spool *spool, struct slice group, uint64_t records) {
    struct frame frame;
    struct commit commit = { 0 };
    for (; frame_next(group, &frame); group = slice_skip(group, frame.bytes))
        id_lists_add(&spool->ids, &frame, &spool->arena);
    (void)!frame_get_commit(&frame, &spool->arena, &commit);
    spool_set_state(&spool->state, commit.state);
    arena_reset(&spool->arena, ARENA_BLOCK_BYTES);
    spool->end += records;
    spool->groups++;
    assert(frame.kind == FRAME_COMMIT && frame.sequence + 1 == spool->end);
}

/* The newest segment, if it goes on, or a new one. */
static bool store_group(struct spool *spool, struct slice group) {
    if (spool->fd < 0) return spool_begin_segment(spool, group);
    struct slice filler = fill_block(spool, newest_segment(spool)->bytes, group);
    if (filler.length && !write_group(spool, filler)) return false;
    return write_group(spool, group);
}

static bool is_full(const struct spool *spool) {
    return newest_segment(spool)->bytes >= spool->segment_bytes;
}

enum spool_outcome spool_append(struct spool *spool, struct slice group, uint64_t records,
                                struct error *err) {
    assert(!spool->read_only && group.length <= MAX_GROUP_BYTES);
    if (spool->fd >= 0 && (is_full(spool) || !is_still_there(spool))) spool_end_segment(spool);
    for (int tries = 0; tries < TRIES; tries++) {
        if (store_group(spool, group)) {
            settle(spool, group, records);
            return SPOOL_STORED;
        }
        file_error(err, spool->folder, "written");
        if (file_lacks_room(errno)) return SPOOL_NO_ROOM;
    }
    return SPOOL_BROKEN;
}
