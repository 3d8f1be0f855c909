/* cli/top_table.h */
#include "cli/top_table.h"
#include "cli/top_text.h"
#include <stdio.h>

#define MOST_COLUMNS 6
#define LEAST_NAME 16
#define BAR_CELLS 16

enum what { RATE, LAG, CURSOR, STATE, TOTAL, KEPT, PENDING, DEAD, SHARE, LAST };

/* When there is no room for all, the one with the lowest `keep` goes first; the name, the widest,
 * has what is left. */
struct column {
    const char *title;
    int width, keep;
    enum what what;
};

static const struct column columns[TOP_SECTIONS][MOST_COLUMNS] = {
    [TOP_SOURCES] = { { "rate", 9, 6, RATE },
                      { "lag", 7, 4, LAG },
                      { "cursor", 7, 3, CURSOR },
                      { "received", 9, 2, TOTAL },
                      { "kept", 8, 1, KEPT },
                      { "state", 8, 5, STATE } },
    [TOP_SINKS] = { { "rate", 9, 5, RATE },
                    { "lag", 7, 4, LAG },
                    { "pending", 8, 3, PENDING },
                    { "dead", 7, 2, DEAD },
                    { "delivered", 9, 1, TOTAL } },
    [TOP_QUERIES] = { { "rate", 9, 4, RATE },
                      { "", BAR_CELLS, 3, SHARE },
                      { "last", 7, 2, LAST },
                      { "matched", 8, 1, TOTAL } },
};

static const char *const titles[TOP_SECTIONS] = { "SOURCES", "SINKS", "QUERIES" };
static const char *const sorts[TOP_SORTS] = { "", " by name", " by rate", " by number" };

/* Which columns are shown; the width of the name. */
static int choose_columns(enum top_section section, int room, bool shown[MOST_COLUMNS]) {
    int left = room - 2;
    for (int i = 0; i < MOST_COLUMNS; i++) {
        shown[i] = columns[section][i].title != NULL;
        if (shown[i]) left -= columns[section][i].width + 1;
    }
    while (left < LEAST_NAME) {
        int least = -1;
        for (int i = 0; i < MOST_COLUMNS; i++)
            if (shown[i] && (least < 0 || columns[section][i].keep < columns[section][least].keep))
                least = i;
        if (least < 0) break;
        shown[least] = false;
        left += columns[section][least].width + 1;
    }
    return left;
}

static void cell_text(enum what what, const struct top_row *row, int64_t now_ms,
                      char out[TOP_TEXT_BYTES]) {
    switch (what) {
    case RATE: top_rate(row->rate, out); return;
    case LAG:
        if (row->oldest_ms)
            top_age(row->oldest_ms, now_ms, out);
        else
            top_age(row->created_ms, row->last_ms, out);
        return;
    case CURSOR: top_age(row->moved_ms, now_ms, out); return;
    case LAST: top_age(row->last_ms, now_ms, out); return;
    case STATE:
        snprintf(out, TOP_TEXT_BYTES, "%.20s", row->state.length ? row->state.data : "-");
        return;
    case TOTAL: top_count(row->total, out); return;
    case KEPT: top_count(row->kept, out); return;
    case PENDING: top_count(row->pending, out); return;
    case DEAD: top_count(row->dead, out); return;
    case SHARE: out[0] = '\0';
    }
}

static enum top_style cell_style(enum what what, const struct top_row *row) {
    if (what == DEAD && row->dead) return TOP_WARNING;
    if (what == STATE && (slice_is(row->state, "gap") || slice_is(row->state, "pause")))
        return TOP_WARNING;
    return TOP_PLAIN;
}

/* Each label has a sign of its own, so that it needs no colour. */
static void put_share(struct top_canvas *canvas, const struct top_row *row, int at, int column) {
    static const char *const signs[] = { "−", "○", "+", "?" };
    static const char *const letters[] = { "-", "o", "+", "?" };
    static const enum top_style styles[] = { TOP_NEGATIVE, TOP_QUIET, TOP_POSITIVE, TOP_PLAIN };
    uint64_t sum = 0, before = 0;
    for (int mood = 0; mood < MOODS; mood++)
        sum += row->by_mood[mood];
    for (int mood = 0, from = 0; mood < MOODS && sum; mood++) {
        before += row->by_mood[mood];
        int to = (int)((double)before / (double)sum * BAR_CELLS + 0.5);
        for (; from < to; from++)
            canvas_put(canvas, at, column + from, 1, styles[mood],
                       slice_of(canvas->ascii ? letters[mood] : signs[mood]));
    }
}

static void put_row(struct top_canvas *canvas, const struct top_table *table,
                    const struct top_row *row, int at, int64_t now_ms) {
    bool shown[MOST_COLUMNS];
    int name = choose_columns(table->section, canvas->columns, shown), column = name + 2;
    canvas_put(canvas, at, 2, name, TOP_PLAIN, row->name);
    for (int i = 0; i < MOST_COLUMNS; i++) {
        const struct column *one = &columns[table->section][i];
        char text[TOP_TEXT_BYTES];
        if (!shown[i]) continue;
        column++;
        cell_text(one->what, row, now_ms, text);
        if (one->what == SHARE)
            put_share(canvas, row, at, column);
        else
            canvas_put_right(canvas, at, column, one->width, cell_style(one->what, row),
                             slice_of(text));
        column += one->width;
    }
}

static void put_heading(struct top_canvas *canvas, const struct top_table *table, int at) {
    bool shown[MOST_COLUMNS];
    char title[80];
    int name = choose_columns(table->section, canvas->columns, shown), column = name + 2;
    enum top_style style = table->active ? TOP_HEADING : TOP_QUIET;
    snprintf(title, sizeof title, "%s %zu%s%s", titles[table->section], table->count,
             table->left_out ? "+" : "", sorts[table->sort]);
    canvas_put(canvas, at, 0, name + 2, style, slice_of(title));
    for (int i = 0; i < MOST_COLUMNS; i++) {
        const struct column *one = &columns[table->section][i];
        if (!shown[i]) continue;
        column++;
        const char *text = one->what != SHARE ? one->title
                           : canvas->ascii    ? "share -o+?"
                                              : "share −○+?";
        canvas_put_right(canvas, at, column, one->width, style, slice_of(text));
        column += one->width;
    }
}

void top_table_put(struct top_canvas *canvas, const struct top_table *table, int top,
                   int64_t now_ms) {
    size_t height = (size_t)MAX(table->height, 0);
    size_t first = table->chosen >= height ? table->chosen + 1 - height : 0;
    put_heading(canvas, table, top);
    for (size_t i = 0; i < height && first + i < table->count; i++) {
        int at = top + 1 + (int)i;
        put_row(canvas, table, table->rows[first + i], at, now_ms);
        if (table->active && first + i == table->chosen)
            canvas_put(canvas, at, 0, 1, TOP_CHOSEN, SLICE(">"));
    }
}

/* ---- all about one row ---------------------------------------------------------------------- */

static int put_line(struct top_canvas *canvas, int at, const char *name, struct slice value) {
    canvas_put(canvas, at, 2, 20, TOP_QUIET, slice_of(name));
    canvas_put(canvas, at, 22, canvas->columns - 22, TOP_PLAIN, value);
    return at + 1;
}

static int put_number(struct top_canvas *canvas, int at, const char *name, uint64_t value) {
    char text[TOP_TEXT_BYTES];
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    return put_line(canvas, at, name, slice_of(text));
}

void top_detail_put(struct top_canvas *canvas, const struct top_status *status,
                    const struct top_view *view, int64_t now_ms, struct arena *arena) {
    static const char *const totals[TOP_SECTIONS] = { "received", "delivered", "matched" };
    size_t count, chosen = view->chosen[view->section];
    const struct top_row **rows = top_view_rows(view, status, view->section, arena, &count);
    char text[TOP_TEXT_BYTES];
    if (chosen >= count) return;
    const struct top_row *row = rows[chosen];
    canvas_put(canvas, 3, 0, canvas->columns, TOP_HEADING, row->name);
    int at = put_number(canvas, 4, totals[view->section], row->total);
    top_rate(row->rate, text);
    at = put_line(canvas, at, "rate", slice_of(text));
    top_age(row->last_ms, now_ms, text);
    if (view->section != TOP_SINKS) at = put_line(canvas, at, "last, ago", slice_of(text));
    if (view->section == TOP_SOURCES) {
        at = put_number(canvas, at, "kept", row->kept);
        at = put_number(canvas, at, "malformed", row->malformed);
        put_line(canvas, at, "coverage", row->shown);
    } else if (view->section == TOP_SINKS) {
        at = put_number(canvas, at, "pending", row->pending);
        at = put_number(canvas, at, "dead letters", row->dead);
        put_number(canvas, at, "dropped", row->lost);
    } else
        for (int mood = 0; mood < MOODS; mood++)
            at = put_number(canvas, at, mood_names[mood], row->by_mood[mood]);
}
