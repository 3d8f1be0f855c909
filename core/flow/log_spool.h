/* The log on disk: store/log.h over the spool, for a pipeline that must lose nothing.
 *
 * On the loop; a disk thread of its own writes, syncs and reads. Records go into a group in memory,
 * the group goes to the disk when it is long or old enough or somebody waits, and only then do
 * readers see it and are its chunks passed: so whoever appends is held back by the disk, and
 * nothing is delivered that a power cut could still undo. */
#ifndef FLOW_LOG_SPOOL_H
#define FLOW_LOG_SPOOL_H

#include "base/buffer.h"
#include "net/loop.h"
#include "store/ledger.h"
#include "store/log.h"
#include "store/spool.h"

/* What a reader that is behind does to a spool that is full. */
enum when_full {
    WHEN_FULL_PAUSE, /* holds it: sources wait */
    WHEN_FULL_DROP_OLDEST
};

struct log_spool_options {
    struct loop *loop;
    unsigned disk_threads; /* 1; 0: on the loop, one task a round */
    const char *folder;    /* STATE, whose lock the caller holds */
    uint64_t max_bytes;    /* of all segments */
    /* Appends what must be as durable as the records so far: at most MAX_STATE_BYTES. */
    void (*write_state)(void *context, struct buffer *state);
    /* Optional: from now on nothing is stored, for this reason; NULL: it is again. */
    void (*waits)(void *context, const char *reason);
    /* Optional: a reader will never get so many records; LEDGER_DROP or LEDGER_DAMAGE. */
    void (*lost)(void *context, const char *reader, enum ledger_kind kind, uint64_t count);
    /* The disk takes no more: the pipeline must stop. Called once. */
    void (*failed)(void *context, const struct error *err);
    void *context;
};

/* NULL with *err. */
struct log *log_spool_create(const struct log_spool_options *options, struct error *err) MUST_CHECK;
/* What write_state wrote last, at the start; empty in a new spool. Valid until the first append. */
struct slice log_spool_state(const struct log *log);
/* The sequence of the next record to be appended. */
uint64_t log_spool_next(const struct log *log);
/* Which log its sequences are of: one that was made anew has another. */
struct slice log_spool_id(const struct log *log);
/* As spool_ids, before the first append. */
bool log_spool_ids(struct log *log, known_id_taker *each, void *context,
                   struct error *err) MUST_CHECK;
/* What there is goes to the disk now, be it the state alone. */
void log_spool_hurry(struct log *log);
/* A delete of a post that is unknown, by the hash that it is known by: remembered with the next
 * commit, and by the next run. */
void log_spool_note_delete(struct log *log, uint64_t hash);
/* How a reader takes part in a full spool, and whether a new one starts at the oldest record: after
 * it was added, before it is opened. */
void log_spool_set_reader(struct log_reader *reader, enum when_full when_full, bool from_oldest);
/* Readers of earlier configurations: their cursors stay, but hold nothing. */
void log_spool_each_gone(const struct log *log,
                         void (*each)(void *context, const char *name,
                                      const struct log_counts *counts),
                         void *context);
/* Forgets the cursor of such a reader; false with *err when there is none of this name. */
bool log_spool_forget(struct log *log, const char *name, struct error *err) MUST_CHECK;
/* Bytes of all segments; *waiting: sources wait for room. */
uint64_t log_spool_bytes(const struct log *log, bool *waiting);
/* Monotonic nanoseconds of when the disk got what it writes now; 0: it writes nothing. */
uint64_t log_spool_writing_since(const struct log *log);

#endif
