/* The texts that a verb works on: its words, or else the lines of standard input. */
#ifndef CLI_LINES_H
#define CLI_LINES_H

#include "base/slice.h"
#include "cli/verbs.h"

/* Calls `each` for every text, without its line end; JSON_PADDING readable bytes follow it. Stops
 * with the first code that is not 0. Returns that, or 1 when standard input cannot be read, or 0.
 */
int each_text(const struct arguments *arguments, int (*each)(void *context, struct slice text),
              void *context);

#endif
