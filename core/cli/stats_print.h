/* How an answer of search/stats.h is shown: as a table, as JSON, and all at a glance. */
#ifndef CLI_STATS_PRINT_H
#define CLI_STATS_PRINT_H

#include "search/stats.h"
#include "json/writer.h"

struct stats_view {
    const struct stats_question *question;
    bool color;
    int columns;
};

/* The overview's rows of a kind, and what it is about beside them. */
struct stats_overview {
    struct stats total, queries, hashtags, langs;
    uint64_t *volume; /* posts of each bucket */
    size_t buckets;
    int64_t first_s, bucket_s; /* where the first begins, how long each is */
};

/* A row of a table for each row of the answer. */
void stats_print_table(const struct stats_view *view, const struct stats *stats);
void stats_print_overview(const struct stats_view *view, const struct stats_overview *overview);
/* Members of an object under way. */
void stats_write(struct writer *writer, const struct stats_question *question,
                 const struct stats *stats);
void stats_write_overview(struct writer *writer, const struct stats_question *question,
                          const struct stats_overview *overview);

#endif
