/* What Kibana and OpenSearch Dashboards say to an import, for people. */
#ifndef CLI_DASHBOARDS_REPLY_H
#define CLI_DASHBOARDS_REPLY_H

#include "base/slice.h"

/* Prints it, with the address that was asked; returns the exit code. Status 200 alone is no
 * success: the body says what was imported. */
int tell_import(const char *url, int status, struct slice body);

#endif
