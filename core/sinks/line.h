/* One post as one line that a person reads, at most as wide as the terminal. */
#ifndef SINKS_LINE_H
#define SINKS_LINE_H

#include "base/buffer.h"
#include "base/compiler.h"
#include <stddef.h>
#include <stdint.h>

struct line {
    int64_t when_ms;
    struct slice label;
    bool scored;
    double score;
    struct slice queries; /* "coffee" or "coffee,work"; may be empty */
    struct slice author;  /* without '@'; may be empty */
    struct slice text;
    /* Optional: pieces of `text` to stand out, where there is colour. */
    const struct slice *marked;
    size_t marked_count;
    bool dated; /* shows the day, too */
};

/* Appends the line and a newline. `columns` 0: as wide as it gets. Whatever the post holds, no
 * control character reaches the terminal but our own colours. False when the buffer is full. */
bool line_append(struct buffer *out, const struct line *line, int columns, bool color) MUST_CHECK;

/* The next character of `text` that cannot act on a terminal, into `out`; white space is a space,
 * a broken byte U+FFFD. Moves `text` behind it and returns its bytes, 0 at the end. */
size_t inert_next(struct slice *text, char out[4]);

/* Appends the start of `text` that fits on `most` cells, inert, and spaces up to `least`. */
bool cells_append(struct buffer *out, struct slice text, int least, int most) MUST_CHECK;

/* The colour of a label ("\033[31m" …), and what ends it; "" without colour. */
const char *label_color(struct slice label, bool color);
const char *color_end(bool color);

#endif
