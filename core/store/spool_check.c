/* store/spool_check.h */
#include "store/spool_check.h"
#include "base/alloc.h"
#include "store/quarantine.h"
#include "store/spool_internal.h"

struct check {
    struct spool *spool;
    const struct spool_checker *checker;
    struct spool_checked *checked;
    bool repair;
    struct segment_walk walk;
};

/* One segment while it is looked at. */
struct look {
    struct check *check;
    struct checked_segment segment;
    uint64_t next;                 /* the sequence that comes next */
    uint64_t committed;            /* behind that of the last commit */
    struct checked_damage pending; /* what it cost is not known yet; bytes 0: none */
};

/* ---- looking ---- */

/* The records up to `sequence` that did not come are what the damage in front of it cost. */
static void reach(struct look *look, uint64_t sequence) {
    struct checked_damage *damage = &look->pending;
    const struct spool_checker *checker = look->check->checker;
    damage->first = look->next;
    look->next = MAX(look->next, sequence);
    damage->records = look->next - damage->first;
    look->segment.damaged_bytes += damage->bytes;
    if (damage->bytes) checker->damage(checker->context, damage);
    damage->bytes = 0;
}

/* False when it is none of the segment's: left over by a write that failed. */
static bool take_frame(struct look *look, const struct frame *frame) {
    bool commit = frame->kind == FRAME_COMMIT;
    if (frame->sequence >= look->segment.end) return false;
    if (frame->sequence + commit < look->next) return true; /* one more of what was there */
    reach(look, frame->sequence + commit);
    look->next = frame->sequence + 1;
    look->segment.records += !commit;
    if (commit) look->committed = look->next;
    return true;
}

static bool take_damage(struct look *look, const struct segment_piece *piece) {
    if (look->committed == look->segment.end) return false;
    if (look->pending.bytes == 0) look->pending.offset = piece->offset;
    look->pending.bytes = piece->offset + piece->bytes - look->pending.offset;
    return true;
}

static bool walk_over(struct look *look) {
    struct segment_walk *walk = &look->check->walk;
    struct segment_piece piece;
    enum segment_found found;
    while ((found = segment_walk_next(walk, &piece)) < SEGMENT_END) {
        bool ours =
            found == SEGMENT_FRAME ? take_frame(look, &piece.frame) : take_damage(look, &piece);
        if (!ours) break;
        look->segment.left = walk->offset;
    }
    return found != SEGMENT_UNREADABLE;
}

static bool look_at(struct look *look, int fd) {
    char header[SEGMENT_HEADER_BYTES];
    struct segment_header unused;
    const struct spool *spool = look->check->spool;
    ssize_t got = os_read_at(fd, header, sizeof header, 0);
    struct slice bytes = slice_from(header, (size_t)MAX(got, 0));
    look->segment.header_damaged = segment_get_header(bytes, &unused) != SEGMENT_WHOLE;
    segment_walk_start(&look->check->walk, fd, spool->seed, SEGMENT_HEADER_BYTES,
                       look->segment.bytes);
    if (!walk_over(look)) return false;
    reach(look, look->segment.end);
    return true;
}

static void tell_segment(const struct check *check, const struct checked_segment *segment) {
    struct spool_checked *checked = check->checked;
    checked->segments++;
    checked->records += segment->records;
    checked->bytes += segment->bytes;
    checked->damaged_bytes += segment->damaged_bytes;
    checked->missing += segment->end - segment->first - segment->records;
    checked->headers += segment->header_damaged;
    check->checker->segment(check->checker->context, segment);
}

/* ---- writing anew ---- */

struct rewrite {
    struct check *check;
    const struct checked_segment *segment;
    int from, to;
    uint64_t offset; /* in what is written */
    struct buffer group;
};

static bool write_out(struct rewrite *rewrite) {
    struct slice bytes = buffer_slice(&rewrite->group);
    rewrite->group.length = 0;
    rewrite->offset += bytes.length;
    return os_write_at(rewrite->to, bytes, rewrite->offset - bytes.length);
}

/* A commit says anew how long its group is; one that is gone leaves its records to the next. */
static bool write_frame(struct rewrite *rewrite, const struct frame *frame) {
    struct spool *spool = rewrite->check->spool;
    struct slice bytes = slice_from(frame->body.data - FRAME_HEADER_BYTES, frame->bytes);
    struct commit commit;
    if (frame->kind != FRAME_COMMIT) {
        (void)!buffer_append(&rewrite->group, bytes); /* there is always room for one more */
        return rewrite->group.length < MAX_FRAME_BYTES || write_out(rewrite);
    }
    if (frame_get_commit(frame, &spool->arena, &commit))
        (void)!frame_put_commit(&rewrite->group, spool->seed, frame->sequence, &commit);
    arena_reset(&spool->arena, ARENA_BLOCK_BYTES);
    return write_out(rewrite);
}

static bool write_pieces(struct rewrite *rewrite) {
    struct check *check = rewrite->check;
    struct segment_piece piece;
    enum segment_found found;
    bool written = true;
    segment_walk_start(&check->walk, rewrite->from, check->spool->seed, SEGMENT_HEADER_BYTES,
                       rewrite->segment->left);
    while (written && (found = segment_walk_next(&check->walk, &piece)) != SEGMENT_END)
        written = found == SEGMENT_FRAME ? write_frame(rewrite, &piece.frame)
                  : found == SEGMENT_DAMAGE
                      ? quarantine_put(check->spool->folder, rewrite->segment->first, rewrite->from,
                                       piece.offset, piece.bytes)
                      : false;
    return written && write_out(rewrite);
}

static bool write_anew(struct check *check, const struct checked_segment *segment, int from) {
    char bytes[SEGMENT_HEADER_BYTES];
    struct segment_header header = { .first = segment->first };
    struct rewrite rewrite = {
        .check = check, .segment = segment, .from = from, .offset = sizeof bytes
    };
    memcpy(header.id, check->spool->id, SPOOL_ID_BYTES);
    segment_put_header(bytes, &header);
    rewrite.to = file_begin(segment->path);
    if (rewrite.to < 0) return false;
    buffer_init(&rewrite.group, 3 * MAX_FRAME_BYTES);
    bool written = os_write_at(rewrite.to, slice_from(bytes, sizeof bytes), 0) &&
                   write_pieces(&rewrite) && file_finish(rewrite.to, segment->path);
    buffer_free(&rewrite.group);
    if (written)
        os_close(rewrite.to);
    else
        file_abandon(rewrite.to, segment->path);
    return written;
}

/* ---- all segments, all cursors ---- */

static bool check_segment(struct check *check, size_t index, struct error *err) {
    char path[PATH_BYTES];
    const struct spool *spool = check->spool;
    const struct segment *segment = &spool->segments[index];
    struct look look = { .check = check,
                         .segment = { .path = path,
                                      .first = segment->first,
                                      .end = segment_end(spool, index),
                                      .bytes = segment->bytes,
                                      .left = SEGMENT_HEADER_BYTES },
                         .next = segment->first,
                         .committed = segment->first,
                         .pending.path = path };
    spool_path(spool, segment->first, ".seg", path);
    int fd = os_open(path, OS_READ);
    if (fd < 0) return file_error(err, path, "opened");
    bool done = look_at(&look, fd) || file_error(err, path, "read");
    bool damaged = look.segment.damaged_bytes > 0 || look.segment.header_damaged;
    if (done) tell_segment(check, &look.segment);
    if (done && damaged && check->repair)
        done = write_anew(check, &look.segment, fd) || file_error(err, path, "written anew");
    os_close(fd);
    return done;
}

struct names {
    char **all;
    size_t count;
};

static void note_name(void *context, const char *name) {
    struct names *names = context;
    names->all = memory_resize(names->all, (names->count + 1) * sizeof *names->all);
    names->all[names->count++] = memory_copy_text(name);
}

static bool check_cursor(const struct check *check, const char *name, struct error *err) {
    const struct spool *spool = check->spool;
    struct checked_cursor told = { .name = name };
    if (!cursor_look(spool, spool->folder, name, &told.cursor, &told.wrong, err)) return false;
    check->checked->cursors += told.wrong != NULL;
    check->checker->cursor(check->checker->context, &told);
    if (!told.wrong || !check->repair) return true;
    struct cursor_file *file =
        cursor_open(spool, spool->folder, name, spool_first(spool), &told.cursor, err);
    if (file) cursor_close(file);
    return file != NULL;
}

static bool check_cursors(const struct check *check, struct error *err) {
    struct names names = { 0 };
    bool done = cursor_list(check->spool->folder, note_name, &names, err);
    for (size_t i = 0; i < names.count; i++) {
        done = done && check_cursor(check, names.all[i], err);
        memory_free(names.all[i]);
    }
    memory_free(names.all);
    return done;
}

static bool check_all(const char *folder, bool repair, const struct spool_checker *checker,
                      struct spool_checked *checked, struct error *err) {
    struct spool_options options = { .folder = folder, .read_only = true, .salvage = true };
    struct spool *spool = spool_open(&options, err);
    if (spool == NULL) return false;
    struct check check = {
        .spool = spool, .checker = checker, .checked = checked, .repair = repair
    };
    checked->cut_bytes += spool_cut_bytes(spool);
    bool done = true;
    for (size_t i = 0; i < spool->count && done; i++)
        done = check_segment(&check, i, err);
    done = done && check_cursors(&check, err);
    segment_walk_free(&check.walk);
    spool_close(spool);
    return done;
}

bool spool_check(const char *folder, const struct spool_checker *checker,
                 struct spool_checked *checked, struct error *err) {
    *checked = (struct spool_checked){ 0 };
    return check_all(folder, false, checker, checked, err);
}

bool spool_repair(const char *folder, const struct spool_checker *checker,
                  struct spool_checked *checked, struct error *err) {
    struct spool_options options = { .folder = folder, .salvage = true };
    *checked = (struct spool_checked){ 0 };
    struct spool *spool = spool_open(&options, err);
    if (spool == NULL) return false;
    checked->cut_bytes = spool_cut_bytes(spool);
    spool_close(spool);
    return check_all(folder, true, checker, checked, err);
}
