/* flow/reload.h */
#include "flow/reload.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/os.h"
#include "config/difference.h"
#include "config/watch.h"
#include "flow/process.h"

/* One reload under way: what its thread may touch. */
struct attempt {
    struct task task;
    const struct snapshot_request *request;
    uint64_t generation;
    struct version before;
    struct batch *recent;      /* posts to try it on */
    struct snapshot *snapshot; /* NULL: it failed with `err` */
    struct inputs *inputs;
    struct error err;
    struct arena arena; /* of the report */
    struct slice report;
};

struct reloader {
    struct reload_options options;
    struct watcher *watcher;
    struct crew *crew;
    struct attempt attempt;
    bool running, again;
    uint64_t asked_ns;
    const struct snapshot *current;
    struct inputs *inputs;                /* of the current one; NULL: options.inputs */
    struct reload_wait *waiting, *served; /* for the next, for the one under way */
    struct reload_status status;
    char *report;
};

/* ---- on the thread ------------------------------------------------------------------------- */

static size_t count_posts(const struct batch *batch) {
    size_t count = 0;
    for (uint32_t i = 0; i < batch->count; i++)
        count += batch->messages[i].kind == MESSAGE_POST;
    return count;
}

/* What scripts did with the posts: one that fails every time is not taken. */
static bool judge_scripts(struct attempt *attempt, size_t posts) {
    const struct program *program = attempt->snapshot->program;
    for (uint32_t i = 0; i < program_count(program); i++) {
        const char *name;
        uint64_t failures = program_failures(program, i, &name);
        if (failures == 0) continue;
        if (failures >= posts)
            return error_set(&attempt->err, ERROR_CONFIG,
                             "%s fails for each of %zu recent posts: the log says where", name,
                             posts);
        attempt->report =
            arena_format(&attempt->arena, "%.*s\n%s failed for %llu of %zu recent posts",
                         SLICE_ARGS(attempt->report), name, (unsigned long long)failures, posts);
    }
    return true;
}

static bool prove(struct attempt *attempt) {
    struct batch *batch = attempt->recent;
    struct processor *processor = processor_create();
    batch->snapshot = attempt->snapshot;
    batch->trial = true;
    batch_process(processor, batch);
    size_t posts = count_posts(batch);
    processor_destroy(processor);
    batch->snapshot = NULL;
    return judge_scripts(attempt, posts);
}

/* The file must be one that can be read twice: a pipe would make the load wait for ever. */
static bool check_path(const char *path, struct error *err) {
    struct os_info info;
    if (path == NULL || path[0] == '\0')
        return error_set(err, ERROR_FAILED, "there is no configuration file to read again");
    if (os_stat(path, &info) && info.kind != OS_FILE && info.kind != OS_MISSING)
        return error_set(err, ERROR_FAILED, "%s is no regular file: it was read once", path);
    return true;
}

static void load(struct task *task, unsigned worker) {
    (void)worker;
    struct attempt *attempt = CONTAINER_OF(task, struct attempt, task);
    struct snapshot_request request = *attempt->request;
    request.generation = attempt->generation;
    request.inputs = attempt->inputs;
    if (!check_path(request.path, &attempt->err)) return;
    attempt->snapshot = snapshot_load(&request, &attempt->err);
    if (attempt->snapshot == NULL) return;
    struct version after = { attempt->snapshot, attempt->inputs };
    attempt->report = snapshot_difference(&attempt->before, &after, &attempt->arena);
    if (prove(attempt)) return;
    snapshot_release(attempt->snapshot);
    attempt->snapshot = NULL;
}

/* ---- on the loop --------------------------------------------------------------------------- */

static void loaded(struct task *task);

static const struct inputs *current_inputs(const struct reloader *reloader) {
    return reloader->inputs ? reloader->inputs : reloader->options.inputs;
}

static void inputs_destroy(struct inputs *inputs) {
    if (inputs) inputs_free(inputs);
    memory_free(inputs);
}

static void start(struct reloader *reloader) {
    struct attempt *attempt = &reloader->attempt;
    reloader->running = true;
    reloader->again = false;
    reloader->served = reloader->waiting;
    reloader->waiting = NULL;
    reloader->asked_ns = clock_monotonic_ns();
    if (reloader->options.started) reloader->options.started(reloader->options.context);
    *attempt = (struct attempt){
        .task = { .run = load, .done = loaded },
        .request = reloader->options.request,
        .generation = reloader->current->generation + 1,
        .before = { reloader->current, current_inputs(reloader) },
        .recent = batch_create(),
        .inputs = memory_zeroed(1, sizeof *attempt->inputs),
        .report = SLICE(""),
    };
    arena_init(&attempt->arena);
    inputs_init(attempt->inputs);
    error_clear(&attempt->err);
    pipeline_recent(reloader->options.pipeline, attempt->recent);
    crew_submit(reloader->crew, &attempt->task);
}

static void answer_all(struct reloader *reloader) {
    while (reloader->served) {
        struct reload_wait *wait = reloader->served;
        reloader->served = wait->next;
        wait->answer(wait, &reloader->status);
    }
}

/* Frees what the attempt still has. */
static void clear_attempt(struct attempt *attempt) {
    if (attempt->recent) batch_destroy(attempt->recent);
    if (attempt->snapshot) snapshot_release(attempt->snapshot);
    inputs_destroy(attempt->inputs);
    arena_free(&attempt->arena);
    *attempt = (struct attempt){ .recent = NULL };
}

static void end(struct reloader *reloader, const struct snapshot *snapshot) {
    clear_attempt(&reloader->attempt);
    reloader->running = false;
    if (reloader->options.ended)
        reloader->options.ended(reloader->options.context, snapshot, &reloader->status);
    answer_all(reloader);
    if (reloader->again) start(reloader);
}

static void fail(struct reloader *reloader) {
    struct attempt *attempt = &reloader->attempt;
    reloader->status.err = attempt->err;
    reloader->status.failed++;
    reloader->status.failed_ms = clock_wall_ms();
    /* A load that read nothing leaves nothing to wait for: what was followed still is. */
    if (attempt->inputs->count) watcher_follow(reloader->watcher, attempt->inputs);
    end(reloader, NULL);
}

static void publish(struct reloader *reloader) {
    struct attempt *attempt = &reloader->attempt;
    struct reload_status *status = &reloader->status;
    snapshot_release(reloader->current);
    reloader->current = attempt->snapshot;
    attempt->snapshot = NULL;
    inputs_destroy(reloader->inputs);
    reloader->inputs = attempt->inputs;
    attempt->inputs = NULL;
    memory_free(reloader->report);
    reloader->report = memory_copy_text(attempt->report.data);
    status->report = reloader->report;
    status->generation = reloader->current->generation;
    status->since_ms = clock_wall_ms();
    status->took_ms = (double)(clock_monotonic_ns() - reloader->asked_ns) / 1e6;
    status->good++;
    error_clear(&status->err);
    watcher_follow(reloader->watcher, reloader->inputs);
    end(reloader, reloader->current);
}

static void adopted(void *context, bool done) {
    struct reloader *reloader = context;
    if (done) {
        publish(reloader);
        return;
    }
    error_set(&reloader->attempt.err, ERROR_FAILED, "linnet is stopping");
    fail(reloader);
}

static void loaded(struct task *task) {
    struct attempt *attempt = CONTAINER_OF(task, struct attempt, task);
    struct reloader *reloader = CONTAINER_OF(attempt, struct reloader, attempt);
    batch_destroy(attempt->recent);
    attempt->recent = NULL;
    if (attempt->snapshot == NULL || !pipeline_adopt(reloader->options.pipeline, attempt->snapshot,
                                                     adopted, reloader, &attempt->err))
        fail(reloader);
}

void reloader_request(struct reloader *reloader) {
    if (reloader->running)
        reloader->again = true;
    else
        start(reloader);
}

void reloader_request_answered(struct reloader *reloader, struct reload_wait *wait) {
    wait->next = reloader->waiting;
    reloader->waiting = wait;
    reloader_request(reloader);
}

static void unlink_wait(struct reload_wait **link, const struct reload_wait *wait) {
    while (*link && *link != wait)
        link = &(*link)->next;
    if (*link) *link = wait->next;
}

void reloader_take_back(struct reloader *reloader, struct reload_wait *wait) {
    unlink_wait(&reloader->waiting, wait);
    unlink_wait(&reloader->served, wait);
}

/* After a load that is under way the files are compared with what that one read. */
static void files_changed(void *context) {
    struct reloader *reloader = context;
    if (!reloader->running) start(reloader);
}

const struct reload_status *reloader_status(const struct reloader *reloader) {
    return &reloader->status;
}

struct reloader *reloader_create(const struct reload_options *options) {
    struct reloader *reloader = memory_zeroed(1, sizeof *reloader);
    reloader->options = *options;
    reloader->current = snapshot_hold(options->snapshot);
    reloader->status = (struct reload_status){ .generation = options->snapshot->generation,
                                               .since_ms = clock_wall_ms(),
                                               .report = "" };
    reloader->crew = crew_create(options->loop, options->snapshot->workers ? 1 : 0, 1);
    crew_name(reloader->crew, "reload");
    reloader->watcher = watcher_create(options->loop, files_changed, reloader);
    if (options->inputs->count) watcher_follow(reloader->watcher, options->inputs);
    return reloader;
}

void reloader_destroy(struct reloader *reloader) {
    crew_destroy(reloader->crew);
    watcher_destroy(reloader->watcher);
    clear_attempt(&reloader->attempt);
    inputs_destroy(reloader->inputs);
    snapshot_release(reloader->current);
    memory_free(reloader->report);
    memory_free(reloader);
}
