/* Cuts a byte stream into records: lines, CRLF or LF, or the prototype's objects separated by
 * ",\n".
 *
 * Bytes are read straight into the batch that will carry them; what is left of a batch waits for
 * the next one. A record longer than MAX_RECORD_BYTES is cut off and counted as malformed, and the
 * rest of its line is skipped. One owner, one thread. */
#ifndef SOURCES_RECORDS_H
#define SOURCES_RECORDS_H

#include "base/buffer.h"
#include "base/error.h"
#include "post/batch.h"
#include "sources/decoder.h"

#define MAX_RECORD_BYTES ((size_t)1 << 20)

struct records {
    struct decoder *decoder;
    struct buffer left; /* read, not yet in a batch */
    bool whole_left;    /* `left` begins with a whole record */
    bool skipping;      /* inside an overlong record */
    bool broken;        /* the stream is; `failure` says why once `left` is handed out */
    bool by_ordinal;    /* a record's offset is its number */
    uint64_t offset;    /* of left's first byte in the decoded stream */
    uint64_t ordinal;   /* records so far */
    struct error failure;
};

void records_init(struct records *records, struct decoder *decoder, bool by_ordinal);
void records_free(struct records *records);
/* Adds up to `limit` records to the empty batch. False: the stream is broken, *err says where; this
 * batch holds the last of what was read before. */
bool records_fill(struct records *records, struct batch *batch, uint32_t limit,
                  struct error *err) MUST_CHECK;
/* Everything was handed out. */
bool records_ended(const struct records *records);
/* records_fill can give something without waiting for the descriptor. */
bool records_buffered(const struct records *records);

#endif
