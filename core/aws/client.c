/* aws/client.h: the client, and how a call begins. */
#include "aws/client_internal.h"
#include "aws/digest.h"
#include "base/alloc.h"
#include "base/links.h"
#include "base/os.h"

#define IDLE_CALLS 16 /* that are kept, with the memory of their requests */

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
    *call = (struct aws_call){ .client = client, .arena = arena };
    LINK_IN(call, &client->calls);
    return call;
}

void call_free(struct aws_call *call) {
    struct aws_client *client = call->client;
    LINK_OUT(call);
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
    call_want_keys(CONTAINER_OF(wait, struct aws_call, region_wait));
}

struct aws_call *aws_call_start(struct aws_client *client, const struct aws_ask *ask) {
    struct aws_call *call = call_create(client);
    copy_ask(call, ask);
    if (!origin_read(call->ask.origin, aws_client_endpoint(client, call->ask.service.data),
                     &call->origin, &call->why)) {
        call_give_up(call);
        return call;
    }
    call->headers[0] = (struct http_field){ SLICE("host"), call->origin.host };
    call->region_wait.ready = region_ready;
    if (client->anonymous)
        call_send(call);
    else if (ask->region.length || aws_client_region(client))
        call_want_keys(call);
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

void aws_call_go_on(struct aws_call *call) { http_call_go_on(call->http); }

int aws_call_status(const struct aws_call *call) { return http_call_status(call->http); }

struct slice aws_call_header(const struct aws_call *call, const char *name) {
    return http_call_header(call->http, name);
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
