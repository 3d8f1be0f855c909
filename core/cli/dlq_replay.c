/* Verb "dlq replay": letters go through the configuration once more, each to its own sink. */
#include "base/alloc.h"
#include "base/os.h"
#include "cli/dlq.h"
#include "cli/job.h"
#include "cli/print.h"
#include "cli/setup.h"
#include <errno.h>
#include <stdio.h>

/* The raw posts of one sink's letters, on their way. */
#define REPLAY_FILE "replay.ndjson"

struct replay {
    const struct arguments *arguments;
    struct dead_letters *letters;
    struct arena arena;
    char path[4096]; /* of REPLAY_FILE */
    int fd;
    bool written;
    struct slice sink; /* of the letters being replayed; data NULL: not chosen yet */
    int64_t *numbers;  /* of these letters; heap */
    size_t count;
    struct slice *tried; /* sinks that had their turn; heap */
    size_t tried_count;
    bool taken; /* by the sink, all of them */
};

static bool is_asked(const struct replay *replay, int64_t number) {
    const struct arguments *arguments = replay->arguments;
    for (size_t i = 1; i < arguments->word_count; i++)
        if (letter_number(arguments->words[i]) == number || strcmp(arguments->words[i], "all") == 0)
            return true;
    return false;
}

/* The first sink that has not had its turn becomes the one that is replayed. */
static bool is_its_turn(struct replay *replay, struct slice sink) {
    if (replay->sink.data) return slice_equal(sink, replay->sink);
    for (size_t i = 0; i < replay->tried_count; i++)
        if (slice_equal(sink, replay->tried[i])) return false;
    replay->sink = arena_copy(&replay->arena, sink);
    return true;
}

/* One line: a line break in JSON is white space. */
static bool write_line(int fd, struct slice raw, struct arena *arena) {
    char *line = arena_alloc(arena, raw.length + 1);
    for (size_t i = 0; i < raw.length; i++)
        line[i] = raw.data[i] == '\n' || raw.data[i] == '\r' ? ' ' : raw.data[i];
    line[raw.length] = '\n';
    return os_write(fd, slice_from(line, raw.length + 1));
}

static void take(void *context, const struct dead_letter *letter) {
    struct replay *replay = context;
    struct arena arena;
    if (!replay->written || !is_asked(replay, letter->number)) return;
    if (!is_its_turn(replay, letter->sink)) return;
    arena_init(&arena);
    replay->written = write_line(replay->fd, letter->raw, &arena);
    arena_free(&arena);
    replay->numbers = memory_resize(replay->numbers, (replay->count + 1) * sizeof *replay->numbers);
    replay->numbers[replay->count++] = letter->number;
}

struct replay_job {
    struct job job;
    struct replay *replay;
};

static void at_end(struct job *job) {
    struct replay *replay = CONTAINER_OF(job, struct replay_job, job)->replay;
    struct pipeline_sums sums = pipeline_sums(job->pipeline);
    replay->taken = sums.reader_count == 1 && sums.readers[0].delivered == replay->count;
    job_summary(job);
}

static int run_pipeline(struct replay *replay) {
    int code;
    const char *const sources[] = { replay->path, NULL };
    struct snapshot_request request;
    setup_request(replay->arguments, SETUP_NEEDED, sources, &request);
    request.only_sink = replay->sink.data;
    struct replay_job run = { .job.at_end = at_end, .replay = replay };
    run.job.snapshot = setup_load(&request, &code);
    return run.job.snapshot ? job_run(&run.job) : code;
}

static bool drop_taken(struct replay *replay, struct error *err) {
    bool good = true;
    size_t count;
    for (size_t i = 0; good && i < replay->count; i++)
        good = dead_letters_drop(replay->letters, replay->numbers[i], &count, err);
    return good;
}

/* The letters of the next sink. *more: there were some. */
static int replay_sink(struct replay *replay, bool *more) {
    struct error err;
    size_t all;
    replay->sink = (struct slice){ 0 };
    replay->count = 0;
    replay->taken = false;
    replay->fd = os_open(replay->path, OS_CREATE);
    replay->written = replay->fd >= 0;
    bool read = dead_letters_each(replay->letters, 0, take, replay, &all, &err);
    if (replay->fd >= 0) os_close(replay->fd);
    *more = replay->count > 0;
    if (!read) return complain_error(&err);
    if (!replay->written) {
        complain("linnet dlq: %s: cannot be written: %s\n", replay->path, strerror(errno));
        return 1;
    }
    if (!*more) return 0;
    replay->tried = memory_resize(replay->tried, (replay->tried_count + 1) * sizeof *replay->tried);
    replay->tried[replay->tried_count++] = replay->sink;
    int code = run_pipeline(replay);
    if (code == 0 && replay->taken && !drop_taken(replay, &err)) return complain_error(&err);
    print("%s: %zu letters %s\n", replay->sink.data, replay->count,
          replay->taken ? "taken and removed" : "kept: it did not take them all");
    return replay->taken ? code : MAX(code, 1);
}

int letters_replay(const struct arguments *arguments, const char *folder,
                   struct dead_letters *letters) {
    struct replay replay = { .arguments = arguments, .letters = letters };
    snprintf(replay.path, sizeof replay.path, "%.4000s/" REPLAY_FILE, folder);
    int code = 0;
    arena_init(&replay.arena);
    for (bool more = true; more;) {
        int one = replay_sink(&replay, &more);
        code = MAX(code, one);
    }
    os_remove_file(replay.path);
    arena_free(&replay.arena);
    memory_free(replay.numbers);
    memory_free(replay.tried);
    return code;
}
