/* Verb "stats": questions about what was received. */
#include "cli/coverage.h"
#include "cli/print.h"

int verb_stats(const struct arguments *arguments) {
    if (arguments->given[FLAG_COVERAGE]) return stats_coverage(arguments);
    complain("linnet stats: what about?\n    linnet stats --coverage\n");
    return 2;
}
