/* What a live stream of records sends, cut into records whatever pieces it comes in: lines that end
 * with a newline, or records behind their lengths (v1.1's delimited=length: ASCII digits, a
 * newline, so many bytes). Empty lines between records keep the connection alive and are none.
 *
 * Bytes are kept until their record is whole. One owner, one thread. */
#ifndef NET_LINE_STREAM_H
#define NET_LINE_STREAM_H

#include "base/buffer.h"
#include "base/slice.h"
#include <stdint.h>

/* Of one record; of a longer one its beginning is handed out, the rest is passed over. */
#define LINE_MAX_BYTES ((size_t)1 << 20)

enum line_framing { LINES, LENGTHS };

enum line_found {
    LINE_NONE,     /* nothing whole is there */
    LINE_RECORD,   /* without white space around it */
    LINE_TOO_LONG, /* its first 256 bytes */
    LINE_BROKEN, /* where a length should be stands something else; nothing can be read any more */
};

struct line_stream {
    enum line_framing framing;
    struct buffer bytes;
    size_t start;       /* of what was not handed out */
    size_t looked;      /* bytes behind it that hold no newline */
    size_t expected;    /* LENGTHS: of the record that has begun; 0: a length comes next */
    uint64_t pass_over; /* LENGTHS: bytes of an overlong record that are still to come */
    bool passing_over;  /* LINES: the rest of an overlong line */
    uint64_t keep_alives;
};

void line_stream_init(struct line_stream *stream, enum line_framing framing);
void line_stream_free(struct line_stream *stream);
/* Another connection: what is left of the one before is gone. */
void line_stream_reset(struct line_stream *stream);
/* So much is there that what comes next has to wait until records were taken. */
bool line_stream_full(const struct line_stream *stream);
/* Adds what came; it is not full. */
void line_stream_put(struct line_stream *stream, struct slice bytes);
/* Whether line_stream_next may find something: what is there was not looked at in vain before. */
bool line_stream_ready(const struct line_stream *stream);
/* Takes the next record, which stays until the next put. */
enum line_found line_stream_next(struct line_stream *stream, struct slice *record);

#endif
