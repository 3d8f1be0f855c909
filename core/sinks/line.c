/* sinks/line.h */
#include "sinks/line.h"
#include "base/date.h"
#include "text/utf8.h"
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

/* Appends `text` in one line of at most `columns` cells, ending in … where it was cut. */
static bool append_text(struct buffer *out, struct slice text, int columns) {
    const char *at = text.data, *end = text.data + text.length;
    int used = 0;
    while (at < end) {
        const char *start = at;
        uint32_t code_point = utf8_decode(&at, end);
        int width = utf8proc_charwidth((utf8proc_int32_t)code_point);
        bool space = code_point == '\n' || code_point == '\t' || code_point == '\r';
        bool joiner = code_point == 0x200D; /* holds emoji together */
        struct slice shown = space ? SLICE(" ") : slice_from(start, (size_t)(at - start));
        if (!space && !joiner && !is_inert(code_point)) continue;
        used += space ? 1 : width;
        if (columns > 0 && used >= columns && at < end) return buffer_append(out, SLICE("…"));
        if (!buffer_append(out, shown)) return false;
    }
    return true;
}

bool line_append(struct buffer *out, const struct line *line, int columns, bool color) {
    char when[DATE_BYTES] = "                        ", head[160], score[16] = "     -";
    if (line->when_ms != INT64_MIN) date_write(line->when_ms, when);
    if (line->scored) snprintf(score, sizeof score, "%+6.3f", line->score);
    char label[24], queries[32];
    snprintf(label, sizeof label, "%.*s", (int)MIN(line->label.length, sizeof label - 1),
             line->label.data);
    snprintf(queries, sizeof queries, "%.*s", (int)MIN(line->queries.length, sizeof queries - 1),
             line->queries.data ? line->queries.data : "");
    int length = snprintf(head, sizeof head, "%.8s  %s%-8s %s%s  %-12s ", when + 11,
                          label_color(line->label, color), label, score, color_end(color), queries);
    int width = 8 + 2 + 8 + 1 + 6 + 2 + 12 + 1;
    if (!buffer_append(out, slice_from(head, (size_t)length))) return false;
    if (line->author.length) {
        if (!buffer_append(out, SLICE("@")) || !append_text(out, line->author, 20) ||
            !buffer_append(out, SLICE("  ")))
            return false;
        width += (int)MIN(utf8_count(line->author), (size_t)20) + 3;
    }
    int room = columns > width + 10 ? columns - width : columns > 0 ? 10 : 0;
    return append_text(out, line->text, room) && buffer_append(out, SLICE("\n"));
}
