/* A reader's cursor on disk: how far it is and what became of the records, in FOLDER/cursors/NAME.
 *
 * Two copies in one file, written in turn and synced; the newest that is whole counts, so that a
 * torn write costs repeats and never a gap. Blocking; one thread at a time. */
#ifndef STORE_CURSOR_H
#define STORE_CURSOR_H

#include "base/error.h"
#include "store/log.h"
#include "store/spool.h"

struct cursor {
    uint64_t start;                             /* the first record that was for this reader */
    uint64_t next;                              /* the first that is not settled */
    uint64_t delivered, dead, dropped, damaged; /* next - start in all */
};

/* As the counts of a reader of a spool that ends at `end`. */
struct log_counts cursor_counts(const struct cursor *cursor, uint64_t end);

#define CURSOR_FORMAT 1

struct cursor_file;

/* Opens the file, or makes it with a cursor at `fresh`; *cursor is what it says, made to fit the
 * spool and durable. With no good copy, or one of another spool, it starts at the spool's first
 * record; what lies before that counts as damaged, and a place behind the end is the end: repeats,
 * never a gap. One of a newer format is left alone. NULL with *err. */
struct cursor_file *cursor_open(const struct spool *spool, const char *folder, const char *name,
                                uint64_t fresh, struct cursor *cursor,
                                struct error *err) MUST_CHECK;
/* What a cursor must fit: for whoever may not touch the spool, which another thread works on. */
struct spool_extent {
    char id[SPOOL_ID_BYTES];
    uint64_t first, end;
};
struct cursor_file *cursor_open_in(const struct spool_extent *extent, const char *folder,
                                   const char *name, uint64_t fresh, struct cursor *cursor,
                                   struct error *err) MUST_CHECK;
/* What cursor_open put right, for the log; NULL when nothing. */
const char *cursor_repaired(const struct cursor_file *file);
/* What is on disk, and what cursor_open would put right (*wrong, NULL when nothing); changes
 * nothing. False with *err when there is none to be read. */
bool cursor_look(const struct spool *spool, const char *folder, const char *name,
                 struct cursor *cursor, const char **wrong, struct error *err) MUST_CHECK;
/* Durable when it returns true; false with *err: the copy before it still counts. */
bool cursor_save(struct cursor_file *file, const struct cursor *cursor,
                 struct error *err) MUST_CHECK;
void cursor_close(struct cursor_file *file);
/* Removes the file of this name; false with *err, ERROR_FAILED when there is none. */
bool cursor_forget(const char *folder, const char *name, struct error *err) MUST_CHECK;
/* Calls `each` with the name of every cursor. False with *err. */
bool cursor_list(const char *folder, void (*each)(void *context, const char *name), void *context,
                 struct error *err) MUST_CHECK;

#endif
