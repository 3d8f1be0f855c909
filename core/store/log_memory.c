/* store/log.h in memory: a list of chunks, a place in it for each reader, and what each has out. */
#include "base/alloc.h"
#include "store/log.h"
#include <assert.h>

struct memory_piece {
    struct log_piece piece;
    struct log_chunk *chunk; /* NULL: released */
    uint64_t end;            /* sequence behind it */
};

struct memory_reader {
    struct log_reader reader;
    struct memory_log *log;
    bool open;
    uint64_t unread;         /* records from `at` on */
    struct log_chunk *at;    /* void when nothing is unread */
    struct log_pieces out;   /* read, and not behind the cursor */
    uint64_t settled_before; /* sequence of what is at the cursor */
    struct memory_reader *next;
};

struct memory_log {
    struct log log;
    struct log_chunk *last; /* valid while an open reader has something unread */
    struct memory_reader *readers;
};

static struct memory_log *log_of(struct log *log) {
    return CONTAINER_OF(log, struct memory_log, log);
}

static struct memory_reader *reader_of(const struct log_reader *reader) {
    return CONTAINER_OF((struct log_reader *)reader, struct memory_reader, reader);
}

static struct memory_piece *piece_of(struct log_piece *piece) {
    return CONTAINER_OF(piece, struct memory_piece, piece);
}

static void memory_destroy(struct log *base) {
    struct memory_log *log = log_of(base);
    while (log->readers) {
        struct memory_reader *reader = log->readers;
        log->readers = reader->next;
        memory_free(reader);
    }
    memory_free(log);
}

static void memory_urge(struct log *log) { (void)log; }

static struct log_reader *memory_add_reader(struct log *base, const char *name, struct error *err) {
    (void)name, (void)err;
    struct memory_log *log = log_of(base);
    struct memory_reader *reader = memory_zeroed(1, sizeof *reader);
    *reader = (struct memory_reader){ .reader.ops = base->ops, .log = log, .next = log->readers };
    log->readers = reader;
    return &reader->reader;
}

static void memory_open_reader(struct log_reader *base) {
    struct memory_reader *reader = reader_of(base);
    assert(reader->unread == 0 && "a chunk that came while it was closed would be between");
    reader->open = true;
}

static void memory_close_reader(struct log_reader *reader) { reader_of(reader)->open = false; }

static void leave_chunk(struct log_chunk *chunk) {
    if (--chunk->readers_left == 0) chunk->passed(chunk);
}

static struct log_chunk *pass_unread(struct memory_reader *reader) {
    struct log_chunk *chunk = reader->at;
    reader->unread -= chunk->count;
    reader->at = chunk->next;
    return chunk;
}

static void memory_release(struct log_reader *base, struct log_piece *base_piece) {
    struct memory_piece *piece = piece_of(base_piece);
    struct log_chunk *chunk = piece->chunk;
    (void)base;
    base_piece->records = NULL;
    piece->chunk = NULL;
    if (chunk) leave_chunk(chunk);
}

static void memory_remove_reader(struct log_reader *base) {
    struct memory_reader *reader = reader_of(base);
    struct memory_reader **link = &reader->log->readers;
    while (*link != reader)
        link = &(*link)->next;
    *link = reader->next;
    while (reader->out.first) {
        struct log_piece *piece = log_pieces_take(&reader->out);
        memory_release(base, piece);
        memory_free(piece_of(piece));
    }
    while (reader->unread > 0)
        leave_chunk(pass_unread(reader));
    memory_free(reader);
}

/* Nobody is told before everybody has it. */
static void tell_readers(struct memory_log *log, const struct log_chunk *chunk) {
    for (struct memory_reader *reader = log->readers, *next; reader; reader = next) {
        next = reader->next;
        if (reader->unread > 0 && reader->at == chunk && reader->reader.readable)
            reader->reader.readable(&reader->reader);
    }
}

/* Counts the chunk for every open reader; true when one of them still has others before it. */
static bool enlist(struct memory_log *log, struct log_chunk *chunk) {
    bool some_behind = false;
    for (struct memory_reader *reader = log->readers; reader; reader = reader->next) {
        if (!reader->open || chunk->count == 0) continue;
        some_behind |= reader->unread > 0;
        if (reader->unread == 0) reader->at = chunk;
        reader->unread += chunk->count;
        reader->reader.counts.spooled += chunk->count;
        chunk->readers_left++;
    }
    return some_behind;
}

static void memory_append(struct log *base, struct log_chunk *chunk) {
    struct memory_log *log = log_of(base);
    chunk->next = NULL;
    chunk->readers_left = 0;
    if (enlist(log, chunk)) log->last->next = chunk;
    if (chunk->readers_left == 0) {
        chunk->passed(chunk);
        return;
    }
    log->last = chunk;
    tell_readers(log, chunk);
}

static struct log_piece *memory_read(struct log_reader *base) {
    struct memory_reader *reader = reader_of(base);
    if (reader->unread == 0) return NULL;
    struct log_chunk *chunk = pass_unread(reader);
    struct memory_piece *piece = memory_alloc(sizeof *piece);
    *piece = (struct memory_piece){ .piece = { .records = chunk->records, .count = chunk->count },
                                    .chunk = chunk,
                                    .end = chunk->records[chunk->count - 1].sequence + 1 };
    if (reader->out.first == NULL) reader->settled_before = chunk->records[0].sequence;
    log_pieces_put(&reader->out, &piece->piece);
    return &piece->piece;
}

static bool memory_is_read(const struct log_reader *base) { return reader_of(base)->unread == 0; }

static void memory_settle(struct log_reader *base, struct log_piece *piece) {
    struct memory_reader *reader = reader_of(base);
    assert(piece->delivered + piece->dead == piece->count);
    struct log_chunk *chunk = piece_of(piece)->chunk;
    piece_of(piece)->chunk = NULL;
    piece->settled = true;
    while (reader->out.first && reader->out.first->settled) {
        struct memory_piece *passed = piece_of(log_pieces_take(&reader->out));
        reader->settled_before = passed->end;
        memory_free(passed);
    }
    if (chunk) leave_chunk(chunk);
}

static uint64_t memory_durable(const struct log_reader *base) {
    return reader_of(base)->settled_before;
}

struct log *log_memory_create(void) {
    static const struct log_ops ops = { .destroy = memory_destroy,
                                        .append = memory_append,
                                        .urge = memory_urge,
                                        .add_reader = memory_add_reader,
                                        .open_reader = memory_open_reader,
                                        .close_reader = memory_close_reader,
                                        .remove_reader = memory_remove_reader,
                                        .read = memory_read,
                                        .is_read = memory_is_read,
                                        .release = memory_release,
                                        .settle = memory_settle,
                                        .durable = memory_durable };
    struct memory_log *log = memory_zeroed(1, sizeof *log);
    log->log.ops = &ops;
    return &log->log;
}
