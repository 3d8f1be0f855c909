/* What the files of the log on disk share. */
#ifndef FLOW_LOG_SPOOL_INTERNAL_H
#define FLOW_LOG_SPOOL_INTERNAL_H

#include "base/arena.h"
#include "flow/log_spool.h"
#include "store/cursor.h"

/* How soon a disk that was full, or could not be read, is tried again. */
#define AGAIN_MS 1000

/* A group goes to the disk when it is this long. */
#define GROUP_BYTES ((size_t)1 << 20)
/* Memory of groups that waits for the next ones. */
#define SPARE_BUFFERS 2

/* Records on their way to the disk, then kept for readers that are not far behind. */
struct group {
    struct buffer frames;
    uint64_t first; /* sequence of its first record */
    uint32_t count;
    bool stored;                     /* it is on disk */
    unsigned users;                  /* pieces whose records lie in it */
    struct log_chunk *chunks, *last; /* to be passed when it is stored */
    struct group *next;
};

/* What the disk thread knew when it finished its last task. */
struct disk_status {
    uint64_t first, second; /* of the oldest segment, and what is left when that is dropped: the end
                             * when it may not be */
    uint64_t bytes;
};

/* More cursors than anybody has sinks. */
#define MAX_SPOOL_READERS 256

/* The memory of a piece's records. */
struct piece_body {
    struct arena arena;
    struct group *group;    /* they lie in this one, or, when NULL, in `read` */
    struct spool_read read; /* the disk thread's while it reads */
    struct piece_body *next;
};

/* Memory of bodies that waits for the next pieces. */
#define SPARE_BODIES 4

struct spool_piece {
    struct log_piece piece;
    uint64_t first, end; /* sequences */
    uint64_t damaged;    /* so many between them are none of its records */
    struct piece_body *body;
};

struct spool_reader {
    struct log_reader reader;
    struct spool_log *log;
    char *name;
    struct cursor cursor;     /* as of now */
    struct cursor_file *file; /* the disk thread's while `saving` */
    bool owned, open;
    bool tried;         /* its file is new, and it was never opened */
    bool moved, saving; /* the cursor on disk is older; it is being written */
    uint64_t saved;     /* cursor.next on disk */
    enum when_full when_full;

    uint64_t at;                /* what is read next; the cursor, when nothing is out */
    struct log_pieces out;      /* from the cursor to `at`, one behind the other */
    struct log_pieces given_up; /* theirs are no records any more */
    struct spool_piece *loaded; /* from `at` on; NULL: nothing was loaded ahead */

    struct task load, save;
    struct piece_body *loading; /* what is read into; NULL: nothing is */
    uint64_t load_from;
    bool read_good, save_good;
    struct disk_status load_seen;
    struct cursor to_save;
    struct error read_error, save_error;
    struct spool_reader *next;
};

struct spool_log {
    struct log log;
    struct log_spool_options options;
    struct spool *spool; /* the disk thread's */
    struct crew *crew;
    struct group *open;                 /* being filled; NULL: nothing yet */
    struct group *writing;              /* with the disk thread, or waiting for room; NULL: none */
    struct group *recent, *recent_last; /* stored, oldest first */
    size_t recent_bytes;
    char *spares[SPARE_BUFFERS]; /* all as long */
    size_t spare_count;
    uint64_t block_from; /* length of the groups that fill blocks */
    uint64_t next, end;  /* the next sequence to be given; the one behind the last stored */
    uint64_t *deletes;   /* since the last commit */
    uint32_t delete_count, delete_room;
    struct spool_reader *readers;
    struct piece_body *spare_bodies;
    size_t spare_body_count;
    uint32_t seed;
    char id[SPOOL_ID_BYTES];
    uint64_t append_ns; /* when the disk thread got what it writes now */
    bool changed;       /* the state differs from that of the last commit */
    bool urged, hurried, appending, dropping, full, no_room, failed;
    enum spool_outcome outcome;
    uint64_t drop_below;
    struct disk_status disk, append_seen, drop_seen; /* the last two are the disk thread's */
    struct task append, drop;
    struct error append_error;
    struct timer commit, again, save;
};

static inline struct spool_log *spool_log_of(const struct log *log) {
    return CONTAINER_OF((struct log *)log, struct spool_log, log);
}

static inline struct spool_reader *spool_reader_of(const struct log_reader *reader) {
    return CONTAINER_OF((struct log_reader *)reader, struct spool_reader, reader);
}

/* flow/log_spool_group.c */
struct group *group_create(struct spool_log *log, uint64_t first) MUST_CHECK;
void group_free(struct spool_log *log, struct group *group);
/* It is stored: readers that are not far behind find it in log->recent. */
void group_keep(struct spool_log *log, struct group *group);
/* All that there are. */
void groups_free(struct spool_log *log);

/* flow/log_spool.c */
/* On the disk thread, at the end of a task. */
struct disk_status disk_look(const struct spool *spool);
/* Tells whoever wants to know it. */
void spool_log_lost(const struct spool_reader *reader, enum ledger_kind kind, uint64_t count);
/* On the loop, when a task is done. */
void disk_seen(struct spool_log *log, const struct disk_status *status);

/* flow/log_spool_reader.c */
bool spool_readers_open(struct spool_log *log, struct error *err) MUST_CHECK;
/* Writes what the cursors on disk lack, now; no task may be under way. */
void spool_readers_close(struct spool_log *log);
/* There are stored records that were not there before. */
void spool_readers_tell(struct spool_log *log);
/* Moves those on that may be dropped, out of the oldest segment. */
void spool_readers_drop_oldest(struct spool_log *log);
/* The reader's cursor moved: it is saved before long. */
void spool_reader_moved(struct spool_reader *reader);
/* The first sequence that some reader still needs. */
uint64_t spool_readers_need(const struct spool_log *log);
void spool_readers_save(struct spool_log *log);
struct log_reader *spool_add_reader(struct log *base, const char *name, struct error *err);
void spool_open_reader(struct log_reader *base);
void spool_close_reader(struct log_reader *base);
void spool_remove_reader(struct log_reader *base);
uint64_t spool_reader_durable(const struct log_reader *base);

/* flow/log_spool_pieces.c */
struct log_piece *spool_read_piece(struct log_reader *base);
bool spool_is_read(const struct log_reader *base);
void spool_release_piece(struct log_reader *base, struct log_piece *piece);
void spool_settle_piece(struct log_reader *base, struct log_piece *piece);
void spool_rewind(struct log_reader *base);
/* The tasks of the reader's `load`. */
void spool_load_run(struct task *task, unsigned worker);
void spool_load_done(struct task *task);
/* The cursor moves to `to`; returns how many records are lost by that. */
uint64_t spool_give_up_below(struct spool_reader *reader, uint64_t to);
/* Whatever the reader has read or loaded is freed. */
void spool_pieces_free(struct spool_reader *reader);
/* What it was loading will never be done: the crew is gone. */
void spool_load_forget(struct spool_reader *reader);
void spool_bodies_free(struct spool_log *log);

#endif
