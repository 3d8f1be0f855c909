/* aws/s3.h: reading an object, range by range.
 *
 * A range is asked for when there is room for it, so that whoever takes slowly lets the server
 * wait. What comes goes into one buffer; a try that is cut asks for the rest of its range. A server
 * that knows no ranges sends the whole object, and waits whenever the buffer is full; of a further
 * try the bytes that have come already are skipped. */
#include "aws/s3_internal.h"
#include "base/alloc.h"
#include "base/buffer.h"
#include <stdio.h>

#define RANGE_BYTES ((uint64_t)4 << 20)
#define AHEAD_BYTES ((size_t)8 << 20)  /* in memory */
#define PIECE_BYTES ((size_t)64 << 10) /* more than come at once */

struct s3_read {
    struct s3 *s3;
    struct slice key;
    struct arena arena;
    struct buffer ready; /* come, not yet taken */
    size_t taken;        /* of it */
    uint64_t got;        /* bytes of the object so far */
    uint64_t before;     /* bytes there were when the last try began */
    uint64_t end;        /* of the range that is asked for */
    uint64_t skip;       /* bytes of the object that come once more */
    bool known;          /* which object it is: `etag` */
    bool begun;          /* the try has brought a first piece */
    bool whole;          /* of the whole object, not of the range */
    bool ended, full;
    struct timer tell; /* that it is full */
    char etag[256], range[64];
    struct http_field headers[2];
    struct s3_call call;
    struct s3_result refusal; /* of what came; reason NULL: it is good so far */
    struct s3_result result;
    char reason[S3_REASON_BYTES];
    struct s3_read_hooks hooks;
};

static void go_on(struct s3_read *read);

static void finish(struct s3_read *read, enum s3_end end, const char *reason) {
    snprintf(read->reason, sizeof read->reason, "%s", reason);
    read->result = (struct s3_result){ end, read->reason };
    read->ended = true;
    read->hooks.ready(read->hooks.context);
}

static bool refuse(struct s3_read *read, enum s3_end end, const char *reason) {
    read->refusal = (struct s3_result){ end, reason };
    read->call.futile = true;
    return false;
}

static void know(struct s3_read *read, struct slice etag) {
    if (read->known || etag.length == 0 || etag.length >= sizeof read->etag) return;
    snprintf(read->etag, sizeof read->etag, "%.*s", SLICE_ARGS(etag));
    read->known = true;
}

/* A server that knows no ranges may not look at If-Match either. */
static bool begin(struct s3_read *read) {
    read->begun = true;
    read->whole = aws_call_status(read->call.under_way) == 200;
    if (!read->whole) return true;
    struct slice etag = slice_trim(aws_call_header(read->call.under_way, "etag"));
    know(read, etag);
    read->skip = read->got;
    return !read->known || slice_is(etag, read->etag) ||
           refuse(read, S3_CHANGED, "the object was replaced while it was read");
}

static bool take_piece(void *context, struct slice bytes) {
    struct s3_call *call = context;
    struct s3_read *read = CONTAINER_OF(call, struct s3_read, call);
    if (!read->begun && !begin(read)) return false;
    size_t skipped = (size_t)MIN(read->skip, bytes.length);
    struct slice fresh = slice_skip(bytes, skipped);
    bool bounded = !read->whole || !read->known;
    read->skip -= skipped;
    if (bounded && fresh.length > read->end - read->got)
        return refuse(read, S3_REFUSED,
                      read->whole ? "the server knows neither ranges nor ETags: from such a one "
                                    "nothing above 4 MiB is read"
                                  : "the server sends more than the range that it was asked for");
    if (!buffer_append(&read->ready, fresh)) return false;
    read->got += fresh.length;
    return true;
}

static bool has_no_room(const struct s3_read *read) {
    return read->ready.length > AHEAD_BYTES - PIECE_BYTES;
}

/* Whoever takes may close it, which nobody may while a piece is on its way in. */
static bool is_full(void *context) {
    struct s3_call *call = context;
    struct s3_read *read = CONTAINER_OF(call, struct s3_read, call);
    read->full = has_no_room(read);
    if (read->full) timer_start(read->s3->loop, &read->tell, 0);
    return read->full;
}

static void tell(struct timer *timer) {
    struct s3_read *read = CONTAINER_OF(timer, struct s3_read, tell);
    read->hooks.ready(read->hooks.context);
}

/* "bytes 0-99/1234": false when it is not that, or does not begin at `from`. */
static bool read_content_range(struct slice text, uint64_t from, uint64_t *total) {
    char copy[80];
    unsigned long long first, last, all;
    snprintf(copy, sizeof copy, "%.*s", SLICE_ARGS(slice_first(text, sizeof copy - 1)));
    if (sscanf(copy, "bytes %llu-%llu/%llu", &first, &last, &all) != 3) return false;
    *total = all;
    return first == from && last >= first && last < all;
}

/* From a head, also one whose body was cut. */
static void learn(struct s3_read *read, const struct s3_answer *answer, uint64_t from) {
    struct slice etag = s3_answer_header(answer, "etag");
    struct slice range = s3_answer_header(answer, "content-range");
    uint64_t unused;
    if (read_content_range(range, from, &unused)) know(read, etag);
}

/* The range of the next try, and that it must still be the same object. Nothing is known of an
 * object whose first try brought no head: what came is dropped. */
static bool before_try(struct s3_call *call, const struct s3_answer *last) {
    struct s3_read *read = CONTAINER_OF(call, struct s3_read, call);
    if (last) learn(read, last, read->before);
    bool progress = read->got > read->before;
    if (!read->known) {
        read->got = 0;
        read->ready.length = 0;
    }
    if (read->got >= read->end) read->end = read->got + RANGE_BYTES;
    read->before = read->got;
    read->begun = read->whole = read->full = false;
    read->skip = 0;
    snprintf(read->range, sizeof read->range, "bytes=%llu-%llu", (unsigned long long)read->got,
             (unsigned long long)read->end - 1);
    read->headers[0] = (struct http_field){ SLICE("range"), slice_of(read->range) };
    read->headers[1] = (struct http_field){ SLICE("if-match"), slice_of(read->etag) };
    call->request.headers = read->headers;
    call->request.header_count = read->known ? 2 : 1;
    return progress && read->known;
}

/* Whether the reply was the whole object; one without a byte has no piece. */
static bool is_whole(const struct s3_read *read, const struct s3_answer *answer) {
    return answer->status == 200 && (read->begun ? read->skip == 0 : read->before == 0);
}

static void take_range(struct s3_read *read, const struct s3_answer *answer) {
    uint64_t total = 0;
    struct slice range = s3_answer_header(answer, "content-range");
    if (is_whole(read, answer)) {
        finish(read, S3_GOOD, "");
        return;
    }
    if (answer->status != 206 || !read_content_range(range, read->before, &total)) {
        finish(read, S3_REFUSED, "the server sent another range than it was asked for");
        return;
    }
    learn(read, answer, read->before);
    if (read->got >= total)
        finish(read, S3_GOOD, "");
    else if (read->got < MIN(read->end, total))
        finish(read, S3_LATER, "the server sent less of a range than it said");
    else {
        go_on(read);
        read->hooks.ready(read->hooks.context);
    }
}

static void answered(struct s3_call *call, const struct s3_answer *answer) {
    struct s3_read *read = CONTAINER_OF(call, struct s3_read, call);
    if (answer->result.end == S3_GOOD)
        take_range(read, answer);
    else if (answer->status == 416 && read->got == 0)
        finish(read, S3_GOOD, ""); /* there is no first byte */
    else if (answer->result.end == S3_CHANGED)
        finish(read, S3_CHANGED, "the object was replaced while it was read");
    else if (read->refusal.reason)
        finish(read, read->refusal.end, read->refusal.reason);
    else
        finish(read, answer->result.end, answer->result.reason);
}

static void ask(struct s3_read *read) {
    struct s3_request request = { .method = "GET",
                                  .key = read->key,
                                  .piece = take_piece,
                                  .full = is_full,
                                  .before = before_try };
    read->end = read->got + RANGE_BYTES;
    s3_call_start(read->s3, &read->call, &request, answered);
}

/* When there is room for another range, or for more of the reply. */
static void go_on(struct s3_read *read) {
    if (read->ended) return;
    if (!read->call.active) {
        if (read->ready.length <= AHEAD_BYTES - RANGE_BYTES) ask(read);
    } else if (read->full && read->call.under_way && !has_no_room(read)) {
        read->full = false;
        aws_call_go_on(read->call.under_way);
    }
}

/* Not before it is known of which object they are. */
static size_t takeable(const struct s3_read *read) {
    return read->known || read->ended ? read->ready.length - read->taken : 0;
}

size_t s3_read_take(struct s3_read *read, void *into, size_t room) {
    size_t bytes = MIN(room, takeable(read));
    if (bytes) memcpy(into, read->ready.data + read->taken, bytes);
    read->taken += bytes;
    if (read->taken == read->ready.length || read->taken >= RANGE_BYTES) {
        buffer_consume(&read->ready, read->taken);
        read->taken = 0;
    }
    go_on(read);
    return bytes;
}

bool s3_read_buffered(const struct s3_read *read) { return takeable(read) > 0; }

const struct s3_result *s3_read_result(const struct s3_read *read) {
    return read->ended && !s3_read_buffered(read) ? &read->result : NULL;
}

struct slice s3_read_etag(const struct s3_read *read) { return slice_of(read->etag); }

struct s3_read *s3_read_start(struct s3 *s3, struct slice key, const struct s3_read_hooks *hooks) {
    struct s3_read *read = memory_zeroed(1, sizeof *read);
    *read = (struct s3_read){ .s3 = s3, .hooks = *hooks, .tell.fire = tell };
    arena_init(&read->arena);
    read->key = arena_copy(&read->arena, key);
    buffer_init(&read->ready, AHEAD_BYTES);
    ask(read);
    return read;
}

void s3_read_close(struct s3_read *read) {
    s3_call_cancel(&read->call);
    timer_stop(&read->tell);
    buffer_free(&read->ready);
    arena_free(&read->arena);
    memory_free(read);
}
