/* The way to the server of an index: its address, who asks, and how bodies go.
 *
 * On the loop thread. Over aws/client.h, which signs where that is wanted. */
#ifndef INDEX_LINK_H
#define INDEX_LINK_H

#include "aws/settings.h"
#include "config/secret.h"
#include "index/place.h"

struct index_settings {
    const char *url, *index, *auth, *user, *service, *time;
    struct aws_settings aws; /* its region and profile, and ca_file for any server */
    struct secret *password, *key;
    bool gzip, manage;
    int64_t requests, timeout_ms;
};

struct index_link;

/* NULL with *err. `place` is copied but for its texts. */
struct index_link *index_link_create(struct loop *loop, const struct index_settings *settings,
                                     const struct index_place *place, unsigned threads,
                                     struct error *err) MUST_CHECK;
/* Cancels what is under way. Not within a reply. */
void index_link_destroy(struct index_link *link);

/* OpenSearch Serverless: no `GET /`, no versions, no deletes by query. */
bool index_link_is_aoss(const struct index_link *link);

struct index_ask {
    const char *method;
    struct slice path;        /* behind the base of the address, from "/"; encoded */
    struct http_field query;  /* one parameter, not encoded; its name empty: none */
    const char *content_type; /* NULL: there is no body */
    struct slice body;        /* must stay until the reply */
    bool compressed;          /* it is gzip */
    size_t most_bytes;        /* of the reply's body */
    void (*replied)(void *context, const struct aws_reply *reply);
    void *context;
};
/* Never answers before it returns. */
void index_link_ask(struct index_link *link, const struct index_ask *ask);

#endif
