/* sources/x_internal.h: a bearer token for key and secret (OAuth 2.0, "Application-Only"). */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/os.h"
#include "sources/x_internal.h"
#include <cjson/cJSON.h>
#include <stdio.h>

#define PAGE_BYTES 4096

/* In memory that no core dump holds. */
struct x_token {
    size_t length;
    char bytes[PAGE_BYTES - sizeof(size_t)];
};

struct slice x_bearer(const struct x *x) {
    if (x->token) return slice_from(x->token->bytes, x->token->length);
    return secret_value(x->settings->bearer);
}

bool x_token_missing(const struct x *x) {
    return !x->v1 && x->settings->bearer == NULL && x->token == NULL;
}

void x_token_forget(struct x *x) {
    if (x->token) os_private_free((char *)x->token, sizeof *x->token);
    x->token = NULL;
}

/* Sent as it is: what it has encoded stays so. False: there is none in the answer. */
static bool take_token(struct x *x, struct slice body) {
    cJSON *answer = cJSON_ParseWithLength(body.data, body.length);
    cJSON *token = cJSON_GetObjectItemCaseSensitive(answer, "access_token");
    size_t length = cJSON_IsString(token) ? strlen(token->valuestring) : 0;
    bool good = length > 0 && length < sizeof x->token->bytes;
    for (size_t i = 0; good && i < length; i++)
        good = token->valuestring[i] > 0x20 && token->valuestring[i] < 0x7f;
    if (good) {
        x_token_forget(x);
        x->token = (void *)os_private_memory(sizeof *x->token);
        x->token->length = length;
        memcpy(x->token->bytes, token->valuestring, length);
    }
    if (length) memset(token->valuestring, 0, length);
    cJSON_Delete(answer);
    return good;
}

static void replied(void *context, const struct http_reply *reply) {
    struct x *x = context;
    x->token_call = NULL;
    if (reply->outcome == HTTP_REPLIED && reply->status == 200 && take_token(x, reply->body)) {
        x_connect_soon(x, 0);
        return;
    }
    struct x_verdict verdict = { .action = X_WAIT, .ladder = LADDER_NETWORK };
    if (reply->outcome != HTTP_REPLIED)
        snprintf(verdict.reason, sizeof verdict.reason, "no bearer token: %s", reply->reason);
    else if (reply->status == 200) {
        verdict.ladder = LADDER_SERVER;
        snprintf(verdict.reason, sizeof verdict.reason, "no bearer token is in X's answer");
    } else {
        struct x_answer answer = { .status = reply->status,
                                   .body = reply->body,
                                   .reset = http_reply_header(reply, "x-rate-limit-reset"),
                                   .date = http_reply_header(reply, "date"),
                                   .location = http_reply_header(reply, "location"),
                                   .now_ms = clock_wall_ms() };
        verdict = x_answer_judge(&answer);
        if (reply->status == 403) verdict.action = X_WAIT; /* of wrong keys, here */
    }
    x_lose(x, verdict);
}

void x_token_fetch(struct x *x) {
    struct arena arena;
    arena_init(&arena);
    struct x_request request = x_token_request(x, &arena);
    struct http_ask ask = x_ask(&request);
    ask.replied = replied;
    ask.context = x;
    x->token_call = http_call_start(x->client, &ask);
    arena_free(&arena);
}
