/* Verbs "run" and "replay". */
#include "base/clock.h"
#include "base/log.h"
#include "base/os.h"
#include "cli/live.h"
#include "cli/print.h"
#include "cli/setup.h"
#include <stdio.h>

#define STANDARD_ERROR 2
#define BAR_CELLS 24

static void log_sums(struct job *job) {
    struct pipeline_sums sums = pipeline_sums(job->pipeline);
    char text[SUM_BYTES];
    for (size_t i = 0; i < sums.source_count; i++) {
        source_sums_print(&sums.sources[i], text, sizeof text);
        log_info("flow", "%s: %s", sums.sources[i].name, text);
    }
}

int verb_run(const struct arguments *arguments) {
    int code;
    enum setup how = arguments->values[FLAG_SOURCE] ? SETUP_DEFAULTS : SETUP_NEEDED;
    struct live live = { 0 };
    struct snapshot *snapshot = setup_live(arguments, how, NULL, &live, &code);
    if (snapshot == NULL) return code;
    if (snapshot->source_count == 0) {
        complain("linnet run: %s names no sources\n    add one under sources = { ... }, or name "
                 "one with -i\n",
                 snapshot->path);
        snapshot_release(snapshot);
        code = 78;
    } else {
        bool named = arguments->values[FLAG_SOURCE] || arguments->values[FLAG_SINK];
        struct job job = {
            .snapshot = snapshot, .live = &live, .spooled = !named, .at_end = log_sums
        };
        code = job_run(&job);
    }
    live_free(&live);
    return code;
}

/* "1h02m", "3m20s", "8s". */
static void print_duration(char *out, size_t size, double seconds) {
    unsigned long long whole = (unsigned long long)(seconds + 0.5);
    if (whole >= 3600)
        snprintf(out, size, "%lluh%02llum", whole / 3600, whole / 60 % 60);
    else if (whole >= 60)
        snprintf(out, size, "%llum%02llus", whole / 60, whole % 60);
    else
        snprintf(out, size, "%llus", whole);
}

/* One line that is drawn over itself: done, rate, time left. */
static void draw_bar(struct job *job) {
    uint64_t done, total, received = 0;
    struct pipeline_sums sums = pipeline_sums(job->pipeline);
    pipeline_progress(job->pipeline, &done, &total);
    for (size_t i = 0; i < sums.source_count; i++)
        received += sums.sources[i].received;
    double seconds = (double)(clock_monotonic_ns() - job->started_ns) / 1e9;
    double part = total ? (double)done / (double)total : 0;
    char left[32] = "?", bar[BAR_CELLS + 1];
    if (part > 0) print_duration(left, sizeof left, seconds / part * (1 - part));
    for (int i = 0; i < BAR_CELLS; i++)
        bar[i] = i < (int)(part * BAR_CELLS) ? '=' : ' ';
    bar[BAR_CELLS] = '\0';
    draw("\r[%s] %3.0f%%  %llu records  %.0f/s  %s left \033[K", bar, part * 100,
         (unsigned long long)received, (double)received / MAX(seconds, 1e-9), left);
}

static void end_replay(struct job *job) {
    if (job->beat) draw("\r\033[K");
    job_summary(job);
}

int verb_replay(const struct arguments *arguments) {
    if (arguments->word_count == 0) {
        complain("linnet replay: which file?\n    linnet replay FILE... ; - is standard input\n");
        return 2;
    }
    int code;
    struct snapshot *snapshot = setup_snapshot(arguments, SETUP_DEFAULTS, arguments->words, &code);
    if (snapshot == NULL) return code;
    bool terminal = os_is_terminal(STANDARD_ERROR);
    struct job job = { .snapshot = snapshot,
                       .one_by_one = true,
                       .beat = terminal ? draw_bar : NULL,
                       .beat_ms = 100,
                       .at_end = end_replay };
    return job_run(&job);
}
