/* The readers of the log on disk: how they come and go, and their cursors. */
#include "base/alloc.h"
#include "base/log.h"
#include "flow/log_spool_internal.h"
#include <assert.h>

#define SAVE_MS 100

/* Of a reader that has nothing out. */
static void count(struct spool_reader *reader) {
    reader->reader.counts = cursor_counts(&reader->cursor, reader->log->end);
    reader->at = reader->cursor.next;
}

void spool_reader_moved(struct spool_reader *reader) {
    struct spool_log *log = reader->log;
    reader->moved = true;
    if (log->save.loop == NULL) timer_start(log->options.loop, &log->save, SAVE_MS);
}

/* ---- saving --------------------------------------------------------------------------------- */

static void save_run(struct task *task, unsigned worker) {
    struct spool_reader *reader = CONTAINER_OF(task, struct spool_reader, save);
    (void)worker;
    reader->save_good = cursor_save(reader->file, &reader->to_save, &reader->save_error);
}

static void save_done(struct task *task) {
    struct spool_reader *reader = CONTAINER_OF(task, struct spool_reader, save);
    struct spool_log *log = reader->log;
    reader->saving = false;
    if (reader->save_good)
        reader->saved = reader->to_save.next;
    else {
        log_warning("spool", "%s: %s; what it delivered may be delivered again after a restart",
                    reader->name, reader->save_error.text);
        reader->moved = true;
    }
    if (reader->moved && log->save.loop == NULL)
        timer_start(log->options.loop, &log->save, reader->save_good ? SAVE_MS : 10 * SAVE_MS);
    disk_seen(log, &log->disk);
}

void spool_readers_save(struct spool_log *log) {
    for (struct spool_reader *reader = log->readers; reader; reader = reader->next) {
        if (!reader->moved || reader->saving) continue;
        reader->moved = false;
        reader->saving = true;
        reader->to_save = reader->cursor;
        crew_submit(log->crew, &reader->save);
    }
}

uint64_t spool_readers_need(const struct spool_log *log) {
    uint64_t need = log->end;
    for (const struct spool_reader *reader = log->readers; reader; reader = reader->next)
        need = MIN(need, reader->saved);
    return need;
}

void spool_readers_drop_oldest(struct spool_log *log) {
    uint64_t to = log->disk.second;
    for (struct spool_reader *reader = log->readers; reader; reader = reader->next) {
        bool may_drop = !reader->owned || reader->when_full == WHEN_FULL_DROP_OLDEST;
        if (!may_drop || reader->cursor.next >= to || to >= log->end) continue;
        if (reader->cursor.dropped == 0)
            log_warning("spool", "%s: the spool is full: its oldest records are dropped",
                        reader->name);
        spool_log_lost(reader, LEDGER_DROP, spool_give_up_below(reader, to));
    }
}

uint64_t spool_reader_durable(const struct log_reader *base) {
    return spool_reader_of(base)->saved;
}

void spool_readers_tell(struct spool_log *log) {
    for (struct spool_reader *reader = log->readers, *next; reader; reader = next) {
        next = reader->next;
        reader->reader.counts.spooled = cursor_counts(&reader->cursor, log->end).spooled;
        bool waits = reader->open && reader->loading == NULL;
        if (waits && reader->at < log->end && reader->reader.readable)
            reader->reader.readable(&reader->reader);
    }
}

/* ---- coming and going ----------------------------------------------------------------------- */

static struct spool_reader *find_reader(const struct spool_log *log, const char *name) {
    struct spool_reader *reader = log->readers;
    while (reader && strcmp(reader->name, name) != 0)
        reader = reader->next;
    return reader;
}

static struct spool_reader *reader_load(struct spool_log *log, const char *name,
                                        struct error *err) {
    struct cursor cursor;
    struct spool_extent extent = { .first = log->disk.first, .end = log->end };
    memcpy(extent.id, log->id, sizeof extent.id);
    struct cursor_file *file =
        cursor_open_in(&extent, log->options.folder, name, log->end, &cursor, err);
    if (file == NULL) return NULL;
    if (cursor_repaired(file))
        log_warning("spool", "cursor of %s: %s", name, cursor_repaired(file));
    struct spool_reader *reader = memory_zeroed(1, sizeof *reader);
    *reader = (struct spool_reader){ .reader.ops = log->log.ops,
                                     .log = log,
                                     .name = memory_copy_text(name),
                                     .cursor = cursor,
                                     .saved = cursor.next,
                                     .file = file,
                                     .load = { spool_load_run, spool_load_done },
                                     .save = { save_run, save_done },
                                     .next = log->readers };
    log->readers = reader;
    count(reader);
    return reader;
}

static void reader_free(struct spool_reader *reader) {
    cursor_close(reader->file);
    spool_pieces_free(reader);
    spool_load_forget(reader);
    memory_free(reader->name);
    memory_free(reader);
}

struct loading {
    struct spool_log *log;
    struct error *err;
    unsigned count;
    bool good;
};

static void load_named(void *context, const char *name) {
    struct loading *loading = context;
    if (!loading->good) return;
    if (++loading->count > MAX_SPOOL_READERS)
        loading->good = error_set(loading->err, ERROR_FAILED,
                                  "more than %d cursors; forget some: linnet spool forget NAME",
                                  MAX_SPOOL_READERS);
    else
        loading->good = reader_load(loading->log, name, loading->err) != NULL;
}

bool spool_readers_open(struct spool_log *log, struct error *err) {
    struct loading loading = { log, err, 0, true };
    return cursor_list(log->options.folder, load_named, &loading, err) && loading.good;
}

void spool_readers_close(struct spool_log *log) {
    struct error err;
    while (log->readers) {
        struct spool_reader *reader = log->readers;
        log->readers = reader->next;
        if ((reader->moved || reader->saving) && !cursor_save(reader->file, &reader->cursor, &err))
            log_warning("spool", "%s: %s", reader->name, err.text);
        reader_free(reader);
    }
}

struct log_reader *spool_add_reader(struct log *base, const char *name, struct error *err) {
    struct spool_log *log = spool_log_of(base);
    struct spool_reader *reader = find_reader(log, name);
    bool known = reader != NULL;
    if (!known) reader = reader_load(log, name, err);
    if (reader == NULL) return NULL;
    reader->tried = !known;
    reader->owned = true;
    return &reader->reader;
}

/* Nothing was ever for it. */
static bool is_new(const struct spool_reader *reader) {
    const struct cursor *cursor = &reader->cursor;
    return cursor->start == cursor->next && cursor->next == reader->log->end;
}

void log_spool_set_reader(struct log_reader *base, enum when_full when_full, bool from_oldest) {
    struct spool_reader *reader = spool_reader_of(base);
    reader->when_full = when_full;
    if (!from_oldest || !is_new(reader)) return;
    reader->cursor.start = reader->cursor.next = reader->log->disk.first;
    count(reader);
    spool_reader_moved(reader);
}

void spool_open_reader(struct log_reader *base) {
    struct spool_reader *reader = spool_reader_of(base);
    /* One that comes back goes on where it was, even if nothing was for it so far. */
    if (reader->tried && is_new(reader))
        reader->cursor.start = reader->cursor.next = reader->log->next;
    reader->open = true;
    reader->tried = false;
    count(reader);
    spool_reader_moved(reader);
    timer_start(reader->log->options.loop, &reader->log->again, 0); /* what waits from before */
}

void spool_close_reader(struct log_reader *base) { spool_reader_of(base)->open = false; }

void spool_remove_reader(struct log_reader *base) {
    struct spool_reader *reader = spool_reader_of(base);
    reader->open = reader->owned = false;
    base->readable = NULL;
    spool_pieces_free(reader); /* what is not settled comes again with the reader */
    count(reader);
    struct error unheard;
    if (reader->tried) (void)!log_spool_forget(&reader->log->log, reader->name, &unheard);
}

void log_spool_each_gone(const struct log *base,
                         void (*each)(void *context, const char *name,
                                      const struct log_counts *counts),
                         void *context) {
    const struct spool_reader *reader = spool_log_of(base)->readers;
    for (; reader; reader = reader->next)
        if (!reader->owned) each(context, reader->name, &reader->reader.counts);
}

bool log_spool_forget(struct log *base, const char *name, struct error *err) {
    struct spool_log *log = spool_log_of(base);
    struct spool_reader **link = &log->readers;
    while (*link && strcmp((*link)->name, name) != 0)
        link = &(*link)->next;
    struct spool_reader *reader = *link;
    if (reader == NULL) return error_set(err, ERROR_FAILED, "there is no cursor of \"%s\"", name);
    if (reader->owned)
        return error_set(err, ERROR_FAILED, "\"%s\" is a sink of the configuration", name);
    if (reader->saving || reader->loading)
        return error_set(err, ERROR_FAILED, "the disk is busy with \"%s\": try again", name);
    if (!cursor_forget(log->options.folder, name, err)) return false;
    *link = reader->next;
    reader_free(reader);
    disk_seen(log, &log->disk);
    return true;
}
