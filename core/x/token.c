/* x/access.h: its life, and bearer tokens. */
#include "aws/digest.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/os.h"
#include "x/access.h"
#include <cjson/cJSON.h>
#include <stdio.h>

#define PAGE_BYTES 4096
#define CONNECTIONS 4

/* In memory that no core dump holds. */
struct x_token {
    size_t length;
    char bytes[PAGE_BYTES - sizeof(size_t)];
};

struct slice x_bearer(const struct x_access *access) {
    if (access->token) return slice_from(access->token->bytes, access->token->length);
    return secret_value(access->settings->bearer);
}

bool x_token_missing(const struct x_access *access) {
    return !access->v1 && access->settings->bearer == NULL && access->token == NULL;
}

void x_token_forget(struct x_access *access) {
    if (access->token) os_private_free((char *)access->token, sizeof *access->token);
    access->token = NULL;
}

/* Sent as it is: what it has encoded stays so. False: there is none in the answer. */
static bool take_token(struct x_access *access, struct slice body) {
    cJSON *answer = cJSON_ParseWithLength(body.data, body.length);
    cJSON *token = cJSON_GetObjectItemCaseSensitive(answer, "access_token");
    size_t length = cJSON_IsString(token) ? strlen(token->valuestring) : 0;
    bool good = length > 0 && length < sizeof access->token->bytes;
    for (size_t i = 0; good && i < length; i++)
        good = token->valuestring[i] > 0x20 && token->valuestring[i] < 0x7f;
    if (good) {
        x_token_forget(access);
        access->token = (void *)os_private_memory(sizeof *access->token);
        access->token->length = length;
        memcpy(access->token->bytes, token->valuestring, length);
    }
    if (length) memset(token->valuestring, 0, length);
    cJSON_Delete(answer);
    return good;
}

struct x_verdict x_reply_judge(const struct x_access *access, const struct http_reply *reply) {
    struct x_verdict verdict = { .action = X_WAIT, .ladder = LADDER_NETWORK };
    if (reply->outcome != HTTP_REPLIED)
        snprintf(verdict.reason, sizeof verdict.reason, "%s", reply->reason);
    else if (reply->status / 100 == 2) {
        verdict.ladder = LADDER_SERVER;
        snprintf(verdict.reason, sizeof verdict.reason, "X's answer has not what was asked for");
    } else {
        struct arena arena;
        arena_init(&arena);
        struct x_answer answer = { .v1 = access->v1,
                                   .status = reply->status,
                                   .body = x_without_secrets(access, reply->body, &arena),
                                   .reset = http_reply_header(reply, "x-rate-limit-reset"),
                                   .retry = http_reply_header(reply, "retry-after"),
                                   .date = http_reply_header(reply, "date"),
                                   .location = x_without_secrets(
                                       access, http_reply_header(reply, "location"), &arena),
                                   .now_ms = clock_wall_ms() };
        verdict = x_answer_judge(&answer);
        arena_free(&arena);
    }
    x_hide_secrets(access, verdict.reason);
    return verdict;
}

static void replied(void *context, const struct http_reply *reply) {
    struct x_access *access = context;
    access->call = NULL;
    bool good = reply->outcome == HTTP_REPLIED && reply->status == 200;
    if (good && take_token(access, reply->body)) {
        access->fetched(access->context, NULL);
        return;
    }
    struct x_verdict verdict = x_reply_judge(access, reply), told = verdict;
    /* keys that were typed wrong are answered 403 here, and can be put right */
    if (reply->outcome == HTTP_REPLIED && reply->status == 403) told.action = X_WAIT;
    snprintf(told.reason, sizeof told.reason, "no bearer token: %.300s", verdict.reason);
    access->fetched(access->context, &told);
}

void x_token_fetch(struct x_access *access,
                   void (*fetched)(void *context, const struct x_verdict *verdict), void *context) {
    struct arena arena;
    arena_init(&arena);
    access->fetched = fetched;
    access->context = context;
    struct x_request request = x_token_request(access, &arena);
    struct http_ask ask = x_ask(&request);
    ask.replied = replied;
    ask.context = access;
    access->call = http_call_start(access->client, &ask);
    arena_free(&arena);
}

uint32_t x_access_digest(const struct x_access *access) {
    const struct x_settings *settings = access->settings;
    const struct slice parts[] = {
        slice_of(x_host(access)),      secret_value(settings->bearer),
        secret_value(settings->key),   secret_value(settings->secret),
        secret_value(settings->token), secret_value(settings->token_secret)
    };
    struct sha256 sha = { 0 };
    sha256_begin(&sha);
    for (size_t i = 0; i < LENGTH(parts); i++) {
        sha256_add(&sha, parts[i]);
        sha256_add(&sha, slice_from("", 1));
    }
    struct digest digest = sha256_end(&sha);
    sha256_free(&sha);
    /* so little of it leads back to nothing */
    return (uint32_t)digest.bytes[0] << 24 | (uint32_t)digest.bytes[1] << 16 |
           (uint32_t)digest.bytes[2] << 8 | digest.bytes[3];
}

bool x_access_open(struct x_access *access, const struct x_settings *settings, struct loop *loop,
                   struct error *err) {
    *access = (struct x_access){ .settings = settings, .v1 = x_is_v1(settings) };
    access->client = http_client_create(loop, settings->ca, CONNECTIONS, err);
    return access->client != NULL;
}

void x_access_close(struct x_access *access) {
    if (access->client) http_client_destroy(access->client);
    access->client = NULL;
    access->call = NULL;
    x_token_forget(access);
}
