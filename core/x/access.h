/* What X is asked, with which keys: requests, and the bearer token of an app that gives key and
 * secret (OAuth 2.0, "Application-Only"). On the loop thread. */
#ifndef X_ACCESS_H
#define X_ACCESS_H

#include "net/http_client.h"
#include "x/settings.h"
#include "x/verdict.h"

struct x_access {
    const struct x_settings *settings;
    struct http_client *client;
    bool v1;
    struct x_token *token;  /* NULL: the settings have it, or it is not there yet */
    struct http_call *call; /* that fetches one */
    void (*fetched)(void *context, const struct x_verdict *verdict);
    void *context;
};

/* False with *err. */
bool x_access_open(struct x_access *access, const struct x_settings *settings, struct loop *loop,
                   struct error *err) MUST_CHECK;
void x_access_close(struct x_access *access);

#define X_MOST_HEADERS 4
struct x_request {
    const char *method, *url;
    struct http_field headers[X_MOST_HEADERS];
    size_t header_count;
    struct slice body;
};
/* All in the arena, which holds keys afterwards. */
struct x_request x_stream_request(const struct x_access *access, unsigned backfill_minutes,
                                  struct arena *arena);
/* The filtered stream's posts of a span of the last day once more. */
struct x_request x_recovery_request(const struct x_access *access, int64_t from_ms, int64_t to_ms,
                                    struct arena *arena);
/* Posts of the last days that `query` finds, a page of them, newest first. */
struct x_search {
    struct slice query;
    int64_t from_ms, to_ms;
    uint64_t since_id; /* only later ones, instead of `from_ms`; 0: not said */
    uint64_t until_id; /* only earlier ones, instead of `to_ms`; 0: not said */
    unsigned most;     /* on the page */
    struct slice next; /* which page; empty: the first */
};
struct x_request x_search_request(const struct x_access *access, const struct x_search *search,
                                  struct arena *arena);
/* Of API 2: `target` is a path with its query; with a body a POST of JSON. */
struct x_request x_api_request(const struct x_access *access, const char *target, struct slice body,
                               struct arena *arena);
struct x_request x_token_request(const struct x_access *access, struct arena *arena);
/* All that is not about the caller; the request's body must stay until the reply. */
struct http_ask x_ask(const struct x_request *request);
/* What a reply means that is not what was asked for. */
struct x_verdict x_reply_judge(const struct x_access *access, const struct http_reply *reply);

/* Tells host and keys from others, and nothing of what they are. */
uint32_t x_access_digest(const struct x_access *access);
/* The settings' host, or X's own. */
const char *x_host(const struct x_access *access);
/* Takes secrets out of a text that somebody else wrote. */
void x_hide_secrets(const struct x_access *access, char *text);
/* A copy of it: what is shortened afterwards shows no part of a secret. */
struct slice x_without_secrets(const struct x_access *access, struct slice text,
                               struct arena *arena);

struct slice x_bearer(const struct x_access *access);
/* Whether a token has to be fetched first. */
bool x_token_missing(const struct x_access *access);
/* Calls `fetched`, with a verdict when there is none to be had, unless it is closed before. */
void x_token_fetch(struct x_access *access,
                   void (*fetched)(void *context, const struct x_verdict *verdict), void *context);
/* It is not good any more. */
void x_token_forget(struct x_access *access);

#endif
