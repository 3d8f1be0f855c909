/* What the readers of the log on disk have read, piece by piece, ahead of their cursors. */
#include "base/alloc.h"
#include "base/log.h"
#include "flow/log_spool_internal.h"
#include <assert.h>

/* What is read from the disk at once. */
#define READ_BYTES ((size_t)1 << 20)

static struct spool_piece *piece_of(struct log_piece *piece) {
    return CONTAINER_OF(piece, struct spool_piece, piece);
}

/* ---- bodies --------------------------------------------------------------------------------- */

static struct piece_body *body_take(struct spool_log *log) {
    struct piece_body *body = log->spare_bodies;
    if (body) {
        log->spare_bodies = body->next;
        log->spare_body_count--;
        return body;
    }
    body = memory_zeroed(1, sizeof *body);
    arena_init(&body->arena);
    buffer_init(&body->read.frames, MAX_FRAME_BYTES + 2 * READ_BYTES);
    return body;
}

static void body_free(struct piece_body *body) {
    arena_free(&body->arena);
    buffer_free(&body->read.frames);
    memory_free(body);
}

static void body_give_back(struct spool_log *log, struct piece_body *body) {
    if (body->group) body->group->users--;
    body->group = NULL;
    arena_reset(&body->arena, ARENA_BLOCK_BYTES);
    if (log->spare_body_count == SPARE_BODIES) {
        body_free(body);
        return;
    }
    body->next = log->spare_bodies;
    log->spare_bodies = body;
    log->spare_body_count++;
}

void spool_bodies_free(struct spool_log *log) {
    while (log->spare_bodies) {
        struct piece_body *body = log->spare_bodies;
        log->spare_bodies = body->next;
        body_free(body);
    }
}

/* ---- pieces --------------------------------------------------------------------------------- */

void spool_release_piece(struct log_reader *base, struct log_piece *piece) {
    struct piece_body *body = piece_of(piece)->body;
    piece->records = NULL;
    piece_of(piece)->body = NULL;
    if (body) body_give_back(spool_reader_of(base)->log, body);
}

static void piece_free(struct spool_reader *reader, struct spool_piece *piece) {
    spool_release_piece(&reader->reader, &piece->piece);
    memory_free(piece);
}

void spool_load_forget(struct spool_reader *reader) {
    if (reader->loading) body_give_back(reader->log, reader->loading);
    reader->loading = NULL;
}

void spool_pieces_free(struct spool_reader *reader) {
    while (reader->out.first)
        piece_free(reader, piece_of(log_pieces_take(&reader->out)));
    while (reader->given_up.first)
        piece_free(reader, piece_of(log_pieces_take(&reader->given_up)));
    if (reader->loaded) piece_free(reader, reader->loaded);
    reader->loaded = NULL;
}

/* The first piece is settled: the cursor moves behind it, which its counts do already. */
static void pass_first(struct spool_reader *reader) {
    struct spool_piece *piece = piece_of(log_pieces_take(&reader->out));
    struct cursor *cursor = &reader->cursor;
    cursor->delivered += piece->piece.delivered;
    cursor->dead += piece->piece.dead;
    cursor->damaged += piece->damaged;
    cursor->next = piece->end;
    reader->reader.counts.damaged += piece->damaged;
    spool_log_lost(reader, LEDGER_DAMAGE, piece->damaged);
    piece_free(reader, piece);
    spool_reader_moved(reader);
}

static void pass_settled(struct spool_reader *reader) {
    while (reader->out.first && reader->out.first->settled)
        pass_first(reader);
}

/* One that is settled is nobody's any more. */
static void give_up_first(struct spool_reader *reader) {
    struct log_piece *piece = log_pieces_take(&reader->out);
    struct log_counts *counts = &reader->reader.counts;
    counts->delivered -= piece->delivered;
    counts->dead -= piece->dead;
    piece->given_up = true;
    if (piece->settled)
        piece_free(reader, piece_of(piece));
    else
        log_pieces_put(&reader->given_up, piece);
}

static void read_from(struct spool_reader *reader, uint64_t at) {
    if (reader->loaded) piece_free(reader, reader->loaded);
    reader->loaded = NULL;
    reader->at = at;
}

void spool_rewind(struct log_reader *base) {
    struct spool_reader *reader = spool_reader_of(base);
    while (reader->out.first)
        give_up_first(reader);
    read_from(reader, reader->cursor.next);
}

uint64_t spool_give_up_below(struct spool_reader *reader, uint64_t to) {
    struct cursor *cursor = &reader->cursor;
    uint64_t lost = 0;
    while (reader->out.first && piece_of(reader->out.first)->first < to) {
        const struct spool_piece *piece = piece_of(reader->out.first);
        if (piece->piece.settled) {
            pass_first(reader);
            continue;
        }
        uint64_t end = MIN(piece->end, to);
        lost += end - cursor->next;
        cursor->next = end;
        if (piece->end > to) /* the rest of it is kept, and comes again */
            spool_rewind(&reader->reader);
        else
            give_up_first(reader);
    }
    if (cursor->next < to) {
        lost += to - cursor->next;
        cursor->next = to;
    }
    if (reader->at < to) read_from(reader, to);
    cursor->dropped += lost;
    reader->reader.counts.dropped += lost;
    spool_reader_moved(reader);
    pass_settled(reader);
    return lost;
}

/* Roughly in order: one that is settled waits for those before it. */
static void forget_given_up(struct spool_reader *reader) {
    while (reader->given_up.first && reader->given_up.first->settled)
        piece_free(reader, piece_of(log_pieces_take(&reader->given_up)));
}

void spool_settle_piece(struct log_reader *base, struct log_piece *piece) {
    struct spool_reader *reader = spool_reader_of(base);
    assert(piece->given_up || piece->delivered + piece->dead == piece->count);
    piece->settled = true;
    spool_release_piece(base, piece);
    if (piece->given_up)
        forget_given_up(reader);
    else
        pass_settled(reader);
}

/* ---- reading -------------------------------------------------------------------------------- */

/* The records in `frames` from `at` on, `room` of them at most, and what is missing before `end`.
 */
static struct spool_piece *make_piece(struct spool_reader *reader, struct piece_body *body,
                                      struct slice frames, uint32_t room, uint64_t end) {
    struct record *records = arena_alloc(&body->arena, room * sizeof *records);
    struct frame frame;
    uint32_t made = 0;
    for (; made < room && frame_next(frames, &frame); frames = slice_skip(frames, frame.bytes)) {
        if (frame.kind == FRAME_COMMIT || frame.sequence < reader->at) continue;
        if (frame_get_record(&frame, &body->arena, &records[made])) made++;
    }
    struct spool_piece *piece = memory_alloc(sizeof *piece);
    *piece = (struct spool_piece){ .piece = { .records = records, .count = made },
                                   .first = reader->at,
                                   .end = end,
                                   .damaged = end - reader->at - made,
                                   .body = body };
    return piece;
}

static struct group *find_group(const struct spool_log *log, uint64_t sequence) {
    for (struct group *group = log->recent; group; group = group->next)
        if (sequence >= group->first && sequence < group->first + group->count) return group;
    return NULL;
}

void spool_load_run(struct task *task, unsigned worker) {
    struct spool_reader *reader = CONTAINER_OF(task, struct spool_reader, load);
    struct spool *spool = reader->log->spool;
    struct spool_read *read = &reader->loading->read;
    (void)worker;
    read->frames.length = 0;
    reader->read_good = spool_read(spool, reader->load_from, READ_BYTES, read, &reader->read_error);
    reader->load_seen = disk_look(spool);
}

static void take_loaded(struct spool_reader *reader, struct piece_body *body) {
    const struct spool_read *read = &body->read;
    if (read->damaged > 0)
        log_error("spool", "%s: %llu records between %llu and %llu are damaged", reader->name,
                  (unsigned long long)read->damaged, (unsigned long long)reader->load_from,
                  (unsigned long long)read->next);
    reader->loaded = make_piece(reader, body, buffer_slice(&read->frames), read->count, read->next);
}

void spool_load_done(struct task *task) {
    struct spool_reader *reader = CONTAINER_OF(task, struct spool_reader, load);
    struct spool_log *log = reader->log;
    struct piece_body *body = reader->loading;
    reader->loading = NULL;
    disk_seen(log, &reader->load_seen);
    if (reader->read_good && reader->load_from == reader->at) /* else it was dropped */
        take_loaded(reader, body);
    else
        body_give_back(log, body);
    if (!reader->read_good) {
        log_warning("spool", "%s: %s", reader->name, reader->read_error.text);
        timer_start(log->options.loop, &log->again, AGAIN_MS);
        return;
    }
    if (reader->open && reader->reader.readable) reader->reader.readable(&reader->reader);
}

static void start_load(struct spool_reader *reader) {
    reader->loading = body_take(reader->log);
    reader->load_from = reader->at;
    crew_submit(reader->log->crew, &reader->load);
}

/* What is in memory; NULL when there is none. */
static struct spool_piece *next_piece(struct spool_reader *reader) {
    struct spool_piece *piece = reader->loaded;
    struct group *group = piece ? NULL : find_group(reader->log, reader->at);
    reader->loaded = NULL;
    if (group == NULL) return piece;
    struct piece_body *body = body_take(reader->log);
    body->group = group;
    group->users++;
    return make_piece(reader, body, buffer_slice(&group->frames), group->count,
                      group->first + group->count);
}

struct log_piece *spool_read_piece(struct log_reader *base) {
    struct spool_reader *reader = spool_reader_of(base);
    while (reader->at < reader->log->end && reader->loading == NULL) {
        struct spool_piece *piece = next_piece(reader);
        if (piece == NULL) {
            start_load(reader);
            break;
        }
        reader->at = piece->end;
        log_pieces_put(&reader->out, &piece->piece);
        if (piece->piece.count > 0) return &piece->piece;
        spool_settle_piece(base, &piece->piece); /* all of it is damaged */
    }
    return NULL;
}

bool spool_is_read(const struct log_reader *base) {
    const struct spool_reader *reader = spool_reader_of(base);
    return reader->at >= reader->log->end;
}
