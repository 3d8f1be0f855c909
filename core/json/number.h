/* Numbers in JSON: exact 64-bit integers, nearest doubles, shortest text. Any thread. */
#ifndef JSON_NUMBER_H
#define JSON_NUMBER_H

#include "base/compiler.h"
#include "base/slice.h"
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NUMBER_BYTES 32

/* The exact value of a JSON number without fraction or exponent, within 64 bits; false otherwise.
 */
bool number_integer(struct slice text, int64_t *value) MUST_CHECK;
/* The nearest double of a JSON number (infinite ones are refused); any locale. */
bool number_double(struct slice text, double *value) MUST_CHECK;
/* The shortest text that reads back as `value`; "null" when it is not finite. Returns its length.
 */
size_t number_write(double value, char out[NUMBER_BYTES]);

#ifdef __cplusplus
}
#endif

#endif
