/* The numbers of what roll-ups count: table `rollup_value`, of which the frequent ones are
 * remembered. One thread's. */
#ifndef DATABASE_VALUES_H
#define DATABASE_VALUES_H

#include "store/database.h"

struct rollup_values;
struct rollup_values *rollup_values_create(struct database *database) MUST_CHECK;
void rollup_values_destroy(struct rollup_values *values);
bool rollup_values_open(struct rollup_values *values, struct error *err) MUST_CHECK;
void rollup_values_close(struct rollup_values *values);
/* Remembers nothing any more. */
void rollup_values_forget(struct rollup_values *values);
/* As much of a value as is counted: its first ROLLUP_VALUE_BYTES, in whole code points. */
struct slice rollup_value_cut(struct slice value);
/* The number of a value, cut, of a dimension. Where there is none, a new one with `make`, else 0;
 * of labels always one. */
bool rollup_value_find(struct rollup_values *values, int dimension, struct slice value, bool make,
                       int64_t *number, struct error *err) MUST_CHECK;
/* Removes a value that nothing is counted of any more: who has been forgotten is named nowhere. */
bool rollup_value_sweep(struct rollup_values *values, int dimension, int64_t number,
                        struct error *err) MUST_CHECK;

#endif
