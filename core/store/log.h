/* The log between processing and delivery: records go in once, every reader takes them at its own
 * pace.
 *
 * On the loop thread. This is the log in memory: it keeps chunks until every reader has passed
 * them, and is bounded by whoever appends (the pipeline lends a limited number of batches). */
#ifndef STORE_LOG_H
#define STORE_LOG_H

#include "store/record.h"

struct log_chunk {
    const struct record *records;
    uint32_t count;
    unsigned readers_left;
    struct log_chunk *next;
    /* Called on the loop when the last reader has passed it. */
    void (*passed)(struct log_chunk *chunk);
};

struct log;

struct log *log_create(void) MUST_CHECK;
/* Every chunk must have been passed. */
void log_destroy(struct log *log);
/* `chunk` stays with the log until chunk->passed. With no reader, or no record, it is passed at
 * once. */
void log_append(struct log *log, struct log_chunk *chunk);
/* The number of a new reader, the lowest that is free. Nothing is for it until it is opened. */
unsigned log_add_reader(struct log *log) MUST_CHECK;
/* What is appended from now on is for this reader. */
void log_open_reader(struct log *log, unsigned reader);
/* What is appended from now on is not; what came before still is. */
void log_close_reader(struct log *log, unsigned reader);
/* What it has not passed counts as passed; its number is free. */
void log_remove_reader(struct log *log, unsigned reader);

/* The chunk at the reader's cursor; NULL when it has read everything. */
const struct log_chunk *log_read(const struct log *log, unsigned reader);
/* The reader is done with the chunk at its cursor. */
void log_advance(struct log *log, unsigned reader);
/* Records for this reader: those appended while it was open. */
uint64_t log_spooled(const struct log *log, unsigned reader);
/* Of these, the ones that it has not passed. */
uint64_t log_pending(const struct log *log, unsigned reader);

#endif
