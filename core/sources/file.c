/* Sources "file" and "stdin": recorded posts, as fast as they are taken or at a steady rate.
 *
 * A file's position is "ROUND OFFSET LENGTH HASH": the offset in the decoded stream, and the hash
 * of the file's first LENGTH bytes, by which it is known again; another file starts anew. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/os.h"
#include "sources/records.h"
#include "sources/registry.h"
#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#define MARK_BYTES 4096
#define SKIP_BYTES ((size_t)256 * 1024)
/* How often a steady rate hands posts over. */
#define TICK_MS 50
/* How soon a file is opened again when there was no descriptor for it. */
#define AGAIN_MS 1000

struct settings {
    const char *path;
    double rate;
    bool repeat, restamp;
};

struct file {
    const struct settings *settings;
    struct source_port *port;
    struct decoder *decoder;
    struct records records;
    int fd;         /* -1 while closed */
    bool waits;     /* a pipe or terminal: its descriptor says when to read */
    uint64_t bytes; /* of the file; 0 = unknown */
    uint64_t round; /* how often it was repeated */
    struct timer step;
    struct watch watch;
    uint64_t since_ns; /* steady rate: when it began */
    uint64_t handed;   /* and how many records were handed over since */
    struct mark {
        size_t length;
        uint64_t hash;
    } mark;        /* of the file's beginning */
    uint64_t skip; /* decoded bytes that an earlier run has dealt with */
    bool done;
};

static const struct option options[] = {
    { .name = "path",
      .type = OPTION_PATH,
      .offset = offsetof(struct settings, path),
      .help = "the file: plain, .gz or .zst; lines, or objects separated by ,\\n" },
    { .name = "rate",
      .type = OPTION_NUMBER,
      .offset = offsetof(struct settings, rate),
      .standard = "0",
      .lowest = 0,
      .highest = 1e6,
      .help = "posts a second, 0: as fast as they are taken" },
    { .name = "repeat",
      .type = OPTION_BOOLEAN,
      .offset = offsetof(struct settings, repeat),
      .standard = "false",
      .help = "start again at the end; posts get new ids" },
    { .name = "restamp",
      .type = OPTION_BOOLEAN,
      .offset = offsetof(struct settings, restamp),
      .standard = "false",
      .help = "take posts as created now" },
};

static bool is_stdin(const struct file *file) { return file->settings->path == NULL; }

static const char *file_name(const struct file *file) {
    return is_stdin(file) ? "standard input" : file->settings->path;
}

/* The mark of the file's first `length` bytes, or fewer when it is shorter. */
static struct mark mark_read(int fd, size_t length) {
    char bytes[MARK_BYTES];
    ssize_t got = os_read_at(fd, bytes, MIN(length, sizeof bytes), 0);
    struct slice start = slice_from(bytes, got > 0 ? (size_t)got : 0);
    return (struct mark){ start.length, hash_bytes(start) };
}

/* Opens from the start; false with *err. */
static bool file_open(struct file *file, struct error *err) {
    struct os_info info;
    file->fd = is_stdin(file) ? 0 : os_open(file->settings->path, OS_READ);
    if (file->fd < 0 || !os_stat_fd(file->fd, &info))
        return error_set(err, ERROR_FAILED, "%s: cannot be opened: %s", file_name(file),
                         strerror(errno));
    if (info.kind == OS_FOLDER)
        return error_set(err, ERROR_FAILED, "%s: is a folder, not a file", file_name(file));
    file->waits = info.kind == OS_OTHER;
    file->bytes = info.kind == OS_FILE ? (uint64_t)info.bytes : 0;
    if (info.kind == OS_FILE) file->mark = mark_read(file->fd, MARK_BYTES);
    file->decoder = decoder_create(file_name(file), file->fd);
    records_init(&file->records, file->decoder, is_stdin(file));
    return true;
}

static void file_close(struct file *file) {
    timer_stop(&file->step);
    watch_stop(&file->watch);
    if (file->decoder) {
        records_free(&file->records);
        decoder_destroy(file->decoder);
    }
    file->decoder = NULL;
    if (file->fd > 0) os_close(file->fd);
    file->fd = -1;
}

static void finish(struct file *file, const struct error *err) {
    file->done = true;
    file_close(file);
    source_finished(file->port, err);
}

static uint64_t due(const struct file *file) {
    double elapsed = (double)(clock_monotonic_ns() - file->since_ns) / 1e9;
    uint64_t wanted = (uint64_t)(elapsed * file->settings->rate) + 1;
    return wanted > file->handed ? wanted - file->handed : 0;
}

static void fill_next(struct file *file);

static void step(struct timer *timer) { fill_next(CONTAINER_OF(timer, struct file, step)); }

static void ready(struct watch *watch) {
    struct file *file = CONTAINER_OF(watch, struct file, watch);
    watch_stop(watch);
    fill_next(file);
}

static void wait_for_more(struct file *file) {
    struct loop *loop = source_loop(file->port);
    if (file->settings->rate > 0)
        timer_start(loop, &file->step, due(file) > 0 ? 0 : TICK_MS);
    else if (file->waits && !records_buffered(&file->records))
        watch_readable(loop, &file->watch, file->fd);
    else
        timer_start(loop, &file->step, 0);
}

/* Opens it once more, now or when there is a descriptor for it. */
static void play_again(struct file *file) {
    struct error err;
    if (file_open(file, &err))
        wait_for_more(file);
    else if (file->fd < 0 && (errno == EMFILE || errno == ENFILE))
        timer_start(source_loop(file->port), &file->step, AGAIN_MS);
    else
        finish(file, &err);
}

/* The end of the records: again from the start, or done. */
static void end_reached(struct file *file) {
    if (!file->settings->repeat || file->waits) {
        finish(file, NULL);
        return;
    }
    file->round++;
    file_close(file);
    play_again(file);
}

/* Reads over what an earlier run has dealt with, a piece a round. */
static void skip_some(struct file *file) {
    struct error err;
    char *bytes = memory_alloc(SKIP_BYTES);
    size_t got = 0, wanted = (size_t)MIN(file->skip, (uint64_t)SKIP_BYTES);
    bool good = decoder_read(file->decoder, bytes, wanted, &got, &err);
    memory_free(bytes);
    file->skip -= got;
    file->records.offset += got;
    if (!good)
        finish(file, &err);
    else if (got == 0 && decoder_ended(file->decoder))
        finish(file, NULL);
    else
        timer_start(source_loop(file->port), &file->step, 0);
}

static void fill_next(struct file *file) {
    struct error err;
    if (file->decoder == NULL) {
        play_again(file);
        return;
    }
    if (file->skip > 0) {
        skip_some(file);
        return;
    }
    uint64_t limit = file->settings->rate > 0 ? due(file) : BATCH_MESSAGES;
    if (limit == 0) {
        wait_for_more(file);
        return;
    }
    struct batch *batch = source_batch(file->port);
    if (batch == NULL) return; /* resumed later */
    batch->restamp = file->settings->restamp;
    batch->place = (struct record_place){ slice_of(file_name(file)), !is_stdin(file), file->round };
    bool good =
        records_fill(&file->records, batch, (uint32_t)MIN(limit, (uint64_t)BATCH_MESSAGES), &err);
    if (!file->waits)
        batch->position =
            arena_format(&batch->arena, "%llu %llu %zu %llx", (unsigned long long)file->round,
                         (unsigned long long)file->records.offset, file->mark.length,
                         (unsigned long long)file->mark.hash);
    file->handed += batch->count;
    source_submit(file->port, batch);
    if (!good)
        finish(file, &err);
    else if (records_ended(&file->records))
        end_reached(file);
    else
        wait_for_more(file);
}

static void *file_create(const void *settings, struct source_port *port, struct error *err) {
    struct file *file = memory_zeroed(1, sizeof *file);
    *file = (struct file){
        .settings = settings, .port = port, .fd = -1, .step.fire = step, .watch.ready = ready
    };
    /* A pipe is opened once, at its turn: closed again, it would lose what was written. */
    struct os_info info;
    if (!is_stdin(file) && os_stat(file->settings->path, &info) && info.kind == OS_OTHER)
        return file;
    /* What is not there is said before anything runs; the descriptor is taken when its turn comes.
     */
    bool there = file_open(file, err);
    file_close(file);
    if (there) return file;
    memory_free(file);
    return NULL;
}

/* Goes on where an earlier run was, when this is still the file that it read. */
static void resume_at(struct file *file, struct slice position) {
    unsigned long long round, offset, hash;
    size_t length;
    const char *name = file_name(file);
    if (position.length == 0 || file->waits) return;
    if (sscanf(position.data, "%llu %llu %zu %llx", &round, &offset, &length, &hash) != 4) return;
    struct mark mark = mark_read(file->fd, length);
    if (mark.length != length || mark.hash != hash) {
        log_info("file", "%s is another file than the one that was read before: from its start",
                 name);
        return;
    }
    file->round = round;
    file->skip = offset;
    log_info("file", "%s: goes on at byte %llu", name, offset);
}

static void file_start(void *self, struct slice position) {
    struct file *file = self;
    struct error err;
    file->since_ns = clock_monotonic_ns();
    if (file_open(file, &err)) {
        if (file->waits) source_connected(file->port);
        resume_at(file, position);
        wait_for_more(file);
    } else
        finish(file, &err);
}

static void file_resume(void *self) {
    struct file *file = self;
    if (!file->done) wait_for_more(file);
}

static void file_stop(void *self) {
    struct file *file = self;
    file->done = true;
    file_close(file);
}

static void file_destroy(void *self) {
    file_close(self);
    memory_free(self);
}

static void file_progress(const void *self, uint64_t *done, uint64_t *total) {
    const struct file *file = self;
    *total = file->bytes;
    *done = file->done ? file->bytes : file->decoder ? decoder_consumed(file->decoder) : 0;
}

const struct source_ops file_source = {
    .kind = { .name = "file",
              .argument = "path",
              .help = "recorded posts from a file",
              .also = "ndjson|json|jsonl",
              .options = { options, LENGTH(options), sizeof(struct settings) } },
    .create = file_create,
    .start = file_start,
    .resume = file_resume,
    .stop = file_stop,
    .destroy = file_destroy,
    .progress = file_progress,
};

const struct source_ops stdin_source = {
    .kind = { .name = "stdin",
              .help = "recorded posts from standard input",
              .options = { NULL, 0, sizeof(struct settings) } },
    .create = file_create,
    .start = file_start,
    .resume = file_resume,
    .stop = file_stop,
    .destroy = file_destroy,
    .progress = file_progress,
};
