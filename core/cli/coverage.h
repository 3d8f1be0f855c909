/* What `linnet stats --coverage` answers: when each source was heard, and when not. */
#ifndef CLI_COVERAGE_H
#define CLI_COVERAGE_H

#include "cli/verbs.h"

/* --since, --json, --state; returns the exit code. */
int stats_coverage(const struct arguments *arguments);

#endif
