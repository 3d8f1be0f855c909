/* Verb "demo": the bundled posts at a live rate, what matched of them, and a table per query; and a
 * store of these to ask. */
#include "base/alloc.h"
#include "base/os.h"
#include "cli/ask.h"
#include "cli/live.h"
#include "cli/print.h"
#include "cli/setup.h"
#include "cli/store_path.h"
#include "sinks/line.h"
#include <stdio.h>

#define STANDARD_OUTPUT 1
#define BEAT_MS 250
#define TABLE_EVERY_BEATS 80 /* where there is no terminal to redraw it on */
#define SECONDS_WITHOUT_TERMINAL 60
#define BAR_CELLS 20
#define TABLE_COLUMNS 71 /* of a row before its bar */
/* A row that wrapped would be two, and the next table drawn over the wrong lines. */
#define NO_WRAP "\033[?7l"
#define WRAP "\033[?7h"

struct demo {
    struct job job;
    struct buffer lines; /* printed with the next beat */
    bool terminal, color;
    int columns;
    size_t rows_drawn; /* of the table on the screen */
    unsigned beats;
};

static void show(struct demo *demo, const struct batch *batch, const struct message *message) {
    struct line line = { .when_ms = message->received_ms,
                         .label = message->label,
                         .scored = message->scored,
                         .score = message->score,
                         .author = message->author.handle,
                         .text = message->text };
    if (message->query_count)
        line.queries = slice_of(batch->snapshot->query_names[message->queries[0]]);
    size_t before = demo->lines.length;
    if (!line_append(&demo->lines, &line, demo->columns, demo->color)) demo->lines.length = before;
}

static void on_released(struct job *job, const struct batch *batch) {
    struct demo *demo = CONTAINER_OF(job, struct demo, job);
    for (uint32_t i = 0; i < batch->count; i++) {
        const struct message *message = &batch->messages[i];
        if (message->outcome == OUTCOME_KEPT && message->kind == MESSAGE_POST)
            show(demo, batch, message);
    }
}

static uint64_t bar_room(const struct demo *demo) {
    if (!demo->terminal) return BAR_CELLS;
    int left = demo->columns - TABLE_COLUMNS;
    return (uint64_t)MAX(0, MIN(left, BAR_CELLS));
}

static void print_row(const struct demo *demo, const struct query_sums *sums, uint64_t most) {
    char bar[BAR_CELLS * 3 + 1] = "", mean[16] = "     -";
    uint64_t cells = most ? sums->matched * bar_room(demo) / most : 0;
    for (uint64_t i = 0; i < cells; i++)
        memcpy(bar + i * 3, "▇", 4);
    if (sums->scored) snprintf(mean, sizeof mean, "%+6.2f", sums->score / (double)sums->scored);
    print("%-14.14s %7llu", sums->name, (unsigned long long)sums->matched);
    for (enum mood mood = NEGATIVE; mood < MOODS; mood++)
        print(" %s%9llu%s", label_color(slice_of(mood_names[mood]), demo->color),
              (unsigned long long)sums->by_mood[mood], color_end(demo->color));
    print(" %s  %s\n", mean, bar);
}

static void print_table(struct demo *demo) {
    struct pipeline_sums sums = pipeline_sums(demo->job.pipeline);
    uint64_t most = 0;
    for (size_t i = 0; i < sums.query_count; i++)
        most = MAX(most, sums.queries[i].matched);
    if (demo->terminal) print(NO_WRAP);
    print("\n%-14s %7s %9s %9s %9s %9s %6s\n", "query", "posts", "negative", "neutral", "positive",
          "other", "mean");
    for (size_t i = 0; i < sums.query_count; i++)
        print_row(demo, &sums.queries[i], most);
    if (demo->terminal) print(WRAP);
    demo->rows_drawn = sums.query_count + 2;
}

/* On a terminal the log would be drawn over: what happened scrolls by with the posts. */
static bool on_reloaded(struct job *job, const struct snapshot *snapshot,
                        const struct reload_status *status) {
    struct demo *demo = CONTAINER_OF(job, struct demo, job);
    char text[2048] = "";
    if (!demo->terminal) return false;
    size_t before = demo->lines.length, length = 0;
    if (snapshot == NULL) length = error_print(&status->err, text, sizeof text);
    struct slice head = snapshot ? SLICE("reloaded: ") : SLICE("not taken over:\n");
    struct slice body = snapshot ? slice_of(status->report) : slice_from(text, length);
    bool put = buffer_append(&demo->lines, SLICE("\n")) && buffer_append(&demo->lines, head) &&
               buffer_append(&demo->lines, body) && buffer_append(&demo->lines, SLICE("\n"));
    if (!put) demo->lines.length = before;
    return put;
}

/* New posts scroll by above the table, which is drawn over its old self. */
static void on_beat(struct job *job) {
    struct demo *demo = CONTAINER_OF(job, struct demo, job);
    if (demo->terminal) {
        if (demo->rows_drawn) print("\033[%zuA\033[J", demo->rows_drawn);
        demo->columns = os_terminal_columns(STANDARD_OUTPUT);
    }
    print_slice(buffer_slice(&demo->lines));
    demo->lines.length = 0;
    if (demo->terminal || ++demo->beats % TABLE_EVERY_BEATS == 0) print_table(demo);
    print_flush();
}

static void on_end(struct job *job) {
    struct demo *demo = CONTAINER_OF(job, struct demo, job);
    if (!demo->terminal) print_table(demo);
    print_flush();
}

/* What the demo adds to the flags of the user: the bundled posts, live, and where they are kept. */
struct flags {
    char posts[4096], fallback[4096], store[4200];
    const char *sources[2], *sinks[2], *config[2], *settings[64];
    struct arguments arguments;
};

/* Where `linnet search` looks, who is given the same flags. Without such a place the demo plays all
 * the same. */
static bool find_store(struct flags *flags, const struct arguments *typed) {
    struct arena arena;
    arena_init(&arena);
    const char *folder = asked_folder(typed, &arena);
    bool usable = folder && os_make_private_folder(folder);
    if (usable) snprintf(flags->store, sizeof flags->store, "sqlite:%.4000s/" DEMO_FILE, folder);
    arena_free(&arena);
    return usable;
}

static void fill_flags(struct flags *flags, const struct arguments *typed) {
    static const char *const own[] = { "sources.file.rate=30", "sources.file.repeat=true",
                                       "sources.file.restamp=true", "sinks.sqlite.keep=24h" };
    size_t count = 0;
    *flags = (struct flags){ .sources = { flags->posts },
                             .sinks = { "discard" },
                             .config = { flags->fallback },
                             .arguments = *typed };
    snprintf(flags->posts, sizeof flags->posts, "%s/config/demo/posts.ndjson.gz", share_folder());
    snprintf(flags->fallback, sizeof flags->fallback, "%s/config/linnet.lua", share_folder());
    bool kept = find_store(flags, typed);
    if (kept) flags->sinks[0] = flags->store;
    for (; count < LENGTH(own) - !kept; count++)
        flags->settings[count] = own[count];
    for (const char **set = typed->values[FLAG_SET];
         set && *set && count + 1 < LENGTH(flags->settings); set++)
        flags->settings[count++] = *set;
    flags->arguments.values[FLAG_SET] = flags->settings;
    flags->arguments.values[FLAG_SINK] = flags->sinks;
    if (!setup_found(typed)) flags->arguments.values[FLAG_CONFIG] = flags->config;
}

static void print_intro(const struct snapshot *snapshot, const char *store) {
    print("linnet demo: real posts of 2013, played as if they came in now. Queries: %s\n",
          snapshot->path[0] ? snapshot->path : "none, everything is kept");
    if (store[0])
        print("Ask what was kept: linnet stats, linnet search coffee (%s)\n",
              strchr(store, ':') + 1);
}

static int play(struct demo *demo, double seconds) {
    demo->terminal = os_is_terminal(STANDARD_OUTPUT);
    demo->color = os_use_color(STANDARD_OUTPUT);
    demo->job.stop_after_ms = (uint64_t)(seconds * 1000);
    if (seconds == 0 && !demo->terminal) demo->job.stop_after_ms = SECONDS_WITHOUT_TERMINAL * 1000;
    buffer_init(&demo->lines, 1 << 20);
    int code = job_run(&demo->job);
    buffer_free(&demo->lines);
    return code == 130 ? 0 : code; /* ^C is how a demo ends */
}

int verb_demo(const struct arguments *arguments) {
    struct flags flags;
    struct live live = { 0 };
    double seconds = 0;
    if (!asked_seconds(arguments, "demo", &seconds)) return 2;
    int code;
    fill_flags(&flags, arguments);
    struct snapshot *snapshot =
        setup_live(&flags.arguments, SETUP_NEEDED, flags.sources, &live, &code);
    if (snapshot == NULL) return code;
    struct demo demo = { .job = { .snapshot = snapshot,
                                  .live = &live,
                                  .reloaded = on_reloaded,
                                  .beat = on_beat,
                                  .beat_ms = BEAT_MS,
                                  .released = on_released,
                                  .at_end = on_end } };
    print_intro(snapshot, flags.store);
    code = play(&demo, seconds);
    live_free(&live);
    return code;
}
