/* What a sink is about to finish elsewhere, kept in a file of the state folder: a restart finishes
 * it under the same name instead of a second time under another.
 *
 * An intent says which records an object holds: those of its partition with sequences in [first,
 * end). It is durable before the object is finished. An open one is made again from the same
 * records; records of a finished one are passed over, until the reader's cursor is past its end.
 * Blocking; one thread at a time. */
#ifndef STORE_INTENT_H
#define STORE_INTENT_H

#include "base/compiler.h"
#include "base/error.h"
#include "base/slice.h"
#include <stdint.h>

/* With the NUL. */
#define INTENT_OBJECT_BYTES ((size_t)1025)
#define INTENT_UPLOAD_BYTES ((size_t)1025)
#define PARTITION_VALUE_BYTES ((size_t)64)

/* What records are told apart by. */
enum partition_member { PARTITION_QUERY, PARTITION_LANG, PARTITION_NETWORK, PARTITION_MEMBERS };
/* A bit beside those of the members: what could not be kept as it is. */
#define PARTITION_ERRORS (UINT32_C(1) << PARTITION_MEMBERS)

struct partition {
    uint32_t members; /* which of the values tell: 1 << enum partition_member; others are "" */
    char values[PARTITION_MEMBERS][PARTITION_VALUE_BYTES];
};

struct intent {
    char object[INTENT_OBJECT_BYTES];
    char upload[INTENT_UPLOAD_BYTES]; /* the target's name for what is under way there; or "" */
    uint64_t target;                  /* a hash of where the object is */
    uint64_t first, end;
    uint64_t after; /* no record of the partition lies in [after, first) */
    uint64_t records;
    uint32_t sum; /* CRC32C of its bytes before they are compressed */
    uint32_t codec, level;
    struct partition partition;
    bool finished;
    bool own; /* made since the file was opened */
    struct intent *next;
};

struct intents;

/* NULL path: they are kept in memory alone. `log` is the id of the log whose sequences they mean:
 * with another one the file says nothing. NULL with *err when it cannot be read or written, or a
 * newer linnet wrote it. */
struct intents *intents_open(const char *path, struct slice log, struct error *err) MUST_CHECK;
void intents_close(struct intents *intents);
/* What was wrong with the file, which then is empty; NULL: nothing. */
const char *intents_repaired(const struct intents *intents);
/* Of this file, the same over restarts; of one in memory, of this opening. */
uint64_t intents_number(const struct intents *intents);
struct intent *intents_first(const struct intents *intents);

/* Adds a copy. It, and the changes below, are durable with the next save. */
struct intent *intents_add(struct intents *intents, const struct intent *intent);
void intents_remove(struct intents *intents, struct intent *intent);
/* Marks it and joins it with finished neighbours: it may be gone then. */
void intents_finish(struct intents *intents, struct intent *intent);
/* Everything before `durable` is settled for good: finished ones that end there go. */
void intents_pass(struct intents *intents, uint64_t durable);
/* False with errno in *err: what the file says is what was saved before. */
bool intents_save(struct intents *intents, struct error *err) MUST_CHECK;

/* Whether records of one are told apart as those of the other. */
bool partition_equal(const struct partition *a, const struct partition *b);
/* The intent that a record of this partition, all values known, belongs to; open ones first. NULL:
 * none. */
struct intent *intents_of(const struct intents *intents, uint64_t sequence,
                          const struct partition *of);

#endif
