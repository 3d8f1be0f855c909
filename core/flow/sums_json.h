/* The sums as members of a JSON object: "sources" and "sinks". */
#ifndef FLOW_SUMS_JSON_H
#define FLOW_SUMS_JSON_H

#include "flow/sums.h"
#include "json/writer.h"

void sums_write(struct writer *writer, const struct pipeline_sums *sums);

#endif
