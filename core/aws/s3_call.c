/* One request to S3, repeated as long as that can help. */
#include "aws/s3_error.h"
#include "aws/s3_internal.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/backoff.h"
#include "net/retry_after.h"
#include <stdio.h>

#define FIRST_PAUSE_MS 200
#define LONGEST_PAUSE_MS 20000
#define MOST_PATIENCE_MS 300000 /* that a server can ask for */
#define MOST_MOVES 2            /* from region to region */
/* While a host is left alone (net/http_breaker.h), nothing is sent, and nothing counts as a try. */
#define REST_MS 1000
#define MOST_RESTS 60

static void send(struct s3_call *call);

struct slice s3_answer_header(const struct s3_answer *answer, const char *name) {
    struct slice value = answer->reply ? aws_reply_header(answer->reply, name) : SLICE("");
    return slice_trim(value);
}

static void end(struct s3_call *call, const struct s3_answer *answer) {
    struct s3 *s3 = call->s3;
    if (answer->status && s3->in_trouble && answer->result.end == S3_GOOD) {
        log_info("s3", "bucket %s: answers again", s3->bucket);
        s3->in_trouble = false;
    }
    /* The arena holds parts of the answer, and the call may be started again. */
    struct arena arena = call->arena;
    call->active = false;
    call->answered(call, answer);
    arena_free(&arena);
}

/* ---- why it is no good answer ---- */

static struct slice printable(struct slice text, struct arena *arena) {
    struct slice copy = arena_copy(arena, slice_first(slice_trim(text), 300));
    for (size_t i = 0; i < copy.length; i++)
        if ((unsigned char)copy.data[i] < ' ') ((char *)copy.data)[i] = ' ';
    return copy;
}

static const char *reason_of(struct s3_call *call, int status, const struct s3_error *told) {
    struct arena *arena = &call->arena;
    struct slice code = printable(told->code, arena), message = printable(told->message, arena);
    struct slice request = printable(told->request_id, arena);
    if (code.length == 0) code = arena_format(arena, "HTTP %d", status);
    bool lost = told->action == S3_RELOCATE && told->region.length == 0;
    if (lost && message.length == 0) message = SLICE("redirected, but to no region of AWS's");
    struct slice text = arena_format(arena, "bucket %s: %.*s", call->s3->bucket, SLICE_ARGS(code));
    if (message.length) text = ARENA_JOIN(arena, text, SLICE(": "), message);
    if (request.length) text = ARENA_JOIN(arena, text, SLICE(" (request "), request, SLICE(")"));
    return arena_copy(arena, slice_first(text, S3_REASON_BYTES)).data;
}

/* ---- once more ---- */

static void paused(struct timer *timer) {
    struct s3_call *call = CONTAINER_OF(timer, struct s3_call, pause);
    send(call);
}

static bool is_worth_another(struct s3_call *call, const struct s3_answer *last) {
    if (call->futile) return false;
    bool progress = call->request.before && call->request.before(call, last);
    if (progress) call->tries = 0;
    return ++call->tries < call->s3->tries;
}

/* `answer`: what it ends with when it was tried often enough. */
static void try_again(struct s3_call *call, const struct s3_answer *answer) {
    struct slice asked = s3_answer_header(answer, "retry-after");
    struct s3 *s3 = call->s3;
    if (!is_worth_another(call, answer)) {
        end(call, answer);
        return;
    }
    if (!s3->in_trouble && call->tries > 1)
        log_warning("s3", "%s: it is tried again", answer->result.reason);
    s3->in_trouble = s3->in_trouble || call->tries > 1;
    uint64_t pause =
        backoff_wait_ms(call->tries - 1, FIRST_PAUSE_MS, LONGEST_PAUSE_MS, random_bits());
    uint64_t told = retry_after_ms(asked, clock_wall_ms(), MOST_PATIENCE_MS);
    call->pause.fire = paused;
    timer_start(s3->loop, &call->pause, MAX(pause, told));
}

/* Looks again whether the host may be asked; false: it was left alone for too long. */
static bool rest(struct s3_call *call) {
    if (call->rests++ == MOST_RESTS) return false;
    call->pause.fire = paused;
    timer_start(call->s3->loop, &call->pause,
                REST_MS / 4 + backoff_jitter_ms(REST_MS, random_bits()));
    return true;
}

/* Signed anew for where the bucket is; false: that is no news, or there were enough of them. */
static bool move(struct s3_call *call, const struct s3_answer *answer,
                 const struct s3_error *told) {
    struct s3 *s3 = call->s3;
    if (told->region.length == 0 || call->moves == MOST_MOVES) return false;
    bool known = slice_is(told->region, s3->region);
    snprintf(s3->region, sizeof s3->region, "%.*s", SLICE_ARGS(told->region));
    if (known && call->moves > 0) return false;
    call->moves++;
    if (!known) log_info("s3", "bucket %s: is in region %s", s3->bucket, s3->region);
    if (call->request.before) (void)call->request.before(call, answer);
    call->pause.fire = paused;
    timer_start(s3->loop, &call->pause, 0);
    return true;
}

/* ---- replies ---- */

static enum s3_end end_of(const struct s3_error *told, int status) {
    if (told->action == S3_TAKE) return S3_GOOD;
    if (status == 404 && !slice_is(told->code, "NoSuchBucket")) return S3_MISSING;
    return status == 412 ? S3_CHANGED : S3_REFUSED;
}

static void take_reply(struct s3_call *call, const struct aws_reply *reply) {
    bool good = reply->status / 100 == 2;
    const struct s3_said said = {
        .status = reply->status,
        .body = good && !call->request.error_in_good ? SLICE("") : reply->body,
        .bucket_region = slice_trim(aws_reply_header(reply, "x-amz-bucket-region")),
        .location = slice_trim(aws_reply_header(reply, "location")),
        .request_id = slice_trim(aws_reply_header(reply, "x-amz-request-id")),
    };
    const struct s3_error told = s3_error_read(&said, &call->arena);
    struct s3_answer answer = { .status = reply->status,
                                .code = told.code,
                                .body = reply->body,
                                .reply = reply,
                                .result.end = end_of(&told, reply->status),
                                .result.reason = "" };
    if (answer.result.end != S3_GOOD) answer.result.reason = reason_of(call, reply->status, &told);
    bool later =
        told.action == S3_ASK_AGAIN || told.action == S3_REFRESH || told.action == S3_FIX_CLOCK;
    if (later) {
        call->uncertain = call->uncertain || good || reply->status / 100 == 5;
        answer.result.end = S3_LATER;
        try_again(call, &answer);
    } else if (told.action != S3_RELOCATE || !move(call, &answer, &told))
        end(call, &answer);
}

/* No whole reply has come. */
static void take_failure(struct s3_call *call, const struct aws_reply *reply) {
    struct slice reason = arena_format(&call->arena, "bucket %s: %s", call->s3->bucket,
                                       reply->reason ? reply->reason : "no reply");
    struct s3_answer answer = { .reply = reply, .result = { S3_LATER, reason.data } };
    if (reply->outcome == HTTP_RESTING && rest(call)) return;
    call->uncertain = call->uncertain || reply->outcome == HTTP_CUT;
    if (reply->outcome == HTTP_TOO_LONG) answer.result.end = S3_REFUSED;
    if (reply->keyless || reply->outcome == HTTP_TOO_LONG)
        end(call, &answer);
    else
        try_again(call, &answer);
}

static void replied(void *context, const struct aws_reply *reply) {
    struct s3_call *call = context;
    call->under_way = NULL;
    if (reply->outcome == HTTP_REPLIED)
        take_reply(call, reply);
    else
        take_failure(call, reply);
}

/* ---- sending ---- */

static struct s3_where where(const struct s3 *s3) {
    const char *endpoint = aws_client_endpoint(s3->client, "s3");
    const char *region = s3->region[0] ? s3->region : aws_client_region(s3->client);
    return (struct s3_where){ .bucket = slice_of(s3->bucket),
                              .region = slice_of(region ? region : "us-east-1"),
                              .endpoint = slice_of(endpoint ? endpoint : ""),
                              .addressing = s3->addressing };
}

static void send(struct s3_call *call) {
    const struct s3_request *request = &call->request;
    arena_reset(&call->arena, ARENA_BLOCK_BYTES);
    const struct s3_where at = where(call->s3);
    const struct s3_place place = s3_place(&at, request->key, &call->arena);
    const struct aws_ask ask = {
        .method = request->method,
        .origin = place.origin,
        .path = place.path,
        .query = request->query,
        .query_count = request->query_count,
        .headers = request->headers,
        .header_count = request->header_count,
        .body = request->body,
        .payload_hash = request->hash,
        .service = SLICE("s3"),
        .region = at.region,
        .style = SIGV4_S3,
        .most_bytes = request->most_bytes ? request->most_bytes : S3_REPLY_BYTES,
        .piece = request->piece,
        .full = request->full,
        .replied = replied,
        .context = call,
    };
    call->under_way = aws_call_start(call->s3->client, &ask);
}

/* What went wrong there, keys say again. */
static void placed(struct place_wait *wait, const struct error *err) {
    struct s3_call *call = CONTAINER_OF(wait, struct s3_call, place);
    (void)err;
    call->s3->placed = true;
    send(call);
}

void s3_call_start(struct s3 *s3, struct s3_call *call, const struct s3_request *request,
                   void (*answered)(struct s3_call *call, const struct s3_answer *answer)) {
    *call = (struct s3_call){ .s3 = s3, .request = *request, .answered = answered };
    arena_init(&call->arena);
    call->active = true;
    call->place.ready = placed;
    if (request->before) (void)request->before(call, NULL);
    if (s3->placed)
        send(call);
    else
        aws_client_place(s3->client, &call->place);
}

void s3_call_cancel(struct s3_call *call) {
    if (!call->active) return;
    if (call->under_way) aws_call_cancel(call->under_way);
    credentials_leave_place(&call->place);
    timer_stop(&call->pause);
    arena_free(&call->arena);
    call->active = false;
}
