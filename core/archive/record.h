/* Records as an archive keeps them, and what tells them apart. One owner, one thread at a time. */
#ifndef ARCHIVE_RECORD_H
#define ARCHIVE_RECORD_H

#include "archive/object.h"
#include "flow/sink.h"

struct record_style {
    const struct sink_context *context;
    bool documents;         /* else the raw bytes */
    struct slice delimiter; /* behind each */
};

struct record_keeper;
struct record_keeper *record_keeper_create(const struct record_style *style) MUST_CHECK;
void record_keeper_destroy(struct record_keeper *keeper);

/* The values of `members`, or that it cannot be kept as it is (PARTITION_ERRORS). A post that no
 * query found has "none", a language that is not known "und". */
void record_partition(struct record_keeper *keeper, const struct record *record, uint32_t members,
                      struct partition *into);
/* Adds the record; of PARTITION_ERRORS, an error record as Firehose writes them, one a line. */
void record_keep(struct record_keeper *keeper, const struct record *record, struct object *object);

#endif
