/* net/line_stream.h */
#include "net/line_stream.h"
#include <assert.h>

#define FULL_BYTES (LINE_MAX_BYTES + (size_t)64 * 1024)
#define PIECE_BYTES ((size_t)1 << 20) /* of what is put at a time */
#define SHOWN_BYTES 256               /* of a record that is too long */
#define LENGTH_DIGITS 12

void line_stream_init(struct line_stream *stream, enum line_framing framing) {
    *stream = (struct line_stream){ .framing = framing };
    buffer_init(&stream->bytes, FULL_BYTES + PIECE_BYTES);
}

void line_stream_free(struct line_stream *stream) { buffer_free(&stream->bytes); }

void line_stream_reset(struct line_stream *stream) {
    buffer_consume(&stream->bytes, stream->bytes.length);
    stream->start = stream->looked = stream->expected = 0;
    stream->pass_over = 0;
    stream->passing_over = false;
}

static struct slice unread(const struct line_stream *stream) {
    return slice_skip(buffer_slice(&stream->bytes), stream->start);
}

bool line_stream_full(const struct line_stream *stream) {
    return stream->bytes.length - stream->start >= FULL_BYTES;
}

bool line_stream_ready(const struct line_stream *stream) {
    struct slice rest = unread(stream), fresh = slice_skip(rest, stream->looked);
    if (stream->pass_over) return rest.length > 0;
    if (stream->expected) return rest.length >= MIN(stream->expected, SHOWN_BYTES);
    return (fresh.length && memchr(fresh.data, '\n', fresh.length)) ||
           rest.length > (stream->framing == LINES ? LINE_MAX_BYTES : SHOWN_BYTES);
}

void line_stream_put(struct line_stream *stream, struct slice bytes) {
    buffer_consume(&stream->bytes, stream->start);
    stream->start = 0;
    bool fits = buffer_append(&stream->bytes, bytes);
    assert(fits && "it was not full, and pieces are short");
    (void)fits;
}

static void pass(struct line_stream *stream, size_t bytes) {
    stream->start += bytes;
    stream->looked = 0;
}

/* The next line without its newline; false while it has no end. */
static bool take_line(struct line_stream *stream, struct slice *line) {
    struct slice rest = unread(stream), fresh = slice_skip(rest, stream->looked);
    const char *newline = fresh.length ? memchr(fresh.data, '\n', fresh.length) : NULL;
    stream->looked = rest.length;
    if (newline == NULL) return false;
    *line = slice_from(rest.data, (size_t)(newline - rest.data));
    pass(stream, line->length + 1);
    return true;
}

/* A line that has not ended yet, and is longer than one may be already. */
static enum line_found give_up_line(struct line_stream *stream, struct slice *record) {
    struct slice rest = unread(stream);
    if (rest.length <= LINE_MAX_BYTES && !stream->passing_over) return LINE_NONE;
    bool told = stream->passing_over;
    stream->passing_over = true;
    *record = slice_first(rest, SHOWN_BYTES);
    pass(stream, rest.length);
    return told ? LINE_NONE : LINE_TOO_LONG;
}

static enum line_found next_line(struct line_stream *stream, struct slice *record) {
    struct slice line;
    while (take_line(stream, &line)) {
        bool rest = stream->passing_over;
        stream->passing_over = false;
        if (rest) continue;
        if (line.length > LINE_MAX_BYTES) {
            *record = slice_first(line, SHOWN_BYTES);
            return LINE_TOO_LONG;
        }
        *record = slice_trim(line);
        if (record->length) return LINE_RECORD;
        stream->keep_alives++;
    }
    return give_up_line(stream, record);
}

/* The digits of a length; false when it is something else. */
static bool read_length(struct slice digits, uint64_t *length) {
    *length = 0;
    for (size_t i = 0; i < digits.length; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9') return false;
        *length = *length * 10 + (uint64_t)(digits.data[i] - '0');
    }
    return digits.length > 0 && digits.length <= LENGTH_DIGITS && *length > 0;
}

/* Reads on until a record's length is known: LINE_RECORD then. */
static enum line_found find_length(struct line_stream *stream, uint64_t *length) {
    struct slice line;
    while (take_line(stream, &line)) {
        line = slice_trim(line);
        if (line.length) return read_length(line, length) ? LINE_RECORD : LINE_BROKEN;
        stream->keep_alives++;
    }
    return unread(stream).length > SHOWN_BYTES ? LINE_BROKEN : LINE_NONE;
}

static void pass_over(struct line_stream *stream) {
    size_t bytes = (size_t)MIN(stream->pass_over, (uint64_t)unread(stream).length);
    pass(stream, bytes);
    stream->pass_over -= bytes;
}

static enum line_found next_by_length(struct line_stream *stream, struct slice *record) {
    uint64_t length = 0;
    pass_over(stream);
    if (stream->pass_over) return LINE_NONE;
    if (stream->expected == 0) {
        enum line_found found = find_length(stream, &length);
        if (found != LINE_RECORD) return found;
        stream->expected = (size_t)length;
    }
    struct slice rest = unread(stream);
    if (stream->expected > LINE_MAX_BYTES) {
        if (rest.length < SHOWN_BYTES) return LINE_NONE;
        *record = slice_first(rest, SHOWN_BYTES);
        stream->pass_over = stream->expected;
        stream->expected = 0;
        return LINE_TOO_LONG;
    }
    if (rest.length < stream->expected) return LINE_NONE;
    *record = slice_trim(slice_first(rest, stream->expected));
    pass(stream, stream->expected);
    stream->expected = 0;
    return LINE_RECORD;
}

enum line_found line_stream_next(struct line_stream *stream, struct slice *record) {
    enum line_found found;
    if (stream->framing == LINES) return next_line(stream, record);
    do /* a length may count nothing but white space */
        found = next_by_length(stream, record);
    while (found == LINE_RECORD && record->length == 0);
    return found;
}
