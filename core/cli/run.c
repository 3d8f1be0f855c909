/* Verb "run". */
#include "base/log.h"
#include "cli/live.h"
#include "cli/print.h"
#include "cli/setup.h"

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
