/* aws/key_ask.h */
#include "aws/key_ask.h"

#define BETWEEN_MS 1000

static void try(struct key_ask *ask);

static void fire_again(struct timer *timer) { try(CONTAINER_OF(timer, struct key_ask, again)); }

static void replied(void *context, const struct http_reply *reply) {
    struct key_ask *ask = context;
    bool answered = reply->outcome == HTTP_REPLIED && reply->status / 100 != 5;
    ask->call = NULL;
    if (answered || ask->tried >= ask->tries) {
        ask->replied(ask, reply);
        return;
    }
    ask->again.fire = fire_again;
    timer_start(ask->loop, &ask->again, BETWEEN_MS);
}

static void try(struct key_ask *ask) {
    const struct http_ask http = { .method = ask->method,
                                   .url = ask->url,
                                   .headers = ask->headers,
                                   .header_count = ask->header_count,
                                   .body = ask->body,
                                   .connect_ms = ask->patience_ms,
                                   .stall_ms = ask->patience_ms,
                                   .total_ms = ask->patience_ms,
                                   .most_bytes = KEY_ASK_MOST_BYTES,
                                   .direct = ask->direct,
                                   .replied = replied,
                                   .context = ask };
    ask->tried++;
    ask->call = http_call_start(ask->http, &http);
}

void key_ask_start(struct key_ask *ask) {
    ask->tried = 0;
    try(ask);
}

void key_ask_stop(struct key_ask *ask) {
    if (ask->call) http_call_cancel(ask->call);
    ask->call = NULL;
    timer_stop(&ask->again);
}
