/* cli/stats_print.h: tables and the overview for people. */
#include "cli/stats_print.h"
#include "base/date.h"
#include "cli/bars.h"
#include "cli/print.h"
#include "search/steps.h"
#include "sinks/line.h"
#include <stdio.h>

#define STANDARD_COLUMNS 80
#define LEAST_VALUE_CELLS 12
#define MOST_VALUE_CELLS 32
#define LEAST_BAR_CELLS 8
#define MOST_BAR_CELLS 24
#define POSTS_CELLS 10
#define NET_CELLS 6

/* Where the columns of a table stand. */
struct layout {
    int value, bar; /* cells */
    uint64_t most;  /* of the longest bar */
};

static void print_cells(struct slice text, int least, int most) {
    struct buffer cells;
    buffer_init(&cells, (size_t)1 << 16);
    if (cells_append(&cells, text, least, most)) print_slice(buffer_slice(&cells));
    buffer_free(&cells);
}

static int label_cells(struct slice label) {
    return MAX(8, (int)MIN(label.length, (size_t)14)) + 1;
}

/* The value and the bar share what the numbers leave. */
static struct layout lay_out(const struct stats_view *view, const struct stats *stats, int widest) {
    int left = (view->columns > 0 ? view->columns : STANDARD_COLUMNS) - POSTS_CELLS - NET_CELLS - 1;
    struct layout layout = { 0 };
    for (size_t i = 0; i < stats->labels.count; i++)
        left -= label_cells(stats->labels.names[i]);
    for (size_t i = 0; i < stats->count; i++)
        layout.most = MAX(layout.most, stats->rows[i].counts.posts);
    layout.value =
        MAX(LEAST_VALUE_CELLS, MIN(MIN(widest, MOST_VALUE_CELLS), left - LEAST_BAR_CELLS));
    layout.bar = MAX(0, MIN(left - layout.value, MOST_BAR_CELLS));
    return layout;
}

/* "22%", below ten with a place behind the point. */
static void print_share(uint64_t part, uint64_t all, int cells) {
    char text[16] = "-";
    double share = all ? 100 * (double)part / (double)all : 0;
    if (all) snprintf(text, sizeof text, share > 0 && share < 9.95 ? "%.1f%%" : "%.0f%%", share);
    print("%*s", cells, text);
}

static void print_net(const struct stats *stats, const struct stats_counts *counts) {
    double net;
    if (stats_net(&stats->labels, counts, &net))
        print("%+*.0f", NET_CELLS, net);
    else
        print("%*s", NET_CELLS, "-");
}

static void print_counts(const struct stats_view *view, const struct stats *stats,
                         const struct stats_counts *counts) {
    char posts[32];
    snprintf(posts, sizeof posts, "%s%llu", stats->partial ? ">=" : "",
             (unsigned long long)counts->posts);
    print("%*s", POSTS_CELLS, posts);
    for (size_t i = 0; i < stats->labels.count; i++) {
        struct slice label = stats->labels.names[i];
        print("%s", label_color(label, view->color));
        print_share(counts->by_label[i], counts->posts, label_cells(label));
        print("%s", color_end(view->color));
    }
    print_net(stats, counts);
}

static void print_head(const struct stats *stats, const char *name, const struct layout *layout) {
    print_cells(slice_of(name), layout->value, layout->value);
    print("%*s", POSTS_CELLS, "posts");
    for (size_t i = 0; i < stats->labels.count; i++) {
        struct slice label = stats->labels.names[i];
        int cells = label_cells(label);
        for (int left = cells - (int)MIN(label.length, (size_t)cells - 1); left > 0; left--)
            print(" ");
        print_cells(label, 0, cells - 1);
    }
    print("%*s\n", NET_CELLS, "net");
}

/* "2026-11-26 18:05", of a day its date. */
static struct slice time_text(int64_t start_s, int64_t step_s, char text[DATE_BYTES]) {
    date_write(start_s * 1000, text);
    text[10] = ' ';
    return slice_from(text, step_s == STEP_DAY ? 10 : 16);
}

static void print_row(const struct stats_view *view, const struct stats *stats,
                      const struct layout *layout, struct slice value,
                      const struct stats_counts *counts) {
    print_cells(value, layout->value, layout->value);
    print_counts(view, stats, counts);
    print(" ");
    print_bar(counts->posts, layout->most, layout->bar);
    print("\n");
}

/* What the rows are parts of; a post may be in several, or in none. */
static void print_all(const struct stats_view *view, const struct stats *stats,
                      const struct layout *layout) {
    print_cells(SLICE("all"), layout->value, layout->value);
    print_counts(view, stats, &stats->total);
    print("\n");
}

/* Times without a post are rows, too. */
static void print_times(const struct stats_view *view, const struct stats *stats,
                        const struct layout *layout, int64_t step_s) {
    static const struct stats_counts none;
    int64_t next = stats->count ? stats->rows[0].start_s : 0;
    for (size_t i = 0; i < stats->count; i++) {
        char text[DATE_BYTES];
        int64_t gap = (stats->rows[i].start_s - next) / step_s;
        if (gap > 10) {
            print("...\n");
            next = stats->rows[i].start_s;
        }
        for (; next < stats->rows[i].start_s; next += step_s)
            print_row(view, stats, layout, time_text(next, step_s, text), &none);
        print_row(view, stats, layout, time_text(next, step_s, text), &stats->rows[i].counts);
        next += step_s;
    }
}

static void print_rows(const struct stats_view *view, const struct stats *stats, bool all) {
    int64_t step_s = stats_by_step(view->question->by);
    int widest = step_s == STEP_DAY ? 10 : 16;
    for (size_t i = 0; i < stats->count; i++)
        widest = MAX(widest, (int)MIN(stats->rows[i].value.length, (size_t)MOST_VALUE_CELLS));
    struct layout layout = lay_out(view, stats, widest);
    print_head(stats, stats_by_name(view->question->by), &layout);
    if (step_s) print_times(view, stats, &layout, step_s);
    for (size_t i = 0; !step_s && i < stats->count; i++)
        print_row(view, stats, &layout, stats->rows[i].value, &stats->rows[i].counts);
    if (all) print_all(view, stats, &layout);
}

void stats_print_table(const struct stats_view *view, const struct stats *stats) {
    print_rows(view, stats, true);
}

/* "10-minute", "1-hour". */
static void print_step(int64_t step_s) {
    if (step_s % STEP_DAY == 0)
        print("%lld-day", (long long)(step_s / STEP_DAY));
    else if (step_s % STEP_HOUR == 0)
        print("%lld-hour", (long long)(step_s / STEP_HOUR));
    else
        print("%lld-minute", (long long)(step_s / STEP_MINUTE));
}

static void print_volume(const struct stats_overview *overview) {
    char first[DATE_BYTES], last[DATE_BYTES];
    int64_t end_s = overview->first_s + (int64_t)overview->buckets * overview->bucket_s;
    if (overview->buckets == 0) return;
    print("\n");
    print_spark(overview->volume, overview->buckets);
    print("\n%.*s", SLICE_ARGS(time_text(overview->first_s, 0, first)));
    print(" to %.*s UTC, ", SLICE_ARGS(time_text(end_s, 0, last)));
    print_step(overview->bucket_s);
    print(" bars\n");
}

static void print_tops(const struct stats_view *view, const struct stats *stats, enum stats_by by) {
    struct stats_question question = *view->question;
    struct stats_view part = *view;
    if (stats->count == 0) return;
    question.by = by;
    part.question = &question;
    print("\n");
    print_rows(&part, stats, false);
    if (stats->uncounted)
        print("... and others: linnet stats --by %s\n", stats_by_name(by));
    else if (stats->left_out)
        print("... and %llu more: linnet stats --by %s\n", (unsigned long long)stats->left_out,
              stats_by_name(by));
}

void stats_print_overview(const struct stats_view *view, const struct stats_overview *overview) {
    const struct stats *total = &overview->total;
    struct layout layout = lay_out(view, total, 16);
    print_head(total, "", &layout);
    print_all(view, total, &layout);
    print_volume(overview);
    print_tops(view, &overview->queries, STATS_BY_QUERY);
    print_tops(view, &overview->hashtags, STATS_BY_HASHTAG);
    print_tops(view, &overview->langs, STATS_BY_LANG);
}
