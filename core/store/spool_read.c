/* store/spool.h: reading, over segments that may be damaged, cut or gone. */
#include "store/quarantine.h"
#include "store/spool_internal.h"
#include <assert.h>
#include <errno.h>
#include <stdio.h>

struct reading {
    struct spool *spool;
    struct spool_read *read;
    size_t target;
    const struct segment *segment;
    uint64_t end; /* sequence behind the segment's last */
    int fd;
    bool full;
    char path[PATH_BYTES];
};

/* ---- places: where readers were ---- */

/* The segment's beginning when nobody was there. */
static uint64_t find_place(struct spool *spool, uint64_t segment, uint64_t sequence) {
    for (size_t i = 0; i < PLACES; i++) {
        struct place *place = &spool->places[i];
        if (place->sequence != sequence || place->segment != segment) continue;
        place->used = true;
        place->stamp = ++spool->stamp;
        return place->offset;
    }
    return SEGMENT_HEADER_BYTES;
}

/* One that its reader has left goes first; it stays for a while, for another reader close behind.
 */
static bool goes_first(const struct place *a, const struct place *b) {
    return a->used != b->used ? a->used : a->stamp < b->stamp;
}

static void keep_place(struct spool *spool, struct place place) {
    struct place *oldest = &spool->places[0];
    for (size_t i = 1; i < PLACES; i++)
        if (goes_first(&spool->places[i], oldest)) oldest = &spool->places[i];
    place.stamp = ++spool->stamp;
    *oldest = place;
}

/* ---- a segment ---- */

/* Opens it; *there is false when it was removed, which is damage and not a failure. */
static bool open_segment(struct reading *reading, bool *there, struct error *err) {
    char folder[PATH_BYTES];
    struct os_info info;
    spool_path(reading->spool, reading->segment->first, ".seg", reading->path);
    reading->fd = os_open(reading->path, OS_READ);
    *there = reading->fd >= 0;
    if (*there) return true;
    if (errno != ENOENT) return file_error(err, reading->path, "opened");
    snprintf(folder, sizeof folder, "%s/spool", reading->spool->folder);
    if (os_stat(folder, &info) && info.kind == OS_FOLDER) return true;
    errno = ENOENT; /* a disk that is not mounted has lost nothing */
    return file_error(err, folder, "opened");
}

/* False when there is no room left. */
static bool take_frame(struct spool_read *read, const struct frame *frame) {
    struct slice bytes = slice_from(frame->body.data - FRAME_HEADER_BYTES, frame->bytes);
    if (!buffer_append(&read->frames, bytes)) return false;
    if (read->count++ == 0) read->first = frame->sequence;
    read->next = frame->sequence + 1;
    return true;
}

static bool put_aside(const struct reading *reading, const struct segment_piece *piece,
                      struct error *err) {
    const struct spool *spool = reading->spool;
    return spool->read_only ||
           quarantine_put(spool->folder, reading->segment->first, reading->fd, piece->offset,
                          piece->bytes) ||
           file_error(err, reading->path, "put into quarantine");
}

static bool is_enough(const struct reading *reading) {
    return reading->read->frames.length >= reading->target || reading->read->next == reading->end;
}

enum step { STEP_ON, STEP_FULL, STEP_END, STEP_FAILED };

static enum step take_piece(struct reading *reading, enum segment_found found,
                            const struct segment_piece *piece, struct error *err) {
    const struct frame *frame = &piece->frame;
    if (found == SEGMENT_DAMAGE) return put_aside(reading, piece, err) ? STEP_ON : STEP_FAILED;
    if (found == SEGMENT_UNREADABLE) {
        file_error(err, reading->path, "read");
        return STEP_FAILED;
    }
    if (found == SEGMENT_END || frame->sequence >= reading->end) return STEP_END;
    if (frame->kind == FRAME_COMMIT || frame->sequence < reading->read->next) return STEP_ON;
    return take_frame(reading->read, frame) ? STEP_ON : STEP_FULL;
}

/* Frames of the open segment, from read->next on. */
static bool read_frames(struct reading *reading, struct error *err) {
    struct spool *spool = reading->spool;
    struct spool_read *read = reading->read;
    const struct segment *segment = reading->segment;
    struct segment_piece piece = { 0 };
    struct os_info info;
    enum step step = STEP_ON;
    if (!os_stat_fd(reading->fd, &info)) return file_error(err, reading->path, "read");
    uint64_t bytes = (uint64_t)info.bytes;
    if (segment == newest_segment(spool)) bytes = MIN(bytes, segment->bytes);
    segment_walk_start(&spool->walk, reading->fd, spool->seed,
                       find_place(spool, segment->first, read->next), bytes);
    while (step == STEP_ON && !is_enough(reading))
        step = take_piece(reading, segment_walk_next(&spool->walk, &piece), &piece, err);
    if (step == STEP_END) read->next = reading->end;
    reading->full = step == STEP_FULL;
    bool stopped = step == STEP_FULL || step == STEP_FAILED; /* in front of a piece */
    keep_place(spool, (struct place){ .segment = segment->first,
                                      .sequence = read->next,
                                      .offset = stopped ? piece.offset : spool->walk.offset });
    return step != STEP_FAILED;
}

static bool read_segment(struct reading *reading, struct error *err) {
    bool there;
    struct spool *spool = reading->spool;
    size_t index = segment_of(spool, reading->read->next);
    reading->segment = &spool->segments[index];
    reading->end = segment_end(spool, index);
    if (!open_segment(reading, &there, err)) return false;
    if (!there) {
        reading->read->next = reading->end;
        return true;
    }
    bool done = read_frames(reading, err);
    os_close(reading->fd);
    return done;
}

bool spool_read(struct spool *spool, uint64_t from, size_t target, struct spool_read *read,
                struct error *err) {
    struct reading reading = { .spool = spool, .read = read, .target = target };
    bool done = true;
    assert(from <= spool->end && read->frames.ceiling >= MAX_FRAME_BYTES);
    read->frames.length = 0;
    read->count = 0;
    read->next = MAX(from, spool_first(spool));
    while (done && !reading.full && read->next < spool->end && read->frames.length < target)
        done = read_segment(&reading, err);
    if (read->count == 0) read->first = read->next;
    read->damaged = read->next - from - read->count;
    return done || read->count > 0;
}
