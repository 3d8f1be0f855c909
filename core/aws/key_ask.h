/* One request to a service that gives keys: short replies, short waits, few tries. On the loop
 * thread. */
#ifndef AWS_KEY_ASK_H
#define AWS_KEY_ASK_H

#include "net/http_client.h"

#define KEY_ASK_MOST_BYTES ((size_t)65536)

/* Lives inside its owner, zeroed. What it points to stays until the reply. */
struct key_ask {
    struct loop *loop;
    struct http_client *http;
    const char *method, *url;
    const struct http_field *headers;
    size_t header_count;
    struct slice body;
    uint32_t patience_ms; /* for one try */
    unsigned tries;       /* when there is no answer, or 5xx; a second between two */
    bool direct;          /* past any proxy */
    /* Of the last try; the reply is valid during the call, in which the next may be started. */
    void (*replied)(struct key_ask *ask, const struct http_reply *reply);
    struct http_call *call;
    struct timer again;
    unsigned tried;
};

void key_ask_start(struct key_ask *ask);
void key_ask_stop(struct key_ask *ask);

#endif
