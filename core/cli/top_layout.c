/* cli/top_layout.h: the head, the foot, and how the rest is shared out. */
#include "cli/top_layout.h"
#include "cli/top_table.h"
#include "cli/top_text.h"
#include <stdio.h>

/* A sink whose oldest record waits for longer is late. */
#define LATE_MS 60000

/* One word for how it is, and how bad that is. */
static const char *state_word(const struct top_status *status, int64_t now_ms, char late[64],
                              enum top_style *style) {
    *style = TOP_WARNING;
    if (!status->running) return "not running";
    for (size_t i = 0; i < status->counts[TOP_SOURCES]; i++)
        if (slice_is(status->rows[TOP_SOURCES][i].state, "gap")) return "gap now";
    if (status->waiting) return "not storing";
    for (size_t i = 0; i < status->counts[TOP_SINKS]; i++) {
        char span[TOP_TEXT_BYTES];
        int64_t oldest_ms = status->rows[TOP_SINKS][i].oldest_ms;
        if (oldest_ms == 0 || now_ms - oldest_ms < LATE_MS) continue;
        top_span(now_ms - oldest_ms, span);
        snprintf(late, 64, "late %s", span);
        return late;
    }
    if (status->error.length) return "configuration error";
    *style = TOP_POSITIVE;
    return "ok";
}

static void put_head(struct top_canvas *canvas, const struct top_status *status,
                     const struct top_view *view, int64_t now_ms) {
    char text[160], up[TOP_TEXT_BYTES], late[64];
    enum top_style style;
    const char *word = state_word(status, now_ms, late, &style);
    int at = canvas_put(canvas, 0, 0, 30, TOP_STRONG, SLICE("linnet "));
    if (status->running) {
        top_span((int64_t)(status->uptime_s * 1000), up);
        at += canvas_put(canvas, 0, at, 16, TOP_STRONG, status->version);
        snprintf(text, sizeof text, "  up %s  generation %llu  ", up,
                 (unsigned long long)status->generation);
        at += canvas_put(canvas, 0, at, 60, TOP_PLAIN, slice_of(text));
    }
    at += canvas_put(canvas, 0, at, 24, style, slice_of(word));
    if (view->paused) canvas_put(canvas, 0, at + 2, 20, TOP_CHOSEN, SLICE(" paused "));
}

static void put_plot(struct top_canvas *canvas, const struct top_view *view, int column) {
    static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
    static const char *const marks[] = { "_", ".", ":", "-", "=", "+", "*", "#" };
    size_t cells = (size_t)MAX(0, canvas->columns - column);
    size_t first = view->history_count > cells ? view->history_count - cells : 0;
    double most = 0;
    for (size_t i = first; i < view->history_count; i++)
        most = MAX(most, view->history[i]);
    for (size_t i = first; i < view->history_count; i++) {
        int step = top_step(view->history[i], most);
        canvas_put(canvas, 1, column + (int)(i - first), 1, TOP_POSITIVE,
                   slice_of(canvas->ascii ? marks[step] : blocks[step]));
    }
}

static void put_rates(struct top_canvas *canvas, const struct top_status *status,
                      const struct top_view *view) {
    char text[160], in[TOP_TEXT_BYTES], kept[TOP_TEXT_BYTES], bytes[TOP_TEXT_BYTES];
    if (!status->running) return;
    top_rate(status->received_rate, in);
    top_rate(status->kept_rate, kept);
    top_count(status->spool_bytes, bytes);
    snprintf(text, sizeof text, "received %s  kept %s  spool %s bytes  ", in, kept, bytes);
    int at = canvas_put(canvas, 1, 0, canvas->columns, TOP_PLAIN, slice_of(text));
    put_plot(canvas, view, at);
}

static void put_foot(struct top_canvas *canvas, const struct top_status *status,
                     const struct top_view *view) {
    static const char keys[] = "? help  q quit  / filter  s sort  Tab section  Enter detail  "
                               "p pause  r reload";
    int row = canvas->rows - 1;
    if (view->typing || view->filter[0]) {
        int at = canvas_put(canvas, row, 0, 10, TOP_STRONG, SLICE("filter: "));
        at += canvas_put(canvas, row, at, canvas->columns - at - 1, TOP_PLAIN,
                         slice_of(view->filter));
        if (view->typing) canvas_put(canvas, row, at, 1, TOP_CHOSEN, SLICE(" "));
    } else if (view->message[0])
        canvas_put(canvas, row, 0, canvas->columns, TOP_WARNING, slice_of(view->message));
    else if (status->error.length && !view->detail && !view->help)
        canvas_put(canvas, row, 0, canvas->columns, TOP_WARNING, status->error);
    else
        canvas_put(canvas, row, 0, canvas->columns, TOP_QUIET, SLICE(keys));
}

static void put_help(struct top_canvas *canvas) {
    static const char *const lines[] = {
        "?          this help, and away with it",
        "q          quit",
        "/          only what has this in its name; Esc takes it back",
        "s          sort the section: as configured, by name, by rate, by number",
        "Tab        the next section: sources, sinks, queries",
        "up, down   choose a row (k, j)",
        "Enter      all about it",
        "p          hold the screen; linnet itself goes on",
        "r          read the configuration again",
        "",
        "lag: how long ago the last post was written when it came, or what waits came",
        "cursor: how long ago the place moved from which a restart goes on",
    };
    for (size_t i = 0; i < LENGTH(lines); i++)
        canvas_put(canvas, 3 + (int)i, 2, canvas->columns - 2, TOP_PLAIN, slice_of(lines[i]));
}

static void put_too_small(struct top_canvas *canvas) {
    char text[80];
    snprintf(text, sizeof text, "linnet top needs %d x %d, this is %d x %d", TOP_LEAST_COLUMNS,
             TOP_LEAST_ROWS, canvas->columns, canvas->rows);
    canvas_put(canvas, 0, 0, canvas->columns, TOP_PLAIN, slice_of(text));
}

/* A quarter each for sources and sinks, the rest for queries; what one leaves the others take. */
static void share_out(int room, const size_t counts[TOP_SECTIONS], int rows[TOP_SECTIONS]) {
    int left = room;
    for (int section = 0; section < TOP_SECTIONS; section++) {
        int most = section == TOP_QUERIES ? left : MAX(1, room / 4);
        rows[section] = MIN(most, (int)MIN(counts[section], (size_t)10000));
        left -= rows[section];
    }
    for (int section = 0; section < TOP_SECTIONS && left > 0; section++) {
        int more = MIN(left, (int)MIN(counts[section], (size_t)10000) - rows[section]);
        rows[section] += more;
        left -= more;
    }
}

static void put_sections(struct top_canvas *canvas, const struct top_status *status,
                         struct top_view *view, int64_t now_ms, struct arena *arena) {
    const struct top_row **rows[TOP_SECTIONS];
    size_t counts[TOP_SECTIONS];
    int heights[TOP_SECTIONS], at = 3;
    for (int section = 0; section < TOP_SECTIONS; section++) {
        rows[section] = top_view_rows(view, status, section, arena, &counts[section]);
        size_t *chosen = &view->chosen[section];
        *chosen = MIN(*chosen, counts[section] ? counts[section] - 1 : 0);
    }
    share_out(canvas->rows - 4 - TOP_SECTIONS - 2, counts, heights);
    for (int section = 0; section < TOP_SECTIONS; section++) {
        struct top_table table = { .section = section,
                                   .rows = rows[section],
                                   .count = counts[section],
                                   .chosen = view->chosen[section],
                                   .active = view->section == (enum top_section)section,
                                   .sort = view->sort[section],
                                   .height = heights[section],
                                   .left_out = section == TOP_QUERIES ? status->left_out : 0 };
        top_table_put(canvas, &table, at, now_ms);
        at += heights[section] + 2;
    }
}

void top_layout(struct top_canvas *canvas, const struct top_status *status, struct top_view *view,
                int64_t now_ms) {
    struct arena arena;
    if (canvas->columns < TOP_LEAST_COLUMNS || canvas->rows < TOP_LEAST_ROWS) {
        put_too_small(canvas);
        return;
    }
    arena_init(&arena);
    put_head(canvas, status, view, now_ms);
    put_rates(canvas, status, view);
    if (view->help)
        put_help(canvas);
    else if (view->detail)
        top_detail_put(canvas, status, view, now_ms, &arena);
    else
        put_sections(canvas, status, view, now_ms, &arena);
    put_foot(canvas, status, view);
    arena_free(&arena);
}
