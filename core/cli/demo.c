/* Verb "demo": the bundled posts at a live rate, what matched of them, and a table per query. */
#include "base/alloc.h"
#include "base/os.h"
#include "cli/job.h"
#include "cli/print.h"
#include "cli/setup.h"
#include "sinks/line.h"
#include <stdio.h>
#include <stdlib.h>

#define STANDARD_OUTPUT 1
#define BEAT_MS 250
#define TABLE_EVERY_BEATS 80 /* where there is no terminal to redraw it on */
#define SECONDS_WITHOUT_TERMINAL 60
#define BAR_CELLS 20

enum mood { NEGATIVE, NEUTRAL, POSITIVE, OTHER, MOODS };
static const char *const moods[MOODS] = { "negative", "neutral", "positive", "other" };

struct tally {
    uint64_t posts, by_mood[MOODS], scored;
    double sum;
};

struct demo {
    struct job job;
    struct tally *tallies; /* one a query, or one for everything */
    size_t tally_count;
    struct buffer lines; /* printed with the next beat */
    bool terminal, color;
    int columns;
    size_t rows_drawn; /* of the table on the screen */
    unsigned beats;
};

static enum mood mood_of(struct slice label) {
    for (enum mood mood = NEGATIVE; mood < OTHER; mood++)
        if (slice_is(label, moods[mood])) return mood;
    return OTHER;
}

static void count(struct tally *tally, const struct message *message) {
    tally->posts++;
    tally->by_mood[mood_of(message->label)]++;
    tally->scored += message->scored;
    if (message->scored) tally->sum += message->score;
}

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
        if (message->outcome != OUTCOME_KEPT || message->kind != MESSAGE_POST) continue;
        show(demo, batch, message);
        for (uint32_t q = 0; q < message->query_count; q++)
            count(&demo->tallies[message->queries[q]], message);
        if (message->query_count == 0) count(&demo->tallies[0], message);
    }
}

static void print_row(const struct demo *demo, const char *name, const struct tally *tally,
                      uint64_t most) {
    char bar[BAR_CELLS * 3 + 1] = "", mean[16] = "     -";
    uint64_t cells = most ? tally->posts * BAR_CELLS / most : 0;
    for (uint64_t i = 0; i < cells; i++)
        memcpy(bar + i * 3, "▇", 4);
    if (tally->scored) snprintf(mean, sizeof mean, "%+6.2f", tally->sum / (double)tally->scored);
    print("%-14.14s %7llu", name, (unsigned long long)tally->posts);
    for (enum mood mood = NEGATIVE; mood < MOODS; mood++)
        print(" %s%9llu%s", label_color(slice_of(moods[mood]), demo->color),
              (unsigned long long)tally->by_mood[mood], color_end(demo->color));
    print(" %s  %s\n", mean, bar);
}

static void print_table(struct demo *demo) {
    const struct snapshot *snapshot = demo->job.snapshot;
    uint64_t most = 0;
    for (size_t i = 0; i < demo->tally_count; i++)
        most = MAX(most, demo->tallies[i].posts);
    print("\n%-14s %7s %9s %9s %9s %9s %6s\n", "query", "posts", "negative", "neutral", "positive",
          "other", "mean");
    for (size_t i = 0; i < demo->tally_count; i++)
        print_row(demo,
                  query_set_count(snapshot->queries) ? snapshot->query_names[i] : "everything",
                  &demo->tallies[i], most);
    demo->rows_drawn = demo->tally_count + 2;
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

/* The bundled posts, live: what the flags of the demo add to those of the user. */
static struct snapshot *load(const struct arguments *typed, const char *posts, int *code) {
    const char *own[] = { "sources.file.rate=30", "sources.file.repeat=true",
                          "sources.file.restamp=true" };
    const char *sources[] = { posts, NULL }, *sinks[] = { "discard", NULL };
    const char *settings[64] = { 0 };
    char fallback[4096];
    struct arguments arguments = *typed;
    size_t count = 0;
    for (; count < LENGTH(own); count++)
        settings[count] = own[count];
    for (const char **set = typed->values[FLAG_SET]; set && *set && count + 1 < LENGTH(settings);
         set++)
        settings[count++] = *set;
    arguments.values[FLAG_SET] = settings;
    arguments.values[FLAG_SINK] = sinks;
    snprintf(fallback, sizeof fallback, "%s/config/linnet.lua", share_folder());
    const char *config[] = { fallback, NULL };
    if (!setup_found(&arguments)) arguments.values[FLAG_CONFIG] = config;
    return setup_snapshot(&arguments, SETUP_NEEDED, sources, code);
}

static int play(struct demo *demo, double seconds) {
    const struct snapshot *snapshot = demo->job.snapshot;
    size_t queries = query_set_count(snapshot->queries);
    demo->tally_count = queries ? queries : 1;
    demo->tallies = memory_zeroed(demo->tally_count, sizeof *demo->tallies);
    demo->terminal = os_is_terminal(STANDARD_OUTPUT);
    demo->color = os_use_color(STANDARD_OUTPUT);
    demo->job.stop_after_ms = (uint64_t)(seconds * 1000);
    if (seconds == 0 && !demo->terminal) demo->job.stop_after_ms = SECONDS_WITHOUT_TERMINAL * 1000;
    buffer_init(&demo->lines, 1 << 20);
    print("linnet demo: real posts of 2013, played as if they came in now. Queries: %s\n",
          snapshot->path[0] ? snapshot->path : "none, everything is kept");
    print_flush();
    int code = job_run(&demo->job);
    buffer_free(&demo->lines);
    memory_free(demo->tallies);
    return code == 130 ? 0 : code; /* ^C is how a demo ends */
}

int verb_demo(const struct arguments *arguments) {
    char posts[4096];
    const char *typed = argument_value(arguments, FLAG_SECONDS);
    char *end = NULL;
    double seconds = typed ? strtod(typed, &end) : 0;
    if (typed && (*end || end == typed || !(seconds > 0 && seconds < 1e6))) {
        complain("linnet demo: --seconds takes a number above 0, not \"%s\"\n", typed);
        return 2;
    }
    snprintf(posts, sizeof posts, "%s/config/demo/posts.ndjson.gz", share_folder());
    int code;
    struct snapshot *snapshot = load(arguments, posts, &code);
    if (snapshot == NULL) return code;
    struct demo demo = { .job = { .snapshot = snapshot,
                                  .beat = on_beat,
                                  .beat_ms = BEAT_MS,
                                  .released = on_released,
                                  .at_end = on_end } };
    code = play(&demo, seconds);
    snapshot_release(snapshot);
    return code;
}
