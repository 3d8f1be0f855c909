/* The names of an archive's objects: the prefix language of Amazon Data Firehose, and what stands
 * behind the prefix (the developer guide: "Custom prefixes for Amazon S3 objects"; "Amazon S3
 * object name format"). No I/O; any thread.
 *
 *   !{timestamp:yyyy/MM/dd}        Java's date letters y u M d D H m s S, in UTC
 *   !{firehose:random-string}      eleven letters and digits
 *   !{firehose:error-output-type}  what went wrong; in an error prefix
 *   !{query} !{lang} !{network}    partitions: each value has objects of its own */
#ifndef ARCHIVE_NAME_H
#define ARCHIVE_NAME_H

#include "base/arena.h"
#include "base/error.h"
#include "store/intent.h"
#include <stdint.h>

enum prefix_kind { PREFIX_RECORDS, PREFIX_ERRORS };

struct prefix_piece;
struct prefix {
    const struct prefix_piece *pieces;
    size_t count;
    uint32_t members; /* of struct partition: what it asks for */
};

/* As Firehose does it, a prefix without a date gets one ("yyyy/MM/dd/HH/"), and an error prefix
 * without expressions the error's type before that. False with a sentence that names the place. In
 * the arena. */
bool prefix_compile(const char *text, enum prefix_kind kind, struct arena *arena,
                    struct prefix *prefix, struct error *err) MUST_CHECK;

struct naming {
    const struct partition *partition;
    int64_t oldest_ms; /* when its oldest record was received */
    const char *stream;
    const char *ending; /* ".gz" */
};
/* PREFIX STREAM-1-yyyy-MM-dd-HH-mm-ss-UUID ENDING; the UUID is random (RFC 9562, version 4). */
void object_name(const struct prefix *prefix, const struct naming *naming,
                 char into[INTENT_OBJECT_BYTES]);

/* A value of anybody's as a part of a path: letters, digits, "_", "-" and inner dots stay, the
 * others become %XX; a long one keeps its beginning and a hash; an empty one is `otherwise`. */
void partition_value(struct slice value, const char *otherwise, char into[PARTITION_VALUE_BYTES]);

#endif
