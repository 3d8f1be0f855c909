/* tests/sim/process.h */
#include "process.h"
#include "alloc_sim.h"
#include "base/os.h"
#include "disk.h"
#include "flow/pipeline.h"
#include "loop_sim.h"
#include "sinks/registry.h"
#include "vfs_sim.h"
#include "world.h"
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONFIGURATION "/linnet.lua"
/* More memory than this is a leak, more steps than this without an hour passing a loop. */
#define MOST_MEMORY ((size_t)192 << 20)
#define MOST_STEPS 3000000

static const struct source_ops *const sources[] = { &stream_source, NULL };
static const struct sink_ops *const sinks[] = { &index_sink,   &sqlite_sink,     &discard_sink,
                                                &archive_sink, &opensearch_sink, NULL };

static struct {
    const struct process *process;
    struct loop *loop;
    struct pipeline *pipeline;
    struct timer stop, kill, step, reload;
    uint64_t generation;
    bool store, coming; /* whether it has one; the same under what is being adopted */
    uint64_t steps;
    bool stopped, failed;
} running;

static _Noreturn void end(enum process_end how) {
    trace("process", "ends", how);
    fflush(stdout);
    _exit((int)how);
}

/* ---- what is looked at ---- */

static void watch_call(unsigned call, const char *path, bool dies) {
    trace("disk", path, call);
    if (dies) end(PROCESS_KILLED);
}

static bool only_bulk_is_away(void) {
    return world->calm && world->now_ns < world->bulk_outage_ns &&
           world->now_ns >= world->outage_ns && running.process->fault.error == 0;
}

static void watch_step(void) {
    struct pipeline_sums sums = pipeline_sums(running.pipeline);
    check_sums(&sums);
    if (only_bulk_is_away()) check_others_go_on(&sums);
    trace("step", "", sums.spool_bytes);
    if (running.steps++ > MOST_STEPS) broken("it does not come to rest");
    if (running.steps % 4096 == 0 && mallinfo2().uordblks > MOST_MEMORY)
        broken("%zu bytes of memory", (size_t)mallinfo2().uordblks);
}

static void plan(struct timer *timer, void (*fire)(struct timer *timer), uint64_t at_ns) {
    timer->fire = fire;
    if (at_ns) timer_start(running.loop, timer, at_ns / 1000000);
}

static void finished(void *context, const struct error *err) {
    (void)context;
    if (err) trace("failed:", err->text, 0);
    running.failed = err != NULL;
    loop_stop(running.loop);
}

/* Told to stop, it has given up waiting; else it was killed. */
static void kill_due(struct timer *timer) {
    (void)timer;
    if (!running.stopped) end(PROCESS_KILLED);
    loop_stop(running.loop);
}

static void stop_due(struct timer *timer) {
    (void)timer;
    running.stopped = true;
    pipeline_stop(running.pipeline);
    plan(&running.kill, kill_due, UINT64_C(15000000000)); /* a sink may never answer */
}

static void step_due(struct timer *timer) {
    (void)timer;
    step_wall();
}

/* ---- its configuration ---- */

enum {
    WITH_EXTRA = 1,
    WITH_QUERIES = 2,
    WITHOUT_STORE = 4,
    OTHER_INDEX = 8,
    WITH_PARTITIONS = 16,
    VARIANTS = 32
};

void process_vary(void) { world->variant = (unsigned)draw(VARIANTS); }

void process_complete(void) { world->variant &= ~(unsigned)WITHOUT_STORE; }

/* Whoever is not configured holds nothing in a spool that is full, so the store leaves only one
 * that never is. The queries find every post. */
static bool has_store(const struct process *process) {
    bool small = strcmp(process->spool_max, "1MiB") == 0;
    return !process->no_store && (small || !(world->variant & WITHOUT_STORE));
}

static const char *archive_sink_text(const struct process *process, char into[200]) {
    bool parts = world->variant & WITH_PARTITIONS;
    if (!process->archive) return "";
    snprintf(into, 200, ", archive = linnet.archive { to = '%s', size = '%s', interval = '%s'%s }",
             process->bucket ? "s3://bucket/base" : "/archive", parts ? "2KiB" : "3KiB",
             parts ? "5s" : "20s", parts ? ", prefix = '!{network}/'" : "");
    return into;
}

static size_t write_configuration(const struct process *process, char *text, size_t size) {
    char archive[200];
    return (size_t)snprintf(
        text, size,
        "return { state = '/state', workers = %u, spool = { max = '%s' },"
        " scorers = { default = 'none' }, sources = { stream = linnet.stream "
        "{} }, sinks = { index = linnet.index { other = %s }%s%s%s%s }%s }",
        process->workers, process->spool_max, world->variant & OTHER_INDEX ? "true" : "false",
        has_store(process) ? ", store = linnet.sqlite {}" : "", archive_sink_text(process, archive),
        process->bulk ? ", bulk = linnet.opensearch { url = 'http://bulk/posts' }" : "",
        world->variant & WITH_EXTRA ? ", extra = linnet.discard {}" : "",
        world->variant & WITH_QUERIES ? ", track = { all = 'good OR poison' }" : "");
}

static struct snapshot *load(struct error *err) {
    static const struct part_kind *const source_kinds[] = { &stream_source.kind, NULL };
    static const struct part_kind *const sink_kinds[] = { &index_sink.kind,      &sqlite_sink.kind,
                                                          &discard_sink.kind,    &archive_sink.kind,
                                                          &opensearch_sink.kind, NULL };
    static const struct parts parts = { source_kinds, sink_kinds };
    struct snapshot_request request = {
        .path = CONFIGURATION, .share = "/", .parts = &parts, .generation = ++running.generation
    };
    return snapshot_load(&request, err);
}

static void adopted(void *context, bool done) {
    (void)context;
    if (done) running.store = running.coming;
    trace("reload", "adopted", done);
}

/* What cannot be read or made leaves all as it was. */
static void reload_due(struct timer *timer) {
    struct error err;
    char text[900];
    process_vary();
    size_t length = write_configuration(running.process, text, sizeof text);
    sim_put(CONFIGURATION, text, length);
    struct snapshot *snapshot = load(&err);
    bool good = snapshot && pipeline_adopt(running.pipeline, snapshot, adopted, NULL, &err);
    if (good) running.coming = has_store(running.process);
    trace("reload", good ? "goes on" : "failed", world->variant);
    if (snapshot) snapshot_release(snapshot);
    timer_start(running.loop, timer, 1 + draw(20000));
}

/* ---- its life ---- */

/* Holds for one process, as cli/job.c does it. */
static _Noreturn void live(void) {
    struct error err;
    int holder;
    struct snapshot *snapshot = load(&err);
    if (snapshot == NULL) broken("the configuration: %s", err.text);
    running.store = has_store(running.process);
    if (running.process->archive) (void)look_at_archive();
    sim_inject(running.process->fault);
    sim_told = watch_call;
    alloc_sim_fail(running.process->short_at);
    if (!os_make_private_folder("/state")) end(PROCESS_FAILED);
    int lock = os_lock_state("/state", &holder);
    if (lock < 0) end(PROCESS_FAILED);
    running.loop = loop_create();
    struct pipeline_options options = { .loop = running.loop,
                                        .snapshot = snapshot,
                                        .sources = sources,
                                        .sinks = sinks,
                                        .spooled = true,
                                        .finished = finished };
    running.pipeline = pipeline_create(&options, &err);
    snapshot_release(snapshot);
    if (running.pipeline == NULL) {
        trace("cannot start:", err.text, 0);
        end(PROCESS_FAILED);
    }
    loop_sim_step = watch_step;
    plan(&running.stop, stop_due, running.process->stop_ns);
    plan(&running.kill, kill_due, running.process->kill_ns);
    plan(&running.step, step_due, running.process->step_ns);
    plan(&running.reload, reload_due, running.process->reload_ns);
    pipeline_start(running.pipeline);
    loop_run(running.loop);
    /* What waits for a store that has gone is not done. */
    bool whole = running.process->no_store || running.store;
    bool done = whole && !running.stopped && !running.failed;
    if (done) {
        struct pipeline_sums sums = pipeline_sums(running.pipeline);
        check_last_sums(&sums);
    }
    pipeline_destroy(running.pipeline);
    os_close(lock);
    world->calls = sim_count();
    world->allocations = alloc_sim_count();
    alloc_sim_fail(0);
    sim_inject((struct sim_fault){ 0 });
    if (done)
        check_servers_and_disk(!running.process->no_store, running.process->archive,
                               running.process->bulk);
    end(done ? PROCESS_DONE : running.failed ? PROCESS_FAILED : PROCESS_STOPPED);
}

/* As if it had always been there. */
static void put_file(const char *folder, const char *path, const char *text, size_t length) {
    int fd = os_make_private_folder(folder) ? os_open(path, OS_UPDATE) : -1;
    if (fd < 0) abort();
    os_close(fd);
    sim_put(path, text, length);
}

/* A file of the real disk, which the configuration needs. */
static void copy_file(const char *folder, const char *path) {
    static char text[65536];
    FILE *file = fopen(path + 1, "r");
    if (file == NULL) abort(); /* not run from the project's folder */
    put_file(folder, path, text, fread(text, 1, sizeof text, file));
    fclose(file);
}

static void configure(const struct process *process) {
    char text[900];
    put_file("/", CONFIGURATION, text, write_configuration(process, text, sizeof text));
    copy_file("/plugins/schemas", "/plugins/schemas/post.lua");
}

enum process_end process_run(const struct process *process) {
    int status;
    sim_inject((struct sim_fault){ 0 });
    configure(process);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        running.process = process;
        vfs_sim_install();
        live();
    }
    if (child < 0 || waitpid(child, &status, 0) != child) abort();
    if (WIFEXITED(status) && WEXITSTATUS(status) <= PROCESS_BROKEN)
        return (enum process_end)WEXITSTATUS(status);
    snprintf(world->broken, sizeof world->broken, "it ended with status %x", status);
    return PROCESS_BROKEN;
}
