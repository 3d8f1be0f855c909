/* A screen as cells, before it meets a terminal: what is put there can do nothing to it, and is as
 * wide as Unicode says. */
#ifndef CLI_TOP_CANVAS_H
#define CLI_TOP_CANVAS_H

#include "base/slice.h"
#include <stdint.h>

enum top_style {
    TOP_PLAIN,
    TOP_STRONG,
    TOP_QUIET,
    TOP_HEADING,
    TOP_CHOSEN,
    TOP_NEGATIVE,
    TOP_POSITIVE,
    TOP_WARNING,
    TOP_STYLES
};

/* One character with what combines with it; width 0: the right half of a wide one. */
struct top_cell {
    char text[20];
    uint8_t bytes, width, style;
};

struct top_canvas {
    int rows, columns;
    bool ascii; /* what is not becomes '?' */
    struct top_cell *cells;
};

/* Blank, of this size. */
void canvas_begin(struct top_canvas *canvas, int rows, int columns, bool ascii);
void canvas_free(struct top_canvas *canvas);
/* Puts text from `column` on, `width` columns of it at most: what is longer ends in an ellipsis.
 * The columns that it took. */
int canvas_put(struct top_canvas *canvas, int row, int column, int width, enum top_style style,
               struct slice text);
/* The same, ending before `column` + `width`. */
void canvas_put_right(struct top_canvas *canvas, int row, int column, int width,
                      enum top_style style, struct slice text);

static inline const struct top_cell *canvas_at(const struct top_canvas *canvas, int row,
                                               int column) {
    return &canvas->cells[row * canvas->columns + column];
}

#endif
