/* Verbs "replay" and "process": recorded posts, with a progress bar and a closing summary. */
#include "base/clock.h"
#include "base/os.h"
#include "cli/job.h"
#include "cli/print.h"
#include "cli/setup.h"
#include <stdio.h>

#define STANDARD_ERROR 2
#define BAR_CELLS 24

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

static int replay(const struct snapshot *snapshot) {
    bool terminal = os_is_terminal(STANDARD_ERROR);
    struct job job = { .snapshot = snapshot,
                       .one_by_one = true,
                       .beat = terminal ? draw_bar : NULL,
                       .beat_ms = 100,
                       .at_end = end_replay };
    return job_run(&job);
}

int verb_replay(const struct arguments *arguments) {
    if (arguments->word_count == 0) {
        complain("linnet replay: which file?\n    linnet replay FILE...|s3://bucket/prefix ; - is "
                 "standard input\n");
        return 2;
    }
    int code;
    struct snapshot *snapshot = setup_snapshot(arguments, SETUP_DEFAULTS, arguments->words, &code);
    return snapshot ? replay(snapshot) : code;
}

/* What --set says, and that each source is one object; they are called s3, s32, s33, ... */
static const char *const *exact_settings(const struct arguments *arguments, struct arena *arena) {
    const char **given = arguments->values[FLAG_SET];
    size_t count = 0;
    while (given && given[count])
        count++;
    const char **all = arena_zeroed(arena, count + arguments->word_count + 1, sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = given[i];
    for (size_t i = 0; i < arguments->word_count; i++)
        all[count + i] = i ? arena_format(arena, "sources.s3%zu.exact=true", i + 1).data
                           : "sources.s3.exact=true";
    return all;
}

int verb_process(const struct arguments *arguments) {
    bool good = arguments->word_count > 0;
    for (size_t i = 0; i < arguments->word_count; i++)
        good = good && slice_starts(slice_of(arguments->words[i]), SLICE("s3://"));
    if (!good) {
        complain("linnet process: which object?\n    linnet process s3://bucket/key... ; `linnet "
                 "replay` takes files and prefixes\n");
        return 2;
    }
    int code;
    struct arena arena;
    struct snapshot_request request;
    arena_init(&arena);
    setup_request(arguments, SETUP_DEFAULTS, arguments->words, &request);
    request.settings = exact_settings(arguments, &arena);
    struct snapshot *snapshot = setup_load(&request, &code);
    arena_free(&arena);
    return snapshot ? replay(snapshot) : code;
}
