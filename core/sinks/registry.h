/* Every sink that is built. */
#ifndef SINKS_REGISTRY_H
#define SINKS_REGISTRY_H

#include "flow/sink.h"

extern const struct sink_ops stdout_sink, ndjson_sink, discard_sink, sqlite_sink, archive_sink,
    opensearch_sink, firehose_sink;

/* All of them; ends with NULL. */
extern const struct sink_ops *const all_sinks[];

#endif
