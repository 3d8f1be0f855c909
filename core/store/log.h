/* The log between processing and delivery: records go in once, every reader takes them at its own
 * pace, some pieces ahead of what it has settled.
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
    /* Called on the loop when the log needs it no more: every reader has released it, or it is on
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

/* Some records in a row that a reader has read. The log's, until it is settled. */
struct log_piece {
    const struct record *records; /* until it is released */
    uint32_t count;
    uint32_t delivered, dead; /* of them, so far */
    bool settled;
    bool given_up; /* dropped, or to be read again: what becomes of it counts no more */
    struct log_piece *next;
};

/* Made by the log; part of what a log keeps for a reader. */
struct log_reader {
    const struct log_ops *ops;
    struct log_counts counts;
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
    struct log_piece *(*read)(struct log_reader *reader);
    bool (*is_read)(const struct log_reader *reader);
    void (*release)(struct log_reader *reader, struct log_piece *piece);
    void (*settle)(struct log_reader *reader, struct log_piece *piece);
    void (*rewind)(struct log_reader *reader); /* NULL: it cannot read twice */
    uint64_t (*durable)(const struct log_reader *reader);
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

/* What it has not settled is dropped by a log in memory and kept on disk. Frees the reader and its
 * pieces. */
static inline void log_remove_reader(struct log_reader *reader) {
    reader->ops->remove_reader(reader);
}

/* The next records, behind those that were read; NULL when there are none (yet). */
static inline struct log_piece *log_read(struct log_reader *reader) {
    return reader->ops->read(reader);
}

/* Nothing is there that was not read. */
static inline bool log_is_read(const struct log_reader *reader) {
    return reader->ops->is_read(reader);
}

/* The reader needs the piece's records no more; it is still to be settled. */
static inline void log_release(struct log_reader *reader, struct log_piece *piece) {
    reader->ops->release(reader, piece);
}

/* So many more of the piece's records are one or the other. */
static inline void log_note(struct log_reader *reader, struct log_piece *piece, uint32_t delivered,
                            uint32_t dead) {
    piece->delivered += delivered;
    piece->dead += dead;
    if (piece->given_up) return;
    reader->counts.delivered += delivered;
    reader->counts.dead += dead;
}

/* All of the piece is noted, or it was given up. In any order: the cursor moves behind those before
 * which nothing is unsettled. Releases the piece, which is then the log's to free. */
static inline void log_settle(struct log_reader *reader, struct log_piece *piece) {
    reader->ops->settle(reader, piece);
}

/* A log in memory may have given away what was read. */
static inline bool log_can_rewind(const struct log_reader *reader) {
    return reader->ops->rewind != NULL;
}

/* What was read and is not behind the cursor is pending and will be read again; its pieces are
 * given up, and still to be settled. */
static inline void log_rewind(struct log_reader *reader) { reader->ops->rewind(reader); }

/* The sequence of the first record that would be read again after a restart; with a log in memory,
 * of the first that is not settled. */
static inline uint64_t log_durable(const struct log_reader *reader) {
    return reader->ops->durable(reader);
}

/* ---- for the logs: pieces of a reader in the order in which they were read ---- */

struct log_pieces {
    struct log_piece *first, *last; /* `last` is valid unless there is no first */
};

static inline void log_pieces_put(struct log_pieces *pieces, struct log_piece *piece) {
    piece->next = NULL;
    *(pieces->first ? &pieces->last->next : &pieces->first) = piece;
    pieces->last = piece;
}

static inline struct log_piece *log_pieces_take(struct log_pieces *pieces) {
    struct log_piece *piece = pieces->first;
    pieces->first = piece->next;
    return piece;
}

#endif
