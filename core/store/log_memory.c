/* store/log.h: a list of chunks and one cursor a reader. */
#include "base/alloc.h"
#include "store/log.h"

struct cursor {
    enum { FREE, CLOSED, OPEN } state;
    struct log_chunk *at;     /* NULL: at the end; void when nothing is left */
    uint64_t spooled, passed; /* records */
};

struct log {
    struct log_chunk *last; /* valid while some open cursor is not at the end */
    struct cursor *cursors;
    unsigned reader_count; /* free ones too */
};

struct log *log_create(void) { return memory_zeroed(1, sizeof(struct log)); }

void log_destroy(struct log *log) {
    memory_free(log->cursors);
    memory_free(log);
}

unsigned log_add_reader(struct log *log) {
    unsigned reader = 0;
    while (reader < log->reader_count && log->cursors[reader].state != FREE)
        reader++;
    if (reader == log->reader_count)
        log->cursors = memory_resize(log->cursors, ++log->reader_count * sizeof *log->cursors);
    log->cursors[reader] = (struct cursor){ .state = CLOSED };
    return reader;
}

void log_open_reader(struct log *log, unsigned reader) { log->cursors[reader].state = OPEN; }

void log_close_reader(struct log *log, unsigned reader) { log->cursors[reader].state = CLOSED; }

void log_remove_reader(struct log *log, unsigned reader) {
    while (log_read(log, reader))
        log_advance(log, reader);
    log->cursors[reader].state = FREE;
}

void log_append(struct log *log, struct log_chunk *chunk) {
    bool some_behind = false;
    chunk->next = NULL;
    chunk->readers_left = 0;
    for (unsigned i = 0; i < log->reader_count && chunk->count > 0; i++) {
        struct cursor *cursor = &log->cursors[i];
        if (cursor->state != OPEN) continue;
        bool behind = cursor->passed < cursor->spooled;
        some_behind |= behind;
        if (!behind) cursor->at = chunk;
        cursor->spooled += chunk->count;
        chunk->readers_left++;
    }
    if (chunk->readers_left == 0) {
        chunk->passed(chunk);
        return;
    }
    if (some_behind) log->last->next = chunk;
    log->last = chunk;
}

const struct log_chunk *log_read(const struct log *log, unsigned reader) {
    const struct cursor *cursor = &log->cursors[reader];
    return cursor->passed < cursor->spooled ? cursor->at : NULL;
}

void log_advance(struct log *log, unsigned reader) {
    struct cursor *cursor = &log->cursors[reader];
    struct log_chunk *chunk = cursor->at;
    cursor->at = chunk->next;
    cursor->passed += chunk->count;
    if (--chunk->readers_left == 0) chunk->passed(chunk);
}

uint64_t log_spooled(const struct log *log, unsigned reader) {
    return log->cursors[reader].spooled;
}

uint64_t log_pending(const struct log *log, unsigned reader) {
    return log->cursors[reader].spooled - log->cursors[reader].passed;
}
