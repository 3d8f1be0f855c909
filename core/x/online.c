/* x/online.h */
#include "x/online.h"
#include "base/alloc.h"
#include "x/access.h"

#define RULES_TARGET "/2/tweets/search/stream/rules?max_results=1"
#define MOST_BYTES ((size_t)8 << 20) /* servers may give all rules */

struct trying {
    struct x_access access;
    struct online *online;
    struct http_call *call;
};

static void replied(void *context, const struct http_reply *reply) {
    struct trying *trying = context;
    bool good = reply->outcome == HTTP_REPLIED && reply->status == 200;
    struct x_verdict verdict = x_reply_judge(&trying->access, reply);
    trying->call = NULL;
    trying->online->tried(trying->online, "rules", good ? NULL : verdict.reason);
    trying->online->done(trying->online);
}

static void ask_rules(struct trying *trying) {
    struct arena arena;
    arena_init(&arena);
    struct x_request request = x_api_request(&trying->access, RULES_TARGET, SLICE(""), &arena);
    struct http_ask ask = x_ask(&request);
    ask.most_bytes = MOST_BYTES;
    ask.replied = replied;
    ask.context = trying;
    trying->call = http_call_start(trying->access.client, &ask);
    arena_free(&arena);
}

static void fetched(void *context, const struct x_verdict *verdict) {
    struct trying *trying = context;
    trying->online->tried(trying->online, "token", verdict ? verdict->reason : NULL);
    if (verdict)
        trying->online->done(trying->online);
    else
        ask_rules(trying);
}

void *x_online_begin(const void *settings, struct online *online, struct error *err) {
    if (!x_is_filtered(settings)) { /* nothing but the stream itself could be asked for */
        err->kind = ERROR_NONE;
        return NULL;
    }
    struct trying *trying = memory_zeroed(1, sizeof *trying);
    trying->online = online;
    if (!x_access_open(&trying->access, settings, online->loop, err)) {
        memory_free(trying);
        return NULL;
    }
    if (x_token_missing(&trying->access))
        x_token_fetch(&trying->access, fetched, trying);
    else
        ask_rules(trying);
    return trying;
}

void x_online_end(void *self) {
    struct trying *trying = self;
    if (trying->call) http_call_cancel(trying->call);
    x_access_close(&trying->access);
    memory_free(trying);
}
