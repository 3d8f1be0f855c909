/* One object of a bucket, read as records: bytes come from aws/s3.h, go through a decoder, and are
 * cut into batches as those of a file. On the loop thread. */
#ifndef SOURCES_S3_OBJECT_H
#define SOURCES_S3_OBJECT_H

#include "aws/s3.h"
#include "sources/records.h"

struct s3_object_reader;

/* `skip` decoded bytes are read over when the object's ETag is `etag` (empty: whatever it is).
 * `ready` is called when there is something to do for it. */
struct s3_object_reader *s3_object_open(struct s3 *s3, struct slice bucket, struct slice key,
                                        uint64_t skip, struct slice etag,
                                        void (*ready)(void *context), void *context) MUST_CHECK;
void s3_object_close(struct s3_object_reader *object);
/* s3_object_fill can give something without waiting. */
bool s3_object_is_ready(struct s3_object_reader *object);
/* Whether it has read over what was to be; a piece of it is, and it wants to be asked again, when
 * not. False with err->kind set: it cannot be read. */
bool s3_object_skip(struct s3_object_reader *object, struct error *err) MUST_CHECK;
/* As records_fill, with place and position. */
bool s3_object_fill(struct s3_object_reader *object, struct batch *batch,
                    struct error *err) MUST_CHECK;
bool s3_object_ended(const struct s3_object_reader *object);
/* Bytes of it that were taken, as they are stored. */
uint64_t s3_object_consumed(const struct s3_object_reader *object);
/* It could not be read, and neither can others be now. */
bool s3_object_is_out_of_reach(const struct s3_object_reader *object);

#endif
