/* An object of an archive while it is gathered: its bytes go, compressed, to a file of their own,
 * so that it takes little memory however long it is. One owner, one thread at a time.
 *
 * Whatever fails for want of room may be tried again: nothing is lost, nothing is written twice. */
#ifndef ARCHIVE_OBJECT_H
#define ARCHIVE_OBJECT_H

#include "archive/codec.h"
#include "base/buffer.h"
#include "store/file.h"
#include "store/intent.h"

struct gathering; /* a handover whose records are in it */

struct object {
    struct object *next;
    char name[INTENT_OBJECT_BYTES];
    struct partition partition;
    struct intent *intent; /* of an object that is made again, or is about to be finished */
    bool again;            /* it is made again, of the records that its intent names */
    bool begun;            /* it may have been sent before, under this name */
    enum codec codec;
    unsigned level;
    uint64_t first, last; /* sequences */
    uint64_t records, bytes;
    uint32_t sum;      /* CRC32C of these bytes */
    int64_t oldest_ms; /* when its first record was received */
    uint64_t opened_ns;
    const char *why; /* it was sealed */
    struct gathering **gatherings;
    size_t gathering_count;

    char path[PATH_BYTES]; /* of the file */
    bool hidden;           /* it is the owner's alone */
    int fd;                /* -1: there is none yet */
    bool closed;           /* all is written and synced */
    bool doubtful;         /* a sync failed: what is in the file is to be written anew */
    bool lost;             /* and is not what was written: its records are to be read again */
    bool moved;            /* the file itself has another name now */
    bool sending, placed;  /* on its way; there, under its name */
    uint64_t written;
    uint32_t file_sum;    /* CRC32C of what was written */
    struct buffer coming; /* not compressed yet */
    struct buffer going;  /* compressed, not written yet */
    struct encoder *encoder;
    bool ended; /* the encoder has given all */
};

/* `path` is where its file will be. */
struct object *object_create(const char *path, enum codec codec, unsigned level);
/* Its file goes, too, unless it was moved. */
void object_destroy(struct object *object);
/* More bytes of it: object_flush is next when object_is_full. */
void object_add(struct object *object, struct slice bytes);
bool object_is_full(const struct object *object);
/* False with *err: again, later. */
bool object_flush(struct object *object, struct error *err) MUST_CHECK;
/* All was added: it is written whole and synced. The same. */
bool object_close(struct object *object, struct error *err) MUST_CHECK;

#endif
