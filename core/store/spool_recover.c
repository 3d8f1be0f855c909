/* Where the newest segment ends, after whatever happened.
 *
 * Groups are written one at a time, each synced before the next begins. So the last one may be
 * torn, and is then cut off: nobody was told that it is stored. What is wrong in front of it is
 * damage of something that was, and stays for the readers to find. The last one, when whole, may
 * be in the system's memory only (a kill before its sync, or a sync that failed): it is written
 * once more and synced before it counts. */
#include "base/alloc.h"
#include "store/quarantine.h"
#include "store/spool_internal.h"
#include <errno.h>

/* What a commit says of its group. */
struct group {
    uint64_t offset, end; /* of its bytes; end 0: there is none */
    uint64_t first, next; /* sequences */
    bool whole;
    struct buffer state;
};

struct scan {
    struct group last, before; /* the last two whose commits are whole */
    uint64_t groups;
    uint64_t whole_from; /* only whole frames since this offset */
};

/* A commit that does not fit in behind the one before it was never written there. */
static bool fits(const struct scan *scan, const struct segment_piece *piece,
                 const struct commit *commit) {
    uint64_t room = piece->offset - MAX(scan->last.end, SEGMENT_HEADER_BYTES);
    return commit->bytes <= room && commit->bytes <= MAX_GROUP_BYTES &&
           commit->first >= scan->last.next && commit->first <= piece->frame.sequence + 1;
}

static bool note_commit(struct scan *scan, const struct segment_piece *piece, struct arena *arena) {
    struct commit commit;
    if (!frame_get_commit(&piece->frame, arena, &commit) || !fits(scan, piece, &commit))
        return false;
    struct buffer spare = scan->before.state;
    scan->before = scan->last;
    scan->last = (struct group){ .offset = piece->offset - commit.bytes,
                                 .end = piece->offset + piece->bytes,
                                 .first = commit.first,
                                 .next = piece->frame.sequence + 1,
                                 .state = spare };
    scan->last.whole = scan->last.offset >= scan->whole_from;
    spool_set_state(&scan->last.state, commit.state);
    scan->groups++;
    return true;
}

/* Over all of the file. False with errno. */
static bool scan_segment(struct spool *spool, struct scan *scan) {
    struct segment_piece piece;
    enum segment_found found;
    while ((found = segment_walk_next(&spool->walk, &piece)) < SEGMENT_END) {
        bool good = found == SEGMENT_FRAME;
        if (good && piece.frame.kind == FRAME_COMMIT)
            good = note_commit(scan, &piece, &spool->arena);
        if (!good) scan->whole_from = piece.offset + piece.bytes;
        arena_reset(&spool->arena, ARENA_BLOCK_BYTES);
    }
    return found == SEGMENT_END;
}

static void scan_init(struct scan *scan, uint64_t first) {
    *scan = (struct scan){ .last.next = first };
    buffer_init(&scan->last.state, MAX_FRAME_BYTES);
    buffer_init(&scan->before.state, MAX_FRAME_BYTES);
}

static void scan_free(struct scan *scan) {
    buffer_free(&scan->last.state);
    buffer_free(&scan->before.state);
}

/* The state of the last commit in this segment before the newest, if there is one. */
static bool find_state(struct spool *spool, int fd, const struct segment *segment, bool *found) {
    struct segment_piece piece;
    struct commit commit;
    enum segment_found kind;
    segment_walk_start(&spool->walk, fd, spool->seed, SEGMENT_HEADER_BYTES, segment->bytes);
    while ((kind = segment_walk_next(&spool->walk, &piece)) < SEGMENT_END) {
        if (kind == SEGMENT_FRAME && piece.frame.kind == FRAME_COMMIT &&
            piece.frame.sequence < spool->end &&
            frame_get_commit(&piece.frame, &spool->arena, &commit)) {
            spool_set_state(&spool->state, commit.state);
            *found = true;
        }
        arena_reset(&spool->arena, ARENA_BLOCK_BYTES);
    }
    return kind == SEGMENT_END;
}

static bool state_of_older(struct spool *spool, struct error *err) {
    char path[PATH_BYTES];
    bool found = false;
    for (size_t i = spool->count - 1; i-- > 0 && !found;) {
        spool_path(spool, spool->segments[i].first, ".seg", path);
        int fd = os_open(path, OS_READ);
        bool searched = fd >= 0 && find_state(spool, fd, &spool->segments[i], &found);
        if (!searched) file_error(err, path, "read");
        if (fd >= 0) os_close(fd);
        if (!searched) return false;
    }
    return true;
}

static bool is_torn(const struct scan *scan) { return scan->last.end && !scan->last.whole; }

/* What counts: all up to the last group, and that when it is whole. */
static void take_end(struct spool *spool, const struct scan *scan) {
    struct segment *newest = newest_segment(spool);
    bool torn = is_torn(scan);
    uint64_t cut = torn ? scan->last.offset : MAX(scan->last.end, SEGMENT_HEADER_BYTES);
    const struct buffer *state = torn ? &scan->before.state : &scan->last.state;
    spool->end = torn ? scan->last.first : scan->last.next;
    spool->groups = scan->groups - torn;
    spool_set_state(&spool->state, buffer_slice(state));
    spool->cut_bytes = newest->bytes - MIN(newest->bytes, cut);
    newest->bytes = cut;
}

/* It could not be synced where it is, so it goes to a segment of its own. */
static bool move_group(struct spool *spool, const struct scan *scan, struct slice group,
                       struct error *err) {
    spool->end = scan->last.first;
    newest_segment(spool)->bytes = scan->last.offset;
    spool_end_segment(spool);
    return spool_append(spool, group, scan->last.next - scan->last.first, err) == SPOOL_STORED;
}

static bool cut_tail(struct spool *spool, int fd, const struct scan *scan, const char *path,
                     bool *cut, struct error *err) {
    const struct segment *newest = newest_segment(spool);
    /* Should it have been whole once, nothing is lost without a trace. */
    if (is_torn(scan) &&
        !quarantine_put(spool->folder, newest->first, fd, newest->bytes, spool->cut_bytes))
        return file_error(err, path, "put into quarantine");
    *cut = spool->cut_bytes == 0 || os_truncate(fd, newest->bytes);
    return true;
}

/* *group is the last one when it is whole, on the heap. */
static bool read_group(int fd, const struct scan *scan, const char *path, struct slice *group,
                       struct error *err) {
    if (scan->last.end == 0 || is_torn(scan)) return true;
    size_t bytes = (size_t)(scan->last.end - scan->last.offset);
    char *into = memory_alloc(bytes);
    *group = slice_from(into, bytes);
    return os_read_at(fd, into, bytes, scan->last.offset) == (ssize_t)bytes ||
           file_error(err, path, "read");
}

/* What follows in the newest segment may be of the present format: an older linnet is told so. */
static bool make_present(const struct spool *spool, int fd) {
    const struct segment *newest = newest_segment(spool);
    struct segment_header header = { .first = newest->first };
    memcpy(header.id, spool->id, SPOOL_ID_BYTES);
    return newest->format == SPOOL_FORMAT || segment_renew_header(fd, &header);
}

/* Makes the end on disk what take_end said, and keeps `fd` when it may be written on. */
static bool secure(struct spool *spool, int fd, const struct scan *scan, bool header_lost,
                   struct slice group, const char *path, struct error *err) {
    bool cut = false;
    if (!cut_tail(spool, fd, scan, path, &cut, err)) return false;
    bool synced = os_write_at(fd, group, scan->last.offset) && os_sync(fd);
    if (!synced && group.length) return move_group(spool, scan, group, err);
    if (synced && cut && !header_lost && make_present(spool, fd) && os_stat_fd(fd, &spool->file))
        spool->fd = fd;
    return true;
}

static bool recover(struct spool *spool, int fd, struct scan *scan, bool header_lost, bool salvage,
                    const char *path, struct error *err) {
    struct slice group = SLICE("");
    segment_walk_start(&spool->walk, fd, spool->seed, SEGMENT_HEADER_BYTES,
                       newest_segment(spool)->bytes);
    if (!scan_segment(spool, scan)) return file_error(err, path, "read");
    uint64_t unreadable = spool->walk.unreadable;
    take_end(spool, scan);
    if (unreadable > newest_segment(spool)->bytes && !salvage) {
        errno = EIO;
        return file_error(err, path, "read to its end");
    }
    if (spool->groups == 0 && !state_of_older(spool, err)) return false;
    if (!spool_collect_ids(spool, fd, newest_segment(spool)->bytes, spool->end, &spool->ids))
        return file_error(err, path, "read");
    if (spool->read_only) return true;
    bool done = read_group(fd, scan, path, &group, err) &&
                secure(spool, fd, scan, header_lost, group, path, err);
    if (group.length) memory_free((void *)group.data);
    return done;
}

bool spool_recover(struct spool *spool, bool header_lost, bool salvage, struct error *err) {
    char path[PATH_BYTES];
    struct scan scan;
    spool_path(spool, newest_segment(spool)->first, ".seg", path);
    int fd = os_open(path, spool->read_only ? OS_READ : OS_UPDATE);
    if (fd < 0) return file_error(err, path, "opened");
    scan_init(&scan, newest_segment(spool)->first);
    bool done = recover(spool, fd, &scan, header_lost, salvage, path, err);
    scan_free(&scan);
    if (spool->fd != fd) os_close(fd);
    return done;
}
