/* Metrics as Prometheus reads them: text format 0.0.4, base units, names `linnet_..._total` and so
 * on; `process_...` as its client libraries name them. */
#ifndef WEB_EXPOSITION_H
#define WEB_EXPOSITION_H

#include "base/buffer.h"
#include "base/process.h"
#include "flow/vitals.h"
#include "net/http_server.h"

/* Appends all of it; false when the buffer's ceiling was met. */
bool metrics_write(struct buffer *out, const struct instance *instance, const struct vitals *vitals,
                   const struct process_use *process, const struct http_counts *http) MUST_CHECK;

#endif
