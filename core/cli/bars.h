/* Small plots in a terminal: bars and lines of bars, of Unicode's block elements or, where the
 * locale has none, of ASCII. */
#ifndef CLI_BARS_H
#define CLI_BARS_H

#include <stddef.h>
#include <stdint.h>

/* Cells that a bar or a spark line takes at most. */
#define BAR_MOST_CELLS 200

/* Prints a bar of `value` of `most` on `cells`; what is not 0 is to be seen. */
void print_bar(uint64_t value, uint64_t most, int cells);
/* Prints a cell for each value, as high as it is of the greatest; of 0 an empty one. */
void print_spark(const uint64_t *values, size_t count);

#endif
