/* store/log.h: a list of chunks and one cursor a reader. */
#include "base/alloc.h"
#include "store/log.h"

struct cursor {
    struct log_chunk *at; /* NULL: at the end */
    uint64_t passed;      /* records */
};

struct log {
    struct log_chunk *last; /* valid while some cursor is not at the end */
    uint64_t appended;      /* records */
    unsigned reader_count;
    struct cursor cursors[];
};

struct log *log_create(unsigned readers) {
    struct log *log = memory_zeroed(1, sizeof *log + readers * sizeof log->cursors[0]);
    log->reader_count = readers;
    return log;
}

void log_destroy(struct log *log) { memory_free(log); }

void log_append(struct log *log, struct log_chunk *chunk) {
    chunk->next = NULL;
    chunk->readers_left = log->reader_count;
    log->appended += chunk->count;
    if (chunk->count == 0 || log->reader_count == 0) {
        chunk->passed(chunk);
        return;
    }
    bool some_behind = false;
    for (unsigned i = 0; i < log->reader_count; i++) {
        some_behind |= log->cursors[i].at != NULL;
        if (log->cursors[i].at == NULL) log->cursors[i].at = chunk;
    }
    if (some_behind) log->last->next = chunk;
    log->last = chunk;
}

const struct log_chunk *log_read(const struct log *log, unsigned reader) {
    return log->cursors[reader].at;
}

void log_advance(struct log *log, unsigned reader) {
    struct log_chunk *chunk = log->cursors[reader].at;
    log->cursors[reader].at = chunk->next;
    log->cursors[reader].passed += chunk->count;
    if (--chunk->readers_left == 0) chunk->passed(chunk);
}

uint64_t log_appended(const struct log *log) { return log->appended; }

uint64_t log_pending(const struct log *log, unsigned reader) {
    return log->appended - log->cursors[reader].passed;
}
