/* aws/s3.h: uploading an object, in one request or in parts.
 *
 * Every step is one of the functions below, which the answer to the one before it calls: look
 * whether it is there, abort what was left, begin, send parts, complete. What fails for good aborts
 * what was begun before it is said. */
#include "aws/s3_upload.h"
#include "aws/xml.h"
#include "base/alloc.h"
#include "base/links.h"
#include "base/os.h"
#include <assert.h>
#include <stdio.h>

#define MOST_RESTARTS 2

static void begin(struct s3_upload *upload);

/* ---- the end ---- */

static void finish(struct s3_upload *upload) {
    const struct s3_result result = { upload->end, upload->reason };
    upload->hooks.done(upload->hooks.context, &result);
    s3_upload_free(upload);
}

static void aborted(void *context, const struct s3_result *result) {
    struct s3_upload *upload = context;
    (void)result; /* a restart looks again */
    upload->abort = NULL;
    upload->upload_id = SLICE("");
    upload->stray = false;
    if (upload->anew)
        begin(upload);
    else
        finish(upload);
}

/* Takes from the server what it may still hold of this upload. */
static void clean_up(struct s3_upload *upload) {
    upload->abort =
        s3_abort_start(upload->s3, upload->object.key, upload->upload_id, aborted, upload);
}

static bool is_idle(const struct s3_upload *upload) {
    for (size_t i = 0; i < S3_LANES; i++)
        if (upload->lanes[i].busy || upload->lanes[i].call.active) return false;
    return true;
}

/* Once nothing is under way any more. */
static void wind_up(struct s3_upload *upload) {
    if (!is_idle(upload)) return;
    if (upload->upload_id.length || upload->stray)
        clean_up(upload);
    else if (upload->anew)
        begin(upload);
    else
        finish(upload);
}

static void fail(struct s3_upload *upload, enum s3_end end, const char *reason) {
    if (upload->end == S3_GOOD) {
        upload->end = end == S3_MISSING || end == S3_CHANGED ? S3_REFUSED : end;
        snprintf(upload->reason, sizeof upload->reason, "%.*s", S3_REASON_BYTES - 1, reason);
    }
    for (size_t i = 0; i < S3_LANES; i++)
        s3_call_cancel(&upload->lanes[i].call);
    wind_up(upload);
}

/* The server knows nothing of the upload any more, or not its parts: all of it once more. */
static void start_over(struct s3_upload *upload, const struct s3_answer *answer) {
    bool again = upload->restarts++ < MOST_RESTARTS;
    upload->anew = again;
    fail(upload, again ? S3_GOOD : answer->result.end, answer->result.reason);
}

static void succeed(struct s3_upload *upload) {
    upload->upload_id = SLICE("");
    upload->reason[0] = '\0';
    wind_up(upload);
}

/* ---- requests ---- */

static struct s3_request request_of(const struct s3_upload *upload, const char *method) {
    return (struct s3_request){ .method = method, .key = upload->object.key };
}

static void add_parameter(struct s3_request *request, struct slice name, struct slice value) {
    request->query[request->query_count++] = (struct http_field){ name, value };
}

static void add_object_headers(const struct s3_upload *upload, struct s3_request *request) {
    request->headers = upload->object.headers;
    request->header_count = upload->object.header_count;
}

/* ---- did it win? ---- */

static bool is_whole(const struct s3_upload *upload, const struct s3_answer *answer) {
    char bytes[24];
    snprintf(bytes, sizeof bytes, "%llu", (unsigned long long)upload->object.bytes);
    return answer->result.end == S3_GOOD &&
           slice_is(s3_answer_header(answer, "content-length"), bytes);
}

static void looked_first(struct s3_call *call, const struct s3_answer *answer) {
    struct s3_upload *upload = CONTAINER_OF(call, struct s3_upload, call);
    if (answer->result.end == S3_LATER) {
        upload->upload_id = SLICE(""); /* whoever tries it again names it again */
        fail(upload, S3_LATER, answer->result.reason);
        return;
    }
    upload->anew = !is_whole(upload, answer);
    clean_up(upload);
}

static void looked_last(struct s3_call *call, const struct s3_answer *answer) {
    struct s3_upload *upload = CONTAINER_OF(call, struct s3_upload, call);
    upload->upload_id = SLICE("");
    if (is_whole(upload, answer))
        succeed(upload);
    else if (answer->result.end == S3_LATER)
        fail(upload, S3_LATER, answer->result.reason);
    else
        start_over(upload, answer);
}

static void look(struct s3_upload *upload,
                 void (*answered)(struct s3_call *, const struct s3_answer *)) {
    struct s3_request request = request_of(upload, "HEAD");
    s3_call_start(upload->s3, &upload->call, &request, answered);
}

/* ---- completing ---- */

static bool knows_no_upload(const struct s3_answer *answer) {
    return slice_is(answer->code, "NoSuchUpload");
}

static bool is_of_parts(const struct s3_answer *answer) {
    return slice_is(answer->code, "InvalidPart") || slice_is(answer->code, "InvalidPartOrder") ||
           slice_is(answer->code, "EntityTooSmall");
}

static void completed(struct s3_call *call, const struct s3_answer *answer) {
    struct s3_upload *upload = CONTAINER_OF(call, struct s3_upload, call);
    if (answer->result.end == S3_GOOD)
        succeed(upload);
    else if (knows_no_upload(answer))
        look(upload, looked_last); /* an earlier try may have completed it */
    else if (is_of_parts(answer))
        start_over(upload, answer);
    else
        fail(upload, answer->result.end, answer->result.reason);
}

static size_t write_escaped(char *out, struct slice text) {
    char *to = out;
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.data[i];
        const char *escape = byte == '&'   ? "&amp;"
                             : byte == '<' ? "&lt;"
                             : byte == '>' ? "&gt;"
                                           : NULL;
        if (escape)
            to = stpcpy(to, escape);
        else
            *to++ = byte;
    }
    return (size_t)(to - out);
}

#define COMPLETION_HEAD                                                                            \
    "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
#define COMPLETION_TAIL "</CompleteMultipartUpload>"

static void complete(struct s3_upload *upload) {
    size_t room = sizeof COMPLETION_HEAD + sizeof COMPLETION_TAIL;
    for (unsigned i = 0; i < upload->parts; i++)
        room += 80 + 5 * upload->etags[i].length;
    char *text = arena_alloc(&upload->arena, room), *to = stpcpy(text, COMPLETION_HEAD);
    for (unsigned i = 0; i < upload->parts; i++) {
        to += sprintf(to, "<Part><PartNumber>%u</PartNumber><ETag>", i + 1);
        to += write_escaped(to, upload->etags[i]);
        to = stpcpy(to, "</ETag></Part>");
    }
    to = stpcpy(to, COMPLETION_TAIL);
    struct s3_request request = request_of(upload, "POST");
    add_parameter(&request, SLICE("uploadId"), upload->upload_id);
    request.body = slice_from(text, (size_t)(to - text));
    request.error_in_good = true;
    s3_call_start(upload->s3, &upload->call, &request, completed);
}

/* ---- parts ---- */

#define MOST_ETAG_BYTES 200

static void read_next(struct s3_upload *upload, struct s3_lane *lane) {
    uint64_t offset = upload->next_part * S3_PART_BYTES;
    upload->next_part++;
    s3_lane_read(lane, upload->next_part, offset,
                 (size_t)MIN(S3_PART_BYTES, upload->object.bytes - offset));
}

static void part_sent(struct s3_call *call, const struct s3_answer *answer) {
    struct s3_lane *lane = CONTAINER_OF(call, struct s3_lane, call);
    struct s3_upload *upload = lane->upload;
    struct slice etag = s3_answer_header(answer, "etag");
    if (knows_no_upload(answer)) {
        upload->upload_id = SLICE("");
        start_over(upload, answer);
    } else if (answer->result.end != S3_GOOD)
        fail(upload, answer->result.end, answer->result.reason);
    else if (etag.length == 0 || etag.length > MOST_ETAG_BYTES)
        fail(upload, S3_LATER, "the server gave no ETag for a part");
    else {
        upload->etags[lane->number - 1] = arena_copy(&upload->arena, etag);
        if (upload->next_part < upload->parts) read_next(upload, lane);
        if (++upload->parts_done == upload->parts) complete(upload);
    }
}

static void send_part(struct s3_lane *lane) {
    struct s3_upload *upload = lane->upload;
    struct s3_request request = request_of(upload, "PUT");
    snprintf(lane->number_text, sizeof lane->number_text, "%u", lane->number);
    add_parameter(&request, SLICE("partNumber"), slice_of(lane->number_text));
    add_parameter(&request, SLICE("uploadId"), upload->upload_id);
    request.body = slice_from(lane->buffer, lane->bytes);
    request.hash = slice_from(lane->hash, sizeof lane->hash);
    s3_call_start(upload->s3, &lane->call, &request, part_sent);
}

static void object_sent(struct s3_call *call, const struct s3_answer *answer) {
    struct s3_upload *upload = CONTAINER_OF(call, struct s3_lane, call)->upload;
    if (answer->result.end == S3_GOOD)
        succeed(upload);
    else
        fail(upload, answer->result.end, answer->result.reason);
}

static void send_object(struct s3_lane *lane) {
    struct s3_upload *upload = lane->upload;
    struct s3_request request = request_of(upload, "PUT");
    add_object_headers(upload, &request);
    request.body = slice_from(lane->buffer, lane->bytes);
    request.hash = slice_from(lane->hash, sizeof lane->hash);
    s3_call_start(upload->s3, &lane->call, &request, object_sent);
}

void s3_part_read(struct s3_lane *lane) {
    struct s3_upload *upload = lane->upload;
    if (upload->end != S3_GOOD || upload->anew)
        wind_up(upload);
    else if (!lane->good)
        fail(upload, S3_REFUSED, lane->err.text);
    else if (lane->number)
        send_part(lane);
    else
        send_object(lane);
}

/* ---- beginning ---- */

static void begun(struct s3_call *call, const struct s3_answer *answer) {
    struct s3_upload *upload = CONTAINER_OF(call, struct s3_upload, call);
    struct error err;
    upload->stray = upload->stray || call->uncertain;
    if (answer->result.end != S3_GOOD) {
        fail(upload, answer->result.end, answer->result.reason);
        return;
    }
    struct slice id = xml_text(xml_read(answer->body, &upload->arena, &err), "UploadId");
    if (id.length == 0 || id.length > 2000) {
        upload->stray = true;
        fail(upload, S3_LATER, "the server gave no id for an upload");
        return;
    }
    upload->upload_id = id;
    if (upload->hooks.began) upload->hooks.began(upload->hooks.context, id);
    for (size_t i = 0; i < S3_LANES && upload->next_part < upload->parts; i++)
        read_next(upload, &upload->lanes[i]);
}

static void begin(struct s3_upload *upload) {
    upload->anew = false;
    upload->next_part = upload->parts_done = 0;
    if (upload->object.bytes <= upload->s3->multipart_above) {
        s3_lane_read(&upload->lanes[0], 0, 0, (size_t)upload->object.bytes);
        return;
    }
    struct s3_request request = request_of(upload, "POST");
    add_object_headers(upload, &request);
    add_parameter(&request, SLICE("uploads"), SLICE(""));
    s3_call_start(upload->s3, &upload->call, &request, begun);
}

static struct http_field copy_field(struct arena *arena, struct slice name, struct slice value) {
    return (struct http_field){ arena_copy(arena, name), arena_copy(arena, value) };
}

static void copy_object(struct s3_upload *upload, const struct s3_object *object) {
    struct arena *arena = &upload->arena;
    struct http_field *headers = arena_alloc(arena, (object->header_count + 2) * sizeof *headers);
    size_t count = 0;
    if (object->content_type.length)
        headers[count++] = copy_field(arena, SLICE("content-type"), object->content_type);
    if (object->content_encoding.length)
        headers[count++] = copy_field(arena, SLICE("content-encoding"), object->content_encoding);
    for (size_t i = 0; i < object->header_count; i++)
        headers[count++] = copy_field(arena, object->headers[i].name, object->headers[i].value);
    upload->object = *object;
    /* The thread may still read a part when the upload is cancelled and the file is closed. Without
     * one no part can be read, which is said. */
    upload->object.fd = os_duplicate(object->fd);
    upload->object.key = arena_copy(arena, object->key);
    upload->object.headers = headers;
    upload->object.header_count = count;
    upload->upload_id = arena_copy(arena, object->upload_id);
}

struct s3_upload *s3_upload_start(struct s3 *s3, const struct s3_object *object,
                                  const struct s3_upload_hooks *hooks) {
    struct s3_upload *upload = memory_zeroed(1, sizeof *upload);
    assert(object->bytes <= S3_MOST_BYTES);
    *upload = (struct s3_upload){ .s3 = s3, .hooks = *hooks };
    LINK_IN(upload, &s3->uploads);
    arena_init(&upload->arena);
    copy_object(upload, object);
    for (size_t i = 0; i < S3_LANES; i++)
        upload->lanes[i].upload = upload;
    upload->parts = (unsigned)((object->bytes + S3_PART_BYTES - 1) / S3_PART_BYTES);
    upload->etags = memory_zeroed(MAX(upload->parts, 1u), sizeof *upload->etags);
    if (object->again)
        look(upload, looked_first);
    else
        begin(upload);
    return upload;
}

void s3_upload_cancel(struct s3_upload *upload) { s3_upload_free(upload); }
