/* The log between processing and delivery: records go in once, every reader takes them at its own
 * pace.
 *
 * On the loop thread. There are two: in memory (store/log_memory.c), bounded by whoever appends
 * (the pipeline lends a limited number of batches), and on disk (flow/log_spool.c), which keeps
 * records and cursors over restarts. */
#ifndef STORE_LOG_H
#define STORE_LOG_H

#include "base/error.h"
#include "store/record.h"

struct log_chunk {
    const struct record *records;
    uint32_t count;
    unsigned readers_left;
    struct log_chunk *next;
    /* Called on the loop when the log needs it no more: every reader has passed it, or it is on
     * disk, or the log is destroyed. */
    void (*passed)(struct log_chunk *chunk);
};

/* What became of the records for a reader, those appended while it was open. */
struct log_counts {
    uint64_t spooled, delivered, dead, dropped, damaged;
};

/* Records that the reader has not passed. */
static inline uint64_t log_counts_pending(const struct log_counts *counts) {
    return counts->spooled - counts->delivered - counts->dead - counts->dropped - counts->damaged;
}

/* Made by the log; part of what a log keeps for a reader. */
struct log_reader {
    const struct log_ops *ops;
    struct log_counts counts;
    bool given_up; /* the chunk at the cursor was dropped while a sink has it: it counts no more */
    /* Set by the reader's owner: there is something to read, where there was nothing. */
    void (*readable)(struct log_reader *reader);
    void *owner;
};

struct log {
    const struct log_ops *ops;
};

struct log_ops {
    void (*destroy)(struct log *log);
    void (*append)(struct log *log, struct log_chunk *chunk);
    void (*urge)(struct log *log);
    struct log_reader *(*add_reader)(struct log *log, const char *name, struct error *err);
    void (*open_reader)(struct log_reader *reader);
    void (*close_reader)(struct log_reader *reader);
    void (*remove_reader)(struct log_reader *reader);
    const struct log_chunk *(*read)(struct log_reader *reader);
    void (*advance)(struct log_reader *reader, uint32_t delivered, uint32_t dead);
};

/* The log in memory. */
struct log *log_memory_create(void) MUST_CHECK;

/* A log in memory must have passed every chunk; one on disk passes now what it could not write,
 * which is not durable: whoever acknowledges what was passed must have ended before. */
static inline void log_destroy(struct log *log) { log->ops->destroy(log); }

/* `chunk` stays with the log until chunk->passed, which may be called at once. */
static inline void log_append(struct log *log, struct log_chunk *chunk) {
    log->ops->append(log, chunk);
}

/* Somebody waits for chunks to be passed: do not gather more before that. */
static inline void log_urge(struct log *log) { log->ops->urge(log); }

/* A reader of this name; NULL with *err when what is known of it cannot be read. Nothing more is
 * for it until it is opened. */
static inline struct log_reader *log_add_reader(struct log *log, const char *name,
                                                struct error *err) {
    return log->ops->add_reader(log, name, err);
}

/* What is appended from now on is for this reader, which has read everything before. */
static inline void log_open_reader(struct log_reader *reader) { reader->ops->open_reader(reader); }

/* What is appended from now on is not; what came before still is. */
static inline void log_close_reader(struct log_reader *reader) {
    reader->ops->close_reader(reader);
}

/* What it has not passed is dropped by a log in memory and kept on disk. Frees the reader. */
static inline void log_remove_reader(struct log_reader *reader) {
    reader->ops->remove_reader(reader);
}

/* The chunk at the reader's cursor, valid until it is advanced; NULL when there is none (yet). */
static inline const struct log_chunk *log_read(struct log_reader *reader) {
    return reader->ops->read(reader);
}

/* The reader is done with the chunk at its cursor: each of its records is one or the other. */
static inline void log_advance(struct log_reader *reader, uint32_t delivered, uint32_t dead) {
    reader->ops->advance(reader, delivered, dead);
}

#endif
