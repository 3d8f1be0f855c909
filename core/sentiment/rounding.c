/* sentiment/rounding.h: scaled arithmetic, and printf's exact digits where that may err. */
#include "sentiment/rounding.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

double decimal_round(double value, int decimals) {
    static const double powers[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6 };
    double scaled = fabs(value) * powers[decimals];
    double whole = floor(scaled), rest = scaled - whole;
    /* The product is off by less than 1e-7 at this size; only that near to a tie can it mislead. */
    if (fabs(rest - 0.5) < 1e-6) {
        char digits[32];
        snprintf(digits, sizeof digits, "%.*f", decimals, value);
        return strtod(digits, NULL);
    }
    if (rest > 0.5) whole += 1;
    return copysign(whole / powers[decimals], value) + 0.0; /* no -0 */
}
