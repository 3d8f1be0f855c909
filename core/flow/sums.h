/* What was counted, and the two sums that always hold:
 *
 *   received = control + malformed + duplicate + filtered + spooled     for each source
 *   spooled  = delivered + dead + dropped + damaged + pending           for each reader
 *
 * `spooled` of a reader counts from the reader's start. */
#ifndef FLOW_SUMS_H
#define FLOW_SUMS_H

#include "base/slice.h"
#include <stddef.h>
#include <stdint.h>

/* Malformed records whose reason is kept. */
#define KEPT_COMPLAINTS 5

struct complaint {
    uint64_t offset;
    char reason[96];
    char record[64]; /* how it begins, printable */
};

struct source_sums {
    const char *name;
    uint64_t received, control, malformed, duplicate, filtered, spooled;
    uint64_t bytes;                               /* of records received */
    struct complaint complaints[KEPT_COMPLAINTS]; /* the first of them */
};

struct reader_sums {
    const char *name;
    uint64_t spooled, delivered, dead, dropped, damaged, pending;
};

struct pipeline_sums {
    const struct source_sums *sources;
    const struct reader_sums *readers;
    size_t source_count, reader_count;
};

#endif
