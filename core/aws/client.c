/* aws/client.h. A call waits for keys and is sent, at most twice more: once after the clock was
 * corrected, once with other keys. */
#include "aws/client.h"
#include "aws/digest.h"
#include "aws/fault.h"
#include "aws/origin.h"
#include "aws/signers.h"
#include "aws/sigv4_canonical.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/os.h"

#define IDLE_CALLS 16 /* that are kept, with the memory of their requests */

struct aws_client {
    struct loop *loop;
    struct http_client *http;
    struct credentials *credentials;
    struct signers signers;
    char *endpoint;
    bool anonymous;
    struct aws_call *calls, *idle;
    unsigned idle_count;
};

struct aws_call {
    struct aws_client *client;
    struct aws_ask ask; /* with copies of its own, but for the body */
    struct arena arena;
    struct origin origin;
    struct http_field *headers; /* Host, then those of `ask` */
    struct place_wait region_wait;
    struct key_wait key_wait;
    struct key_set *keys; /* what it was signed with; NULL: it is not signed */
    struct signer_of *signer;
    int64_t signed_ms;
    struct http_call *http; /* under way */
    struct timer unsent;    /* answers what was not sent, for `why` */
    struct error why;
    bool keyless, clock_corrected, keys_renewed;
    struct aws_call *next, **link;
};

/* ---- calls ---- */

static struct aws_call *call_create(struct aws_client *client) {
    struct aws_call *call = client->idle;
    struct arena arena;
    if (call) {
        client->idle = call->next;
        client->idle_count--;
        arena = call->arena;
    } else {
        call = memory_alloc(sizeof *call);
        arena_init(&arena);
    }
    *call = (struct aws_call){
        .client = client, .arena = arena, .next = client->calls, .link = &client->calls
    };
    if (call->next) call->next->link = &call->next;
    client->calls = call;
    return call;
}

static void call_free(struct aws_call *call) {
    struct aws_client *client = call->client;
    *call->link = call->next;
    if (call->next) call->next->link = call->link;
    timer_stop(&call->unsent);
    keys_release(call->keys);
    if (client->idle_count == IDLE_CALLS) {
        arena_free(&call->arena);
        memory_free(call);
        return;
    }
    arena_reset(&call->arena, ARENA_BLOCK_BYTES);
    call->next = client->idle;
    client->idle = call;
    client->idle_count++;
}

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

/* In the next round. */
static void give_up(struct aws_call *call) {
    call->unsent.fire = answer_unsent;
    timer_start(call->client->loop, &call->unsent, 0);
}

/* ---- from a request to the wire ---- */

static void send(struct aws_call *call);

static void keys_ready(struct key_wait *wait, struct key_set *keys, const struct error *err) {
    struct aws_call *call = CONTAINER_OF(wait, struct aws_call, key_wait);
    call->keys = keys;
    call->keyless = keys == NULL;
    if (keys) {
        send(call);
        return;
    }
    call->why = *err;
    give_up(call);
}

static void want_keys(struct aws_call *call) {
    keys_release(call->keys);
    call->key_wait.ready = keys_ready;
    call->keys = credentials_take(call->client->credentials, &call->key_wait);
    if (call->keys) send(call);
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
        send(call);
    else if (refused && are_keys_refused(call, http))
        want_keys(call);
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
        .replied = replied,
        .context = call,
    };
    call->http = http_call_start(call->client->http, &http);
}

static void send(struct aws_call *call) {
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
        give_up(call);
        return;
    }
    send_made(call, &made);
}

/* ---- starting ---- */

static const struct http_field *copy_fields(struct arena *arena, const struct http_field *fields,
                                            size_t count, struct http_field *into) {
    for (size_t i = 0; i < count; i++)
        into[i] = (struct http_field){ arena_copy(arena, fields[i].name),
                                       arena_copy(arena, fields[i].value) };
    return into;
}

static struct slice hash_of(struct slice body, struct arena *arena) {
    char hex[DIGEST_HEX_BYTES];
    if (body.length == 0) return SLICE(SIGV4_EMPTY);
    struct digest digest = sha256_of(body);
    digest_hex(&digest, hex);
    return arena_copy(arena, slice_from(hex, sizeof hex));
}

static void copy_ask(struct aws_call *call, const struct aws_ask *ask) {
    struct arena *arena = &call->arena;
    struct http_field *query = arena_alloc(arena, ask->query_count * sizeof *query);
    call->headers = arena_alloc(arena, (ask->header_count + 1) * sizeof *call->headers);
    call->ask = *ask;
    call->ask.method = arena_copy(arena, slice_of(ask->method)).data;
    call->ask.origin = arena_copy(arena, ask->origin);
    call->ask.path = arena_copy(arena, ask->path);
    call->ask.query = copy_fields(arena, ask->query, ask->query_count, query);
    call->ask.headers = copy_fields(arena, ask->headers, ask->header_count, call->headers + 1);
    call->ask.service = arena_copy(arena, ask->service);
    call->ask.region = arena_copy(arena, ask->region);
    call->ask.payload_hash =
        ask->payload_hash.length ? arena_copy(arena, ask->payload_hash) : hash_of(ask->body, arena);
}

/* What went wrong there, keys say again. */
static void region_ready(struct place_wait *wait, const struct error *err) {
    (void)err;
    want_keys(CONTAINER_OF(wait, struct aws_call, region_wait));
}

struct aws_call *aws_call_start(struct aws_client *client, const struct aws_ask *ask) {
    struct aws_call *call = call_create(client);
    copy_ask(call, ask);
    if (!origin_read(call->ask.origin, aws_client_endpoint(client, call->ask.service.data),
                     &call->origin, &call->why)) {
        give_up(call);
        return call;
    }
    call->headers[0] = (struct http_field){ SLICE("host"), call->origin.host };
    call->region_wait.ready = region_ready;
    if (client->anonymous)
        send(call);
    else if (ask->region.length || aws_client_region(client))
        want_keys(call);
    else
        credentials_place(client->credentials, &call->region_wait);
    return call;
}

void aws_call_cancel(struct aws_call *call) {
    if (call->http) http_call_cancel(call->http);
    credentials_leave(&call->key_wait);
    credentials_leave_place(&call->region_wait);
    call_free(call);
}

void aws_client_place(struct aws_client *client, struct place_wait *wait) {
    credentials_place(client->credentials, wait);
}

const char *aws_client_region(const struct aws_client *client) {
    return credentials_region(client->credentials);
}

const char *aws_client_endpoint(const struct aws_client *client, const char *service) {
    return client->endpoint ? client->endpoint : credentials_endpoint(client->credentials, service);
}

struct slice aws_reply_header(const struct aws_reply *reply, const char *name) {
    return reply->http ? http_reply_header(reply->http, name) : slice_from(NULL, 0);
}

/* ---- the client ---- */

struct aws_client *aws_client_create(struct loop *loop, const struct aws_client_options *options,
                                     struct error *err) {
    const char *ca_file = options->ca_file ? options->ca_file : os_environment("AWS_CA_BUNDLE");
    const struct credentials_options keys = { .profile = options->profile,
                                              .region = options->region,
                                              .threads = options->threads,
                                              .keyless = options->anonymous };
    struct http_client *http = http_client_create(loop, ca_file, options->connections, err);
    if (http == NULL) return NULL;
    struct credentials *credentials = credentials_create(loop, &keys, err);
    if (credentials == NULL) {
        http_client_destroy(http);
        return NULL;
    }
    struct aws_client *client = memory_zeroed(1, sizeof *client);
    client->loop = loop;
    client->http = http;
    client->credentials = credentials;
    client->endpoint = options->endpoint ? memory_copy_text(options->endpoint) : NULL;
    client->anonymous = options->anonymous;
    return client;
}

void aws_client_destroy(struct aws_client *client) {
    while (client->calls)
        aws_call_cancel(client->calls);
    for (struct aws_call *call = client->idle, *next; call; call = next) {
        next = call->next;
        arena_free(&call->arena);
        memory_free(call);
    }
    credentials_destroy(client->credentials);
    http_client_destroy(client->http);
    signers_free(&client->signers);
    memory_free(client->endpoint);
    memory_free(client);
}
