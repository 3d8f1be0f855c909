/* aws/client.h: a call waits for keys and is sent, at most twice more: once after the clock was
 * corrected, once with other keys. */
#include "aws/client_internal.h"
#include "aws/fault.h"
#include "aws/sigv4_canonical.h"
#include "base/log.h"

/* ---- answers ---- */

static void answer(struct aws_call *call, const struct aws_reply *reply) {
    call->ask.replied(call->ask.context, reply);
    call_free(call);
}

static void answer_unsent(struct timer *timer) {
    struct aws_call *call = CONTAINER_OF(timer, struct aws_call, unsent);
    answer(call, &(struct aws_reply){ .keyless = call->keyless,
                                      .outcome = HTTP_UNREACHABLE,
                                      .body = SLICE(""),
                                      .reason = call->why.text,
                                      .call = call });
}

void call_give_up(struct aws_call *call) {
    call->unsent.fire = answer_unsent;
    timer_start(call->client->loop, &call->unsent, 0);
}

/* ---- from a request to the wire ---- */

static void keys_ready(struct key_wait *wait, struct key_set *keys, const struct error *err) {
    struct aws_call *call = CONTAINER_OF(wait, struct aws_call, key_wait);
    call->keys = keys;
    call->keyless = keys == NULL;
    if (keys) {
        call_send(call);
        return;
    }
    call->why = *err;
    call_give_up(call);
}

void call_want_keys(struct aws_call *call) {
    keys_release(call->keys);
    call->key_wait.ready = keys_ready;
    call->keys = credentials_take(call->client->credentials, &call->key_wait);
    if (call->keys) call_send(call);
}

static bool is_clock_wrong(struct aws_call *call, const struct http_reply *reply) {
    if (call->clock_corrected ||
        !signer_correct(call->signer, http_reply_header(reply, "date"), call->signed_ms))
        return false;
    log_warning("aws", "the clock of this machine is %lld seconds off %.*s's: signing corrects it",
                (long long)(-call->signer->ahead_ms / 1000), SLICE_ARGS(call->origin.host));
    return call->clock_corrected = true;
}

static bool are_keys_refused(struct aws_call *call, const struct http_reply *reply) {
    if (call->keys_renewed) return false;
    struct aws_fault fault =
        aws_fault_read(reply->body, http_reply_header(reply, "x-amzn-errortype"), &call->arena);
    call->keys_renewed =
        aws_fault_is_of_keys(&fault) && credentials_refused(call->client->credentials, call->keys);
    return call->keys_renewed;
}

static void replied(void *context, const struct http_reply *http) {
    struct aws_call *call = context;
    bool refused = call->keys && http->outcome == HTTP_REPLIED &&
                   (http->status == 400 || http->status == 401 || http->status == 403);
    call->http = NULL;
    if (refused && is_clock_wrong(call, http))
        call_send(call);
    else if (refused && are_keys_refused(call, http))
        call_want_keys(call);
    else
        answer(call, &(struct aws_reply){ .outcome = http->outcome,
                                          .status = http->status,
                                          .body = http->body,
                                          .reason = http->reason,
                                          .http = http,
                                          .call = call });
}

static bool take_piece(void *context, struct slice bytes) {
    struct aws_call *call = context;
    return call->ask.piece(call->ask.context, bytes);
}

static bool is_full(void *context) {
    struct aws_call *call = context;
    return call->ask.full(call->ask.context);
}

static void sign(struct aws_call *call, struct slice region, struct sigv4_signed *made) {
    const struct aws_ask *ask = &call->ask;
    const struct sigv4_request request = { .method = slice_of(ask->method),
                                           .path = ask->path,
                                           .query = ask->query,
                                           .query_count = ask->query_count,
                                           .headers = call->headers,
                                           .header_count = ask->header_count + 1,
                                           .payload = ask->payload_hash };
    call->signer = signers_find(&call->client->signers, ask->service, region, ask->style);
    call->signed_ms = signer_now_ms(call->signer);
    sigv4_sign(call->signer->signer, &request, &call->keys->keys, call->signed_ms, &call->arena,
               made);
}

/* libcurl sends Host itself: the same. */
static void send_made(struct aws_call *call, const struct sigv4_signed *made) {
    const struct aws_ask *ask = &call->ask;
    size_t given = ask->header_count, count = given + made->header_count;
    struct http_field *headers = arena_alloc(&call->arena, count * sizeof *headers);
    for (size_t i = 0; i < count; i++)
        headers[i] = i < given ? ask->headers[i] : made->headers[i - given];
    struct slice mark = made->query.length ? SLICE("?") : SLICE("");
    const struct http_ask http = {
        .method = ask->method,
        .url = ARENA_JOIN(&call->arena, ask->origin, ask->path, mark, made->query).data,
        .headers = headers,
        .header_count = count,
        .body = ask->body,
        .stall_ms = ask->stall_ms,
        .total_ms = ask->total_ms,
        .most_bytes = ask->most_bytes,
        .piece = ask->piece ? take_piece : NULL,
        .full = ask->full ? is_full : NULL,
        .replied = replied,
        .context = call,
    };
    call->http = http_call_start(call->client->http, &http);
}

void call_send(struct aws_call *call) {
    struct sigv4_signed made = { 0 };
    struct slice region = call->ask.region;
    if (region.length == 0) region = slice_of(aws_client_region(call->client));
    if (call->keys == NULL)
        made.query = canonical_query(call->ask.query, call->ask.query_count, &call->arena);
    else if (region.length)
        sign(call, region, &made);
    else {
        error_set(&call->why, ERROR_CONFIG,
                  "there is no region to sign for: neither the configuration, AWS_REGION nor the "
                  "profile names one");
        call_give_up(call);
        return;
    }
    send_made(call, &made);
}
