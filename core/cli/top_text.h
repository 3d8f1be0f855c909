/* Numbers, times and small plots as `linnet top` and the coverage report write them. */
#ifndef CLI_TOP_TEXT_H
#define CLI_TOP_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define TOP_TEXT_BYTES 32

/* Exact below 10,000, then 12.3k, 4.56M. */
void top_count(uint64_t value, char out[TOP_TEXT_BYTES]);
/* "12.3/s", "-" when it is not known (below 0). */
void top_rate(double rate, char out[TOP_TEXT_BYTES]);
/* "0.4s", "12s", "3m20s", "5h02m", "3d04h", "7y". */
void top_span(int64_t ms, char out[TOP_TEXT_BYTES]);
/* From `then_ms` to `now_ms`; "-" when one is 0. */
void top_age(int64_t then_ms, int64_t now_ms, char out[TOP_TEXT_BYTES]);
/* The step, 0 … 7, of a value in a plot whose highest is `most`. */
int top_step(double value, double most);

#endif
