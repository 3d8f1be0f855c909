/* sinks/line.h */
#include "sinks/line.h"
#include "base/date.h"
#include "base/utf8.h"
#include <limits.h>
#include <stdio.h>
#include <utf8proc.h>

const char *label_color(struct slice label, bool color) {
    if (!color) return "";
    if (slice_is(label, "negative")) return "\033[31m";
    if (slice_is(label, "positive")) return "\033[32m";
    return "\033[2m";
}

const char *color_end(bool color) { return color ? "\033[0m" : ""; }

static bool is_inert(uint32_t code_point) {
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code_point);
    return category != UTF8PROC_CATEGORY_CC && category != UTF8PROC_CATEGORY_CF &&
           category != UTF8PROC_CATEGORY_ZL && category != UTF8PROC_CATEGORY_ZP;
}

/* A character as it is shown: white space as a space, broken bytes as U+FFFD. */
struct shown {
    char bytes[4];
    size_t length;
    int width; /* cells */
};

/* The next character of `text` that may be shown; false at its end. */
static bool next_shown(struct slice *text, struct shown *shown) {
    const char *at = text->data, *end = text->length ? at + text->length : at;
    bool found = false;
    while (at < end && !found) {
        uint32_t code_point = utf8_decode(&at, end);
        if (code_point == '\n' || code_point == '\t' || code_point == '\r') code_point = ' ';
        bool joiner = code_point == 0x200D; /* holds emoji together */
        found = joiner || is_inert(code_point);
        shown->length = utf8_encode(code_point, shown->bytes);
        shown->width = utf8proc_charwidth((utf8proc_int32_t)code_point);
    }
    *text = slice_from(at, (size_t)(end - at));
    return found;
}

size_t inert_next(struct slice *text, char out[4]) {
    struct shown shown;
    if (!next_shown(text, &shown)) return 0;
    memcpy(out, shown.bytes, shown.length);
    return shown.length;
}

#define MARK "\033[1;4m"
#define MARK_END "\033[22;24m"

/* Where a line is written. */
struct pen {
    struct buffer *out;
    int left;  /* cells up to the edge */
    bool good; /* the buffer had room so far */
    const struct slice *marked;
    size_t marked_count;
    bool marking; /* what is written now stands out */
};

static void put_bytes(struct pen *pen, struct slice bytes) {
    pen->good = pen->good && buffer_append(pen->out, bytes);
}

static bool is_marked(const struct pen *pen, const char *at) {
    for (size_t i = 0; i < pen->marked_count; i++)
        if (at >= pen->marked[i].data && at < pen->marked[i].data + pen->marked[i].length)
            return true;
    return false;
}

static void mark(struct pen *pen, bool marking) {
    if (marking != pen->marking) put_bytes(pen, marking ? SLICE(MARK) : SLICE(MARK_END));
    pen->marking = marking;
}

static bool fits(struct slice text, int cells) {
    struct shown shown;
    for (int used = 0; next_shown(&text, &shown);)
        if ((used += shown.width) > cells) return false;
    return true;
}

/* Puts `text` on at most `most` cells, ending in … where it was cut; returns the cells it took. */
static int put_text(struct pen *pen, struct slice text, int most) {
    int cells = MIN(most, pen->left), used = 0;
    bool whole = fits(text, cells);
    if (!whole) cells--;
    struct shown shown;
    for (const char *at = text.data; next_shown(&text, &shown) && used + shown.width <= cells;
         at = text.data) {
        mark(pen, is_marked(pen, at));
        put_bytes(pen, slice_from(shown.bytes, shown.length));
        used += shown.width;
    }
    mark(pen, false);
    if (!whole && cells >= 0) {
        put_bytes(pen, SLICE("…"));
        used++;
    }
    pen->left -= used;
    return used;
}

/* The same, and spaces up to `least` cells. */
static void put_column(struct pen *pen, struct slice text, int least, int most) {
    for (int used = put_text(pen, text, most); used < least && pen->left > 0; used++) {
        put_bytes(pen, SLICE(" "));
        pen->left--;
    }
}

bool cells_append(struct buffer *out, struct slice text, int least, int most) {
    struct pen pen = { .out = out, .left = INT_MAX, .good = true };
    put_column(&pen, text, least, most);
    return pen.good;
}

bool line_append(struct buffer *out, const struct line *line, int columns, bool color) {
    char when[DATE_BYTES] = "                        ", score[16] = "     -";
    struct pen pen = { .out = out, .left = columns > 0 ? columns : INT_MAX, .good = true };
    if (line->when_ms != INT64_MIN) date_write(line->when_ms, when);
    if (line->scored) snprintf(score, sizeof score, "%+6.3f", line->score);
    if (line->dated) put_column(&pen, slice_from(when, 10), 11, 10);
    put_column(&pen, slice_from(when + 11, 8), 10, 8);
    put_bytes(&pen, slice_of(label_color(line->label, color)));
    put_column(&pen, line->label, 8, 20);
    put_text(&pen, SLICE(" "), 1);
    put_text(&pen, slice_of(score), 10);
    put_bytes(&pen, slice_of(color_end(color)));
    put_text(&pen, SLICE("  "), 2);
    put_column(&pen, line->queries, 12, columns > 0 ? MAX(12, columns / 5) : 40);
    put_text(&pen, SLICE(" "), 1);
    if (line->author.length) {
        put_text(&pen, SLICE("@"), 1);
        put_text(&pen, line->author, 20);
        put_text(&pen, SLICE("  "), 2);
    }
    if (color) pen.marked = line->marked;
    if (color) pen.marked_count = line->marked_count;
    put_text(&pen, line->text, INT_MAX);
    put_bytes(&pen, SLICE("\n"));
    return pen.good;
}
