/* store/log.h in memory: a list of chunks and a place in it for each reader. */
#include "base/alloc.h"
#include "store/log.h"
#include <assert.h>

struct memory_reader {
    struct log_reader reader;
    struct memory_log *log;
    bool open;
    struct log_chunk *at; /* void when nothing is pending */
    struct memory_reader *next;
};

struct memory_log {
    struct log log;
    struct log_chunk *last; /* valid while an open reader has something pending */
    struct memory_reader *readers;
};

static struct memory_log *log_of(struct log *log) {
    return CONTAINER_OF(log, struct memory_log, log);
}

static struct memory_reader *reader_of(struct log_reader *reader) {
    return CONTAINER_OF(reader, struct memory_reader, reader);
}

static bool is_behind(const struct memory_reader *reader) {
    return log_counts_pending(&reader->reader.counts) > 0;
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
    assert(!is_behind(reader) && "a chunk that came while it was closed would be between");
    reader->open = true;
}

static void memory_close_reader(struct log_reader *reader) { reader_of(reader)->open = false; }

/* The reader's place moves to the next chunk; the caller has counted this one. */
static void leave_chunk(struct memory_reader *reader) {
    struct log_chunk *chunk = reader->at;
    reader->at = chunk->next;
    if (--chunk->readers_left == 0) chunk->passed(chunk);
}

static void memory_remove_reader(struct log_reader *base) {
    struct memory_reader *reader = reader_of(base);
    struct memory_reader **link = &reader->log->readers;
    while (is_behind(reader)) {
        base->counts.dropped += reader->at->count;
        leave_chunk(reader);
    }
    while (*link != reader)
        link = &(*link)->next;
    *link = reader->next;
    memory_free(reader);
}

/* Nobody is told before everybody has it. */
static void tell_readers(struct memory_log *log, const struct log_chunk *chunk) {
    for (struct memory_reader *reader = log->readers, *next; reader; reader = next) {
        next = reader->next;
        if (is_behind(reader) && reader->at == chunk && reader->reader.readable)
            reader->reader.readable(&reader->reader);
    }
}

/* Counts the chunk for every open reader; true when one of them still has others before it. */
static bool enlist(struct memory_log *log, struct log_chunk *chunk) {
    bool some_behind = false;
    for (struct memory_reader *reader = log->readers; reader; reader = reader->next) {
        if (!reader->open || chunk->count == 0) continue;
        some_behind |= is_behind(reader);
        if (!is_behind(reader)) reader->at = chunk;
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

static const struct log_chunk *memory_read(struct log_reader *base) {
    const struct memory_reader *reader = reader_of(base);
    return is_behind(reader) ? reader->at : NULL;
}

static void memory_advance(struct log_reader *base, uint32_t delivered, uint32_t dead) {
    struct memory_reader *reader = reader_of(base);
    assert(delivered + dead == reader->at->count);
    base->counts.delivered += delivered;
    base->counts.dead += dead;
    leave_chunk(reader);
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
                                        .advance = memory_advance };
    struct memory_log *log = memory_zeroed(1, sizeof *log);
    log->log.ops = &ops;
    return &log->log;
}
