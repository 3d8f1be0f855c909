/* SQLite as this project uses it: a file of a known format, write-ahead log, every commit synced.
 *
 * Blocking; one thread at a time. Statements are SQLite's own, sqlite3.h says how to read them. */
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include "base/error.h"
#include "base/os.h"
#include <sqlite3.h>

/* What a file is: its application id and version are in its header. */
struct database_format {
    int application;
    int version;
    const char *schema; /* SQL that makes an empty file one of version 1 */
    /* upgrades[i]: SQL that makes a file of version i + 1 one of version i + 2, in one transaction
     * with all that are behind it; whatever takes long is for later. NULL: the schema is that of
     * `version`, and files of older ones are left as they are. */
    const char *const *upgrades;
    /* What a connection needs before it can use the file (functions, tokenizers); an SQLite code.
     * NULL: nothing. */
    int (*connect)(sqlite3 *handle);
};

struct database {
    sqlite3 *handle; /* NULL: not open */
    const char *path;
    struct os_info file; /* that is open */
    int version;         /* of the file */
};

enum database_mode { DATABASE_READ, DATABASE_WRITE /* made when missing */ };

/* Why the last call that failed did. */
enum database_fault {
    DATABASE_AGAIN,   /* busy, no room, an I/O error, ...: the same may do later on */
    DATABASE_REFUSED, /* these values never: too big, or against a constraint */
    DATABASE_BROKEN,  /* damaged, not of this format, or a wrong statement */
};
enum database_fault database_fault(const struct database *database);

/* `path` must outlive it. A file of something else, or of a newer linnet, is refused untouched; one
 * of an older linnet is upgraded when it is to be written, and read as it is.
 * What is found in a file to be written is durable: a process that was killed may have left more to
 * be read than was synced, and writing the same again would write nothing. */
bool database_open(struct database *database, const char *path,
                   const struct database_format *format, enum database_mode mode,
                   struct error *err) MUST_CHECK;
/* Statements must be finalized before. */
void database_close(struct database *database);
/* False when the open file was removed or moved away: SQLite would write on into it. */
bool database_is_in_place(const struct database *database);
/* Closes such a file. Its log goes into it first: left behind, it would be taken for that of the
 * next. False with *err, and still open, when that fails. */
bool database_leave(struct database *database, struct error *err) MUST_CHECK;
bool database_run(struct database *database, const char *sql, struct error *err) MUST_CHECK;
/* What was written since BEGIN is gone; does nothing outside of a transaction. After a COMMIT that
 * failed, the same connection writes it anew, where a new one might believe what was never synced.
 */
void database_roll_back(struct database *database);
/* After a failure. True: it passes, and what was begun is rolled back, for the same connection to
 * be used again. False: to be closed, when it is open at all. */
bool database_goes_on(struct database *database);
sqlite3_stmt *database_prepare(struct database *database, const char *sql,
                               struct error *err) MUST_CHECK;
/* *row: there is one to be read. Without one the statement is ready for its next use. */
bool database_step(struct database *database, sqlite3_stmt *statement, bool *row,
                   struct error *err) MUST_CHECK;
/* From 1; the bytes must stay until the statement's next use. A slice without data is NULL. */
void bind_slice(sqlite3_stmt *statement, int at, struct slice value);
/* From 0; valid until the next step. */
struct slice column_slice(sqlite3_stmt *statement, int at);

#endif
