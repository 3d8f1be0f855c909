/* aws/s3.h: reading an object, range by range.
 *
 * A range is asked for when there is room for it, so that whoever takes slowly lets the server
 * wait. What comes goes into one buffer; a try that is cut asks for the rest of its range. */
#include "aws/s3_internal.h"
#include "base/alloc.h"
#include "base/buffer.h"
#include <stdio.h>

#define RANGE_BYTES ((uint64_t)4 << 20)
#define AHEAD_BYTES ((size_t)8 << 20) /* in memory */

struct s3_read {
    struct s3 *s3;
    struct slice key;
    struct arena arena;
    struct buffer ready; /* come, not yet taken */
    size_t taken;        /* of it */
    uint64_t got;        /* bytes of the object so far */
    uint64_t before;     /* bytes there were when the last try began */
    uint64_t end;        /* of the range that is asked for */
    uint64_t bytes;      /* of the object */
    bool known;          /* `bytes` and `etag` are */
    bool ended, overrun;
    char etag[256], range[64];
    struct http_field headers[2];
    struct s3_call call;
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

static bool take_piece(void *context, struct slice bytes) {
    struct s3_call *call = context;
    struct s3_read *read = CONTAINER_OF(call, struct s3_read, call);
    uint64_t room = read->end - read->got;
    read->overrun = bytes.length > room;
    call->futile = read->overrun;
    if (read->overrun || !buffer_append(&read->ready, bytes)) return false;
    read->got += bytes.length;
    return true;
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
    uint64_t total;
    if (read->known || etag.length == 0 || etag.length >= sizeof read->etag) return;
    if (!read_content_range(range, from, &total)) return;
    snprintf(read->etag, sizeof read->etag, "%.*s", SLICE_ARGS(etag));
    read->bytes = total;
    read->known = true;
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
    read->before = read->got;
    snprintf(read->range, sizeof read->range, "bytes=%llu-%llu", (unsigned long long)read->got,
             (unsigned long long)read->end - 1);
    read->headers[0] = (struct http_field){ SLICE("range"), slice_of(read->range) };
    read->headers[1] = (struct http_field){ SLICE("if-match"), slice_of(read->etag) };
    call->request.headers = read->headers;
    call->request.header_count = read->known ? 2 : 1;
    return progress && read->known;
}

/* A whole object in a reply that names no range: a server that does not know them. */
static bool is_whole(const struct s3_read *read, const struct s3_answer *answer) {
    return answer->status == 200 && read->before == 0 && !read->overrun;
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
    else if (read->overrun)
        finish(read, S3_REFUSED, "the server sends more than the range that it was asked for");
    else
        finish(read, answer->result.end, answer->result.reason);
}

static void ask(struct s3_read *read) {
    struct s3_request request = {
        .method = "GET", .key = read->key, .piece = take_piece, .before = before_try
    };
    read->end = read->got + RANGE_BYTES;
    s3_call_start(read->s3, &read->call, &request, answered);
}

/* When there is room for another range. */
static void go_on(struct s3_read *read) {
    if (read->ended || read->call.active || read->ready.length > AHEAD_BYTES - RANGE_BYTES) return;
    ask(read);
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

uint64_t s3_read_bytes(const struct s3_read *read) { return read->bytes; }

struct slice s3_read_etag(const struct s3_read *read) { return slice_of(read->etag); }

struct s3_read *s3_read_start(struct s3 *s3, struct slice key, const struct s3_read_hooks *hooks) {
    struct s3_read *read = memory_zeroed(1, sizeof *read);
    *read = (struct s3_read){ .s3 = s3, .hooks = *hooks };
    arena_init(&read->arena);
    read->key = arena_copy(&read->arena, key);
    buffer_init(&read->ready, AHEAD_BYTES);
    ask(read);
    return read;
}

void s3_read_close(struct s3_read *read) {
    s3_call_cancel(&read->call);
    buffer_free(&read->ready);
    arena_free(&read->arena);
    memory_free(read);
}
