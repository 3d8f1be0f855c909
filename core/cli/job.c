/* cli/job.h */
#include "cli/job.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/os.h"
#include "cli/ask.h"
#include "cli/daemon.h"
#include "cli/gone.h"
#include "cli/live.h"
#include "cli/print.h"
#include "script/counters.h"
#include "sinks/registry.h"
#include "sources/registry.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

/* What the loop's callbacks need while a job runs. */
struct running {
    struct job *job;
    struct loop *loop;
    struct signal_handler interrupt, terminate;
    struct timer beat, deadline, grace;
    struct daemon daemon;
    int code;
    bool stopping;
};

static void finished(void *context, const struct error *err) {
    struct running *running = context;
    if (err) running->code = complain_error(err);
    loop_stop(running->loop);
}

static void released(void *context, const struct batch *batch) {
    struct running *running = context;
    running->job->released(running->job, batch);
}

static void stop(struct running *running) {
    if (running->stopping) {
        print_flush();
        exit(running->job->interrupted ? 130 : 0); /* asked twice: at once */
    }
    running->stopping = true;
    timer_start(running->loop, &running->grace, running->job->snapshot->grace_ms);
    daemon_stopping(&running->daemon, running->job->snapshot->grace_ms);
    pipeline_stop(running->job->pipeline);
}

/* A sink does not answer. What waits for it is on disk, or else it is lost, which must show. */
static void grace_over(struct timer *timer) {
    struct running *running = CONTAINER_OF(timer, struct running, grace);
    struct pipeline_sums sums = pipeline_sums(running->job->pipeline);
    bool spooled = running->job->spooled;
    for (size_t i = 0; i < sums.reader_count; i++)
        if (sums.readers[i].pending)
            log_warning("flow", "the grace time is over: %llu records for %s %s",
                        (unsigned long long)sums.readers[i].pending, sums.readers[i].name,
                        spooled ? "wait on disk" : "are not delivered");
    running->code = spooled ? 0 : 1;
    loop_stop(running->loop);
}

static void interrupted(struct signal_handler *handler) {
    struct running *running = CONTAINER_OF(handler, struct running, interrupt);
    running->job->interrupted = true;
    stop(running);
}

static void terminated(struct signal_handler *handler) {
    stop(CONTAINER_OF(handler, struct running, terminate));
}

static void deadline(struct timer *timer) { stop(CONTAINER_OF(timer, struct running, deadline)); }

static void beat(struct timer *timer) {
    struct running *running = CONTAINER_OF(timer, struct running, beat);
    running->job->beat(running->job);
    timer_start(running->loop, timer, running->job->beat_ms);
}

static void run_loop(struct running *running) {
    struct job *job = running->job;
    signal_start(running->loop, &running->interrupt, SIGINT);
    signal_start(running->loop, &running->terminate, SIGTERM);
    if (job->beat) timer_start(running->loop, &running->beat, job->beat_ms);
    if (job->stop_after_ms) timer_start(running->loop, &running->deadline, job->stop_after_ms);
    pipeline_start(job->pipeline);
    daemon_ready(&running->daemon, job, running->loop);
    loop_run(running->loop);
    daemon_end(&running->daemon);
    timer_stop(&running->beat);
    timer_stop(&running->deadline);
    timer_stop(&running->grace);
    signal_stop(&running->interrupt);
    signal_stop(&running->terminate);
    if (job->beat) job->beat(job);
}

int job_run(struct job *job) {
    struct error err;
    int lock = job->spooled ? lock_folder(job->snapshot->state_folder) : -1;
    if (job->spooled && lock < 0) {
        snapshot_release(job->snapshot);
        return 1;
    }
    if (job->spooled) gone_warn(job->snapshot);
    struct running running = { .job = job,
                               .loop = loop_create(),
                               .interrupt.fire = interrupted,
                               .terminate.fire = terminated,
                               .beat.fire = beat,
                               .deadline.fire = deadline,
                               .grace.fire = grace_over };
    struct pipeline_options options = { .loop = running.loop,
                                        .snapshot = job->snapshot,
                                        .sources = all_sources,
                                        .sinks = all_sinks,
                                        .one_by_one = job->one_by_one,
                                        .spooled = job->spooled,
                                        .finished = finished,
                                        .released = job->released ? released : NULL,
                                        .context = &running };
    job->daemon = &running.daemon;
    job->started_ns = clock_monotonic_ns();
    job->cpu_started_ns = clock_cpu_ns();
    job->pipeline = pipeline_create(&options, &err);
    snapshot_release(job->snapshot); /* the pipeline has it */
    if (job->pipeline) {
        if (job->live) live_start(job->live, job, running.loop);
        run_loop(&running);
        if (job->live) live_stop(job->live);
        if (job->interrupted && running.code == 0) running.code = 130;
        if (job->at_end) job->at_end(job);
        pipeline_destroy(job->pipeline);
    } else
        running.code = complain_error(&err);
    loop_destroy(running.loop);
    if (lock >= 0) os_close(lock);
    return running.code;
}

static void print_complaints(const struct source_sums *sums) {
    uint64_t shown = MIN(sums->malformed, (uint64_t)KEPT_COMPLAINTS);
    for (uint64_t i = 0; i < shown; i++)
        complain("  malformed at %s:%llu: %s: %s\n", sums->name,
                 (unsigned long long)sums->complaints[i].offset, sums->complaints[i].reason,
                 sums->complaints[i].record);
    if (sums->malformed > shown)
        complain("  and %llu more malformed\n", (unsigned long long)(sums->malformed - shown));
}

/* What scripts counted. */
static void print_counters(void) {
    struct script_counter counters[MAX_COUNTERS];
    size_t count = script_counters(counters);
    for (size_t i = 0; i < count; i++)
        complain("counted %s: %llu\n", counters[i].name, (unsigned long long)counters[i].value);
}

void job_summary(const struct job *job) {
    struct pipeline_sums sums = pipeline_sums(job->pipeline);
    double seconds = (double)(clock_monotonic_ns() - job->started_ns) / 1e9;
    double cpu_us = (double)(clock_cpu_ns() - job->cpu_started_ns) / 1e3;
    uint64_t received = 0;
    char text[SUM_BYTES];
    for (size_t i = 0; i < sums.source_count; i++) {
        const struct source_sums *one = &sums.sources[i];
        received += one->received;
        source_sums_print(one, text, sizeof text);
        complain("%s: %s\n", one->name, text);
        print_complaints(one);
    }
    for (size_t i = 0; i < sums.reader_count; i++) {
        reader_sums_print(&sums.readers[i], text, sizeof text);
        complain("%s: %s\n", sums.readers[i].name, text);
    }
    print_counters();
    complain("%.1f s, %.0f records/s, %.1f us CPU a record\n", seconds,
             (double)received / MAX(seconds, 1e-9), cpu_us / (double)MAX(received, (uint64_t)1));
}
