/* What was counted, and the two sums that always hold:
 *
 *   received = control + malformed + duplicate + filtered + spooled     for each source
 *   spooled  = delivered + dead + dropped + damaged + pending           for each reader
 *
 * `spooled` of a reader counts from the reader's start. */
#ifndef FLOW_SUMS_H
#define FLOW_SUMS_H

#include "base/compiler.h"
#include "base/histogram.h"
#include "base/slice.h"
#include "store/log.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Malformed records whose reason is kept. */
#define KEPT_COMPLAINTS 5

struct complaint {
    uint64_t offset;
    char reason[96];
    char record[64]; /* how it begins, printable */
};

/* Whether a source is heard, see store/ledger.h. */
#define COVER_REASON_BYTES 320
struct source_cover {
    const char *state; /* a kind, or "ended"; NULL: nobody keeps account */
    int64_t since_ms;
    bool live;
    char reason[COVER_REASON_BYTES];
    const char *last; /* the kind of the last gap or pause that ended; NULL: none */
    int64_t last_from_ms, last_to_ms;
    char last_reason[COVER_REASON_BYTES];
};

struct source_sums {
    const char *name;
    uint64_t received, control, malformed, duplicate, filtered, spooled;
    uint64_t bytes;      /* of records received */
    int64_t received_ms; /* when the last one was; the three are 0 before this run's first */
    int64_t created_ms;  /* when the last post that says so was written */
    int64_t moved_ms;    /* when the position moved */
    struct source_cover cover;
    const char *note; /* what else is to be known of it; NULL: nothing */
    struct complaint complaints[KEPT_COMPLAINTS]; /* the first of them */
};

#define SINK_TROUBLE_BYTES 256

struct reader_sums {
    const char *name;
    uint64_t spooled, delivered, dead, dropped, damaged, pending;
    int64_t oldest_ms; /* when the oldest that is pending was received; 0: not known, or none is */
    uint64_t retries;  /* since the start */
    const char *trouble;             /* why nothing is delivered; "" or NULL: it is */
    const struct histogram *latency; /* from arrival until delivered, since the start; NULL: nothing
                                        is delivered here */
    bool gone;                       /* no sink of the configuration has this name */
};

/* Posts of this run that a query kept, and how they were labelled. */
enum mood { NEGATIVE, NEUTRAL, POSITIVE, OTHER_MOOD, MOODS };
extern const char *const mood_names[MOODS];

struct query_sums {
    char name[101];
    uint64_t matched, by_mood[MOODS], scored;
    double score; /* of those that were scored, in all */
    int64_t last_ms;
};

struct pipeline_sums {
    const struct source_sums *sources;
    const struct reader_sums *readers;
    const struct query_sums *queries; /* without queries one for everything */
    size_t source_count, reader_count, query_count;
    uint64_t spool_bytes;            /* on disk, for readers that are behind */
    bool waiting;                    /* sources wait for room there */
    const struct histogram *durable; /* from arrival until the disk has it; NULL: none has */
    const struct histogram *lag;     /* how late the loop was, looked at once a second */
};

/* A number of the sums above, as people and programs read it; the first of a table is the sum of
 * the others. */
struct sum_part {
    const char *name;
    size_t offset; /* in source_sums or reader_sums */
    bool rare;     /* people see it only when it is not 0 */
};

#define SOURCE_PARTS 6
#define READER_PARTS 6
extern const struct sum_part source_parts[SOURCE_PARTS], reader_parts[READER_PARTS];

struct reader_sums reader_sums_of(const char *name, const struct log_counts *counts);
uint64_t sum_value(const void *sums, const struct sum_part *part);
void sum_set(void *sums, const struct sum_part *part, uint64_t value);
/* "received 3 = control 1 + malformed 0 + …"; cut when `out` is too small, which SUM_BYTES are not.
 */
#define SUM_BYTES 256
void source_sums_print(const struct source_sums *sums, char *out, size_t size);
void reader_sums_print(const struct reader_sums *sums, char *out, size_t size);

#endif
