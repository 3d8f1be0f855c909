/* Sends saved objects to a Kibana or OpenSearch Dashboards. Private to cli/dashboards*. */
#ifndef CLI_DASHBOARDS_H
#define CLI_DASHBOARDS_H

#include "cli/verbs.h"

/* Imports `objects` into what runs at `url`, as the flags say; prints what became of it. Returns
 * the exit code. */
int dashboards_push(const struct arguments *arguments, const char *url, struct slice objects);

#endif
