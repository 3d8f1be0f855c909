/* cli/top_canvas.h */
#include "cli/top_canvas.h"
#include "base/alloc.h"
#include "sinks/line.h"
#include <utf8proc.h>

void canvas_begin(struct top_canvas *canvas, int rows, int columns, bool ascii) {
    size_t count = (size_t)rows * (size_t)columns;
    canvas->cells = memory_resize(canvas->cells, MAX(count, (size_t)1) * sizeof *canvas->cells);
    canvas->rows = rows;
    canvas->columns = columns;
    canvas->ascii = ascii;
    for (size_t i = 0; i < count; i++)
        canvas->cells[i] = (struct top_cell){ .text = " ", .bytes = 1, .width = 1 };
}

void canvas_free(struct top_canvas *canvas) { memory_free(canvas->cells); }

/* The next character that is shown, its bytes and columns; 0 bytes at the end. */
static size_t next_shown(struct slice *text, bool ascii, char out[4], int *width) {
    utf8proc_int32_t code = 0;
    size_t bytes = inert_next(text, out);
    if (bytes == 0) return 0;
    utf8proc_iterate((const utf8proc_uint8_t *)out, (utf8proc_ssize_t)bytes, &code);
    *width = utf8proc_charwidth(code);
    if (!ascii || code < 0x80) return bytes;
    if (*width == 0) return next_shown(text, ascii, out, width);
    out[0] = '?';
    *width = 1;
    return 1;
}

/* How many columns it takes, once it is inert. */
static int canvas_width(struct slice text, bool ascii) {
    char shown[4];
    int width, sum = 0;
    while (next_shown(&text, ascii, shown, &width))
        sum += width;
    return sum;
}

static struct top_cell *cell_at(struct top_canvas *canvas, int row, int column) {
    return &canvas->cells[row * canvas->columns + column];
}

static void set_cell(struct top_canvas *canvas, int row, int column, enum top_style style,
                     const char *bytes, size_t length, int width) {
    struct top_cell *cell = cell_at(canvas, row, column);
    *cell = (struct top_cell){ .bytes = (uint8_t)length,
                               .width = (uint8_t)width,
                               .style = (uint8_t)style };
    memcpy(cell->text, bytes, length);
    for (int right = 1; right < width; right++)
        *cell_at(canvas, row, column + right) = (struct top_cell){ .style = (uint8_t)style };
}

/* More marks than a cell holds are left out. */
static void combine(struct top_cell *cell, const char *mark, size_t length) {
    if (cell->bytes + length >= sizeof cell->text) return;
    memcpy(cell->text + cell->bytes, mark, length);
    cell->bytes += (uint8_t)length;
}

int canvas_put(struct top_canvas *canvas, int row, int column, int width, enum top_style style,
               struct slice text) {
    char shown[4];
    int at = column, of;
    width = MIN(width, canvas->columns - column);
    if (row < 0 || row >= canvas->rows || column < 0 || width <= 0) return 0;
    bool cut = canvas_width(text, canvas->ascii) > width;
    int end = column + width - cut, last = -1;
    for (size_t bytes; (bytes = next_shown(&text, canvas->ascii, shown, &of)) > 0;) {
        if (of == 0) {
            if (last >= 0) combine(cell_at(canvas, row, last), shown, bytes);
            continue;
        }
        if (at + of > end) break;
        set_cell(canvas, row, at, style, shown, bytes, of);
        last = at;
        at += of;
    }
    if (!cut) return at - column;
    const char *more = canvas->ascii ? "~" : "…";
    set_cell(canvas, row, at, style, more, strlen(more), 1);
    return at + 1 - column;
}

void canvas_put_right(struct top_canvas *canvas, int row, int column, int width,
                      enum top_style style, struct slice text) {
    int taken = MIN(width, canvas_width(text, canvas->ascii));
    canvas_put(canvas, row, column + width - taken, taken, style, text);
}
