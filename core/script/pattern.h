/* Lua's patterns (reference manual of Lua 5.4, 6.4.1), matched within a number of steps.
 *
 * The same results as the library that comes with Lua, which cannot be interrupted. Pure functions:
 * no Lua state, no allocation; any bytes are safe. */
#ifndef SCRIPT_PATTERN_H
#define SCRIPT_PATTERN_H

#include "base/slice.h"
#include <stdint.h>

#define PATTERN_MAX_CAPTURES 32
#define CAPTURE_OPEN SIZE_MAX           /* "(" was passed, ")" was not */
#define CAPTURE_POSITION (SIZE_MAX - 1) /* "()": only where */

struct pattern_capture {
    size_t start, length; /* bytes of the subject; or one of the two above */
};

struct pattern {
    struct slice subject, text; /* the pattern's text without an anchor */
    uint64_t steps, max_steps;  /* done so far; where it gives up: then `steps` is above */
    char fault[64];             /* what is wrong with the pattern; "" = nothing */
    int depth;
    int capture_count; /* of the last match */
    struct pattern_capture captures[PATTERN_MAX_CAPTURES];
};

void pattern_init(struct pattern *pattern, struct slice subject, struct slice text);
/* Whether the pattern matches at byte `at`; *end is where the match ends. False too when steps ran
 * out or the pattern has a fault. */
bool pattern_match(struct pattern *pattern, size_t at, size_t *end);
/* The first match at or after byte *start, which becomes its start. */
bool pattern_find(struct pattern *pattern, size_t *start, size_t *end);
/* Whether no byte of `text` has a meaning of its own. */
bool pattern_is_plain(struct slice text);

#endif
