/* The sums as members of a JSON object: "sources", "sinks", "spool" and "queries". */
#ifndef FLOW_SUMS_JSON_H
#define FLOW_SUMS_JSON_H

#include "flow/sums.h"
#include "json/writer.h"

/* The parts of one sum as members of the object that is open. */
void sum_parts_write(struct writer *writer, const void *sums, const struct sum_part *parts,
                     size_t count);
void sums_write(struct writer *writer, const struct pipeline_sums *sums);

#endif
