/* sinks/registry.h: one line a sink. */
#include "sinks/registry.h"

const struct sink_ops *const all_sinks[] = {
    &stdout_sink,  &ndjson_sink,     &discard_sink,  &sqlite_sink,
    &archive_sink, &opensearch_sink, &firehose_sink, NULL,
};
