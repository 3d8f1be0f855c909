/* What a user sets of a source x. */
#ifndef X_SETTINGS_H
#define X_SETTINGS_H

#include "config/option.h"
#include "config/secret.h"

struct x_settings {
    const char *api, *host, *ca;
    struct secret *bearer, *key, *secret, *token, *token_secret;
    const char *track, *follow, *locations, *lang, *delimited; /* v1.1 */
    const char *stream, *rules, *backfill;
    int64_t partition;
    int64_t backfill_after_ms;
    double price, budget_day, budget_month;
    bool insecure;
    int64_t stall_ms; /* 0: as the API says */
};

#define X_OPTIONS 23
extern const struct option x_options[X_OPTIONS];

/* Whether they fit each other. */
bool x_settings_check(const void *settings, struct error *err) MUST_CHECK;

/* The stream whose posts rules choose. */
static inline bool x_is_filtered(const struct x_settings *settings) {
    return strcmp(settings->api, "2") == 0 && strcmp(settings->stream, "filtered") == 0;
}

/* Its rules are to be those of the queries. */
static inline bool x_keeps_rules(const struct x_settings *settings) {
    return x_is_filtered(settings) && strcmp(settings->rules, "sync") == 0;
}

/* A stream that brings no posts. */
static inline bool x_is_compliance(const struct x_settings *settings) {
    return strstr(settings->stream, "compliance") != NULL;
}

static inline bool x_is_v1(const struct x_settings *settings) {
    return strcmp(settings->api, "1.1") == 0;
}

#endif
