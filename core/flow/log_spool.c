/* flow/log_spool.h: gathering groups, getting them to the disk, room for more. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "flow/log_spool_internal.h"
#include <assert.h>

/* When a group goes to the disk: this long, this old, or older when there is only state in it. */
#define COMMIT_MS 100
#define STATE_MS 1000
/* A group is made to fill blocks when this many would fill a segment, or fewer: padding is a small
 * part of it then. */
#define BLOCK_GROUPS 128
/* Of a group's records with their documents; what is left of MAX_GROUP_BYTES is for records without
 * and for the commit. */
#define DOCUMENTS_CEILING (MAX_GROUP_BYTES / 2)

struct disk_status disk_look(const struct spool *spool) {
    uint64_t first = spool_first(spool);
    uint64_t second = spool_may_drop(spool) ? spool_next_segment(spool, first) : spool_end(spool);
    return (struct disk_status){ first, second, spool_bytes(spool) };
}

static void pass_chunks(struct group *group) {
    struct log_chunk *chunk = group->chunks;
    group->chunks = group->last = NULL;
    while (chunk) {
        struct log_chunk *next = chunk->next;
        chunk->passed(chunk);
        chunk = next;
    }
}

/* ---- to the disk ---------------------------------------------------------------------------- */

static void commit_start(struct spool_log *log);

static bool has_work(const struct spool_log *log) {
    return log->open || log->changed || log->delete_count > 0;
}

/* Commits now when it is due, else when it will be. */
static void commit_plan(struct spool_log *log) {
    if (!has_work(log) || log->writing || log->failed) return;
    bool long_enough = log->open && log->open->frames.length >= GROUP_BYTES;
    if (long_enough || (log->urged && log->open) || log->hurried)
        commit_start(log);
    else if (log->commit.loop == NULL)
        timer_start(log->options.loop, &log->commit, log->open ? COMMIT_MS : STATE_MS);
}

static void commit_due(struct timer *timer) {
    struct spool_log *log = CONTAINER_OF(timer, struct spool_log, commit);
    if (has_work(log) && log->writing == NULL && !log->failed) commit_start(log);
}

static void set_waits(struct spool_log *log, bool *which, bool value) {
    if (*which == value) return;
    *which = value;
    if (log->options.waits)
        log->options.waits(log->options.context, log->no_room ? "no room on the disk"
                                                 : log->full  ? "the spool is full"
                                                              : NULL);
}

void spool_log_lost(const struct spool_reader *reader, enum ledger_kind kind, uint64_t count) {
    const struct log_spool_options *options = &reader->log->options;
    if (options->lost && count) options->lost(options->context, reader->name, kind, count);
}

static void stored(struct spool_log *log) {
    struct group *group = log->writing;
    if (log->no_room) log_info("spool", "there is room again: %s", log->options.folder);
    set_waits(log, &log->no_room, false);
    log->writing = NULL;
    log->end = group->first + group->count;
    pass_chunks(group);
    if (group->count > 0)
        group_keep(log, group);
    else
        group_free(log, group);
    spool_readers_tell(log);
    commit_plan(log);
}

static void append_run(struct task *task, unsigned worker) {
    struct spool_log *log = CONTAINER_OF(task, struct spool_log, append);
    struct group *group = log->writing;
    (void)worker;
    log->outcome =
        spool_append(log->spool, buffer_slice(&group->frames), group->count, &log->append_error);
    log->append_seen = disk_look(log->spool);
    group->stored = log->outcome == SPOOL_STORED;
}

static void append_done(struct task *task) {
    struct spool_log *log = CONTAINER_OF(task, struct spool_log, append);
    log->appending = false;
    disk_seen(log, &log->append_seen);
    switch (log->outcome) {
    case SPOOL_STORED: stored(log); return;
    case SPOOL_NO_ROOM:
        if (!log->no_room)
            log_warning("spool", "%s; sources wait until there is room", log->append_error.text);
        set_waits(log, &log->no_room, true);
        timer_start(log->options.loop, &log->again, AGAIN_MS);
        return;
    case SPOOL_BROKEN:
        log->failed = true;
        log->options.failed(log->options.context, &log->append_error);
    }
}

/* False while the spool is as long as it may be; readers that may be dropped make room. */
static bool has_bytes(struct spool_log *log) {
    uint64_t wanted = log->disk.bytes + log->writing->frames.length;
    if (wanted > log->options.max_bytes) spool_readers_drop_oldest(log);
    bool full = wanted > log->options.max_bytes && log->disk.second < log->end;
    if (full != log->full)
        log_warning("spool", full ? "it is full: sources wait until a reader has moved on"
                                  : "it is no longer full");
    set_waits(log, &log->full, full);
    return !full;
}

static void append_try(struct spool_log *log) {
    if (log->writing == NULL || log->appending || log->failed || !has_bytes(log)) return;
    log->appending = true;
    log->append_ns = clock_monotonic_ns();
    crew_submit(log->crew, &log->append);
}

static void try_again(struct timer *timer) {
    struct spool_log *log = CONTAINER_OF(timer, struct spool_log, again);
    append_try(log);
    spool_readers_tell(log);
}

/* Ends the group with what must be as durable as its records. */
static void put_commit(struct spool_log *log, struct group *group) {
    struct buffer state;
    buffer_init(&state, MAX_STATE_BYTES);
    log->options.write_state(log->options.context, &state);
    struct commit commit = { .state = buffer_slice(&state),
                             .deletes = log->deletes,
                             .delete_count = log->delete_count };
    if (group->frames.length >= log->block_from) commit.multiple = SPOOL_BLOCK_BYTES;
    bool put = frame_put_commit(&group->frames, log->seed, log->next - 1, &commit);
    assert(put && "the state is bounded");
    (void)put;
    buffer_free(&state);
}

static void commit_start(struct spool_log *log) {
    struct group *group = log->open ? log->open : group_create(log, log->next);
    put_commit(log, group);
    timer_stop(&log->commit);
    log->writing = group;
    log->open = NULL;
    log->delete_count = 0;
    log->changed = log->urged = log->hurried = false;
    append_try(log);
}

/* ---- room ----------------------------------------------------------------------------------- */

static void drop_run(struct task *task, unsigned worker) {
    struct spool_log *log = CONTAINER_OF(task, struct spool_log, drop);
    (void)worker;
    spool_drop(log->spool, log->drop_below);
    log->drop_seen = disk_look(log->spool);
}

static void drop_done(struct task *task) {
    struct spool_log *log = CONTAINER_OF(task, struct spool_log, drop);
    log->dropping = false;
    disk_seen(log, &log->drop_seen);
    append_try(log);
}

void disk_seen(struct spool_log *log, const struct disk_status *status) {
    log->disk = *status;
    uint64_t need = spool_readers_need(log);
    if (log->dropping || need < log->disk.second || log->disk.second >= log->end) return;
    log->drop_below = need;
    log->dropping = true;
    crew_submit(log->crew, &log->drop);
}

/* ---- appending ------------------------------------------------------------------------------ */

/* A record that is too long, alone or with what is in the group, goes without its documents: then
 * it is dead for every sink, but not lost. */
static void put_record(struct spool_log *log, const struct record *record) {
    struct buffer *frames = &log->open->frames;
    assert(record->sequence == log->next);
    frames->ceiling = DOCUMENTS_CEILING;
    bool whole = frame_put_record(frames, log->seed, record);
    frames->ceiling = MAX_GROUP_BYTES;
    if (!whole) {
        struct record bare = *record;
        bare.document_count = bare.route_count = bare.query_count = 0;
        bool put = frame_put_record(frames, log->seed, &bare);
        assert(put && "sources bound the length of a record");
        (void)put;
    }
    log->next++;
    log->open->count++;
}

static void spool_log_append(struct log *base, struct log_chunk *chunk) {
    struct spool_log *log = spool_log_of(base);
    log->changed = true;
    if (chunk->count == 0) {
        commit_plan(log);
        chunk->passed(chunk);
        return;
    }
    if (log->open == NULL) {
        log->open = group_create(log, log->next);
        timer_stop(&log->commit); /* that of the state alone */
    }
    for (uint32_t i = 0; i < chunk->count; i++)
        put_record(log, &chunk->records[i]);
    chunk->next = NULL;
    *(log->open->last ? &log->open->last->next : &log->open->chunks) = chunk;
    log->open->last = chunk;
    commit_plan(log);
}

static void spool_log_urge(struct log *base) {
    struct spool_log *log = spool_log_of(base);
    log->urged = true;
    commit_plan(log);
}

void log_spool_hurry(struct log *base) {
    struct spool_log *log = spool_log_of(base);
    log->hurried = true;
    commit_plan(log);
}

void log_spool_note_delete(struct log *base, uint64_t hash) {
    struct spool_log *log = spool_log_of(base);
    if (log->delete_count ==
        SPOOL_KNOWN_DELETES) { /* the disk is slow: the oldest would go anyway */
        log->delete_count /= 2;
        memcpy(log->deletes, log->deletes + log->delete_count,
               log->delete_count * sizeof *log->deletes);
    }
    if (log->delete_count == log->delete_room) {
        log->delete_room = log->delete_room ? log->delete_room * 2 : 64;
        log->deletes = memory_resize(log->deletes, log->delete_room * sizeof *log->deletes);
    }
    log->deletes[log->delete_count++] = hash;
}

/* ---- opening and closing -------------------------------------------------------------------- */

/* What changed since the last commit is written, unless something was under way and did not get
 * there: what it changed is in the state too. */
static void write_last_state(struct spool_log *log) {
    struct error err;
    bool there = log->writing == NULL || log->writing->stored;
    bool whole = log->open == NULL && there && log->next == spool_end(log->spool);
    if (!whole || !log->changed || log->failed) return;
    struct group *group = group_create(log, log->next);
    put_commit(log, group);
    if (spool_append(log->spool, buffer_slice(&group->frames), 0, &err) != SPOOL_STORED)
        log_warning("spool", "%s", err.text);
    group_free(log, group);
}

static void spool_log_destroy(struct log *base) {
    struct spool_log *log = spool_log_of(base);
    if (log->crew) crew_destroy(log->crew);
    timer_stop(&log->commit);
    timer_stop(&log->again);
    timer_stop(&log->save);
    if (log->spool) {
        write_last_state(log);
        spool_readers_close(log);
        spool_close(log->spool);
    }
    if (log->writing) pass_chunks(log->writing);
    if (log->open) pass_chunks(log->open);
    spool_bodies_free(log);
    groups_free(log);
    memory_free(log->deletes);
    memory_free(log);
}

static void save_due(struct timer *timer) {
    spool_readers_save(CONTAINER_OF(timer, struct spool_log, save));
}

struct log *log_spool_create(const struct log_spool_options *options, struct error *err) {
    static const struct log_ops ops = { .destroy = spool_log_destroy,
                                        .append = spool_log_append,
                                        .urge = spool_log_urge,
                                        .add_reader = spool_add_reader,
                                        .open_reader = spool_open_reader,
                                        .close_reader = spool_close_reader,
                                        .remove_reader = spool_remove_reader,
                                        .read = spool_read_piece,
                                        .is_read = spool_is_read,
                                        .release = spool_release_piece,
                                        .settle = spool_settle_piece,
                                        .rewind = spool_rewind,
                                        .durable = spool_reader_durable };
    struct spool_log *log = memory_zeroed(1, sizeof *log);
    *log = (struct spool_log){ .log.ops = &ops,
                               .options = *options,
                               .append = { append_run, append_done },
                               .drop = { drop_run, drop_done },
                               .commit.fire = commit_due,
                               .again.fire = try_again,
                               .save.fire = save_due };
    uint64_t segment = MIN(MAX(options->max_bytes / 8, (uint64_t)1 << 16), SEGMENT_BYTES);
    log->spool = spool_open(
        &(struct spool_options){ .folder = options->folder, .segment_bytes = segment }, err);
    log->block_from = segment / BLOCK_GROUPS;
    if (log->spool) {
        log->seed = spool_seed(log->spool);
        memcpy(log->id, spool_id(log->spool).data, sizeof log->id);
        log->next = log->end = spool_end(log->spool);
        log->disk = disk_look(log->spool);
    }
    if (log->spool && spool_readers_open(log, err)) {
        log->crew = crew_create(options->loop, options->disk_threads, 2 + 2 * MAX_SPOOL_READERS);
        crew_name(log->crew, "spool");
        return &log->log;
    }
    spool_log_destroy(&log->log);
    return NULL;
}

struct slice log_spool_state(const struct log *log) {
    return spool_state(spool_log_of(log)->spool);
}

uint64_t log_spool_next(const struct log *log) { return spool_log_of(log)->next; }

struct slice log_spool_id(const struct log *log) {
    return slice_from(spool_log_of(log)->id, SPOOL_ID_BYTES);
}

bool log_spool_ids(struct log *log, known_id_taker *each, void *context, struct error *err) {
    return spool_ids(spool_log_of(log)->spool, each, context, err);
}

uint64_t log_spool_bytes(const struct log *base, bool *waiting) {
    const struct spool_log *log = spool_log_of(base);
    *waiting = log->full || log->no_room;
    return log->disk.bytes;
}

uint64_t log_spool_writing_since(const struct log *base) {
    const struct spool_log *log = spool_log_of(base);
    return log->appending ? log->append_ns : 0;
}
