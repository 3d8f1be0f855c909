/* Looking over a whole state folder, and putting right what can be put right.
 *
 * Blocking. check changes nothing, and may run beside a linnet that uses the folder; repair needs
 * the folder's lock. */
#ifndef STORE_SPOOL_CHECK_H
#define STORE_SPOOL_CHECK_H

#include "store/cursor.h"

struct checked_segment {
    const char *path;
    uint64_t first, end;    /* sequences that it should hold */
    uint64_t records;       /* that are there */
    uint64_t bytes;         /* of the file */
    uint64_t damaged_bytes; /* below `left` */
    uint64_t left;          /* offset behind its last record; what follows counts for nothing */
    bool header_damaged;
};

struct checked_damage {
    const char *path;
    uint64_t offset, bytes;
    uint64_t first, records; /* sequences that it cost */
};

struct checked_cursor {
    const char *name;
    struct cursor cursor;
    const char *wrong; /* NULL: nothing */
};

/* Whom to tell; `damage` before the segment that it is in. */
struct spool_checker {
    void (*damage)(void *context, const struct checked_damage *damage);
    void (*segment)(void *context, const struct checked_segment *segment);
    void (*cursor)(void *context, const struct checked_cursor *cursor);
    void *context;
};

struct spool_checked {
    uint64_t segments, records, bytes;
    uint64_t damaged_bytes, missing; /* records that are not there */
    uint64_t cut_bytes;              /* behind the last whole group: a start cuts them off */
    uint64_t headers, cursors;       /* that are wrong */
};

/* False with *err when the spool cannot be read at all. */
bool spool_check(const char *folder, const struct spool_checker *checker,
                 struct spool_checked *checked, struct error *err) MUST_CHECK;
/* Writes segments that are damaged anew without the damage, whose bytes are then in
 * FOLDER/quarantine, and cursors so that they fit. Records that are gone stay gone. What it tells
 * is what it found. */
bool spool_repair(const char *folder, const struct spool_checker *checker,
                  struct spool_checked *checked, struct error *err) MUST_CHECK;

#endif
