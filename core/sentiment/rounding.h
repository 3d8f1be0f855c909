/* Rounding to decimals as Python's round() and printf do it: of the exact binary value. */
#ifndef SENTIMENT_ROUNDING_H
#define SENTIMENT_ROUNDING_H

/* The double nearest to `value` (-1000 … 1000) rounded to `decimals` (0 … 6) places; where the
 * exact binary value lies halfway, to the even digit. Any thread. */
double decimal_round(double value, int decimals);

#endif
