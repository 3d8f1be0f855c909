/* x/access.h: what X is asked, with which keys.
 *
 * Posts come with all that the dialect reads (post/dialect_x2.c): they cost the same. */
#include "base/base64.h"
#include "base/clock.h"
#include "base/date.h"
#include "net/oauth1.h"
#include "net/uri.h"
#include "x/access.h"
#include <stdio.h>

#define X2_FIELDS                                                                                  \
    "tweet.fields=attachments,author_id,conversation_id,created_at,edit_history_tweet_ids,"        \
    "entities,geo,in_reply_to_user_id,lang,note_tweet,possibly_sensitive,public_metrics,"          \
    "referenced_tweets&expansions=attachments.media_keys,author_id,geo.place_id,"                  \
    "in_reply_to_user_id,referenced_tweets.id,referenced_tweets.id.author_id&"                     \
    "user.fields=location,name,public_metrics,username,verified&media.fields=type&"                \
    "place.fields=country_code,full_name,geo"
#define STREAM_PATH "/2/tweets/search/stream"
#define SAMPLE_PATH "/2/tweets/sample/stream"
#define COMPLIANCE_PATH "/2/tweets/compliance/stream"
#define USERS_PATH "/2/users/compliance/stream"
#define SEARCH_PATH "/2/tweets/search/recent"
#define FILTER_PATH "/1.1/statuses/filter.json"
#define V1_FIELDS 7
/* Of a secret that is shorter no text is cleaned: it would be full of holes. */
#define SHORT_SECRET 6

const char *x_host(const struct x_access *access) {
    if (access->settings->host) return access->settings->host;
    return access->v1 ? "https://stream.twitter.com" : "https://api.x.com";
}

static void add_header(struct x_request *request, const char *name, struct slice value) {
    request->headers[request->header_count++] = (struct http_field){ slice_of(name), value };
}

static void begin(const struct x_access *access, struct x_request *request, const char *method,
                  const char *target, struct arena *arena) {
    const char *host = x_host(access);
    size_t length = strlen(host);
    bool slash = length > 0 && host[length - 1] == '/';
    *request = (struct x_request){
        .method = method,
        .url = arena_format(arena, "%.*s%s", (int)(length - slash), host, target).data,
    };
    add_header(request, "User-Agent", SLICE("linnet/" LINNET_VERSION));
}

struct x_request x_api_request(const struct x_access *access, const char *target, struct slice body,
                               struct arena *arena) {
    struct x_request request;
    begin(access, &request, body.length ? "POST" : "GET", target, arena);
    add_header(&request, "Authorization", ARENA_JOIN(arena, SLICE("Bearer "), x_bearer(access)));
    if (body.length) add_header(&request, "Content-Type", SLICE("application/json"));
    request.body = body;
    return request;
}

/* name=value&..., as a form. */
static struct slice form_of(const struct oauth1_field *fields, size_t count, struct arena *arena) {
    struct slice form = SLICE("");
    for (size_t i = 0; i < count; i++)
        form = ARENA_JOIN(arena, form, i ? SLICE("&") : SLICE(""), fields[i].name, SLICE("="),
                          uri_encode(fields[i].value, false, arena));
    return form;
}

static size_t v1_fields(const struct x_settings *settings, struct oauth1_field *fields) {
    const struct {
        const char *name, *value;
    } all[] = { { "track", settings->track },
                { "follow", settings->follow },
                { "locations", settings->locations },
                { "language", settings->lang },
                { "stall_warnings", "true" } };
    size_t count = 0;
    for (size_t i = 0; i < LENGTH(all); i++)
        if (all[i].value)
            fields[count++] =
                (struct oauth1_field){ slice_of(all[i].name), slice_of(all[i].value) };
    return count;
}

static struct x_request v1_request(const struct x_access *access, struct arena *arena) {
    const struct x_settings *settings = access->settings;
    const struct oauth1_keys keys = { secret_value(settings->key), secret_value(settings->secret),
                                      secret_value(settings->token),
                                      secret_value(settings->token_secret) };
    struct x_request request;
    struct oauth1_field fields[V1_FIELDS];
    size_t count = v1_fields(settings, fields);
    bool by_length = strcmp(settings->delimited, "length") == 0;
    begin(access, &request, "POST", FILTER_PATH, arena);
    struct slice form = form_of(fields, count, arena), url = slice_of(request.url);
    if (by_length) fields[count++] = (struct oauth1_field){ SLICE("delimited"), SLICE("length") };
    const struct oauth1_request signing = {
        .method = "POST",
        .url = url,
        .fields = fields,
        .field_count = count,
        .nonce = arena_format(arena, "%016llx%016llx", (unsigned long long)random_bits(),
                              (unsigned long long)random_bits()),
        .time_s = clock_wall_ms() / 1000,
    };
    if (by_length) request.url = ARENA_JOIN(arena, url, SLICE("?delimited=length")).data;
    request.body = form;
    add_header(&request, "Content-Type", SLICE("application/x-www-form-urlencoded"));
    add_header(&request, "Authorization", oauth1_authorization(&signing, &keys, arena));
    return request;
}

struct x_request x_stream_request(const struct x_access *access, unsigned backfill_minutes,
                                  struct arena *arena) {
    const struct x_settings *settings = access->settings;
    const char *target = STREAM_PATH "?" X2_FIELDS;
    if (access->v1) return v1_request(access, arena);
    if (strcmp(settings->stream, "sample") == 0) target = SAMPLE_PATH "?" X2_FIELDS;
    bool users = strcmp(settings->stream, "user_compliance") == 0;
    if (x_is_compliance(settings))
        target = arena_format(arena, "%s?partition=%d", users ? USERS_PATH : COMPLIANCE_PATH,
                              (int)settings->partition)
                     .data;
    if (backfill_minutes)
        target = arena_format(arena, "%s&backfill_minutes=%u", target, backfill_minutes).data;
    return x_api_request(access, target, SLICE(""), arena);
}

/* Whole seconds, which is what X takes. */
static struct slice second_of(int64_t ms, struct arena *arena) {
    char text[DATE_BYTES];
    date_write(ms, text);
    return arena_format(arena, "%.19sZ", text);
}

struct x_request x_recovery_request(const struct x_access *access, int64_t from_ms, int64_t to_ms,
                                    struct arena *arena) {
    struct slice target =
        arena_format(arena, "%s&start_time=%.*s&end_time=%.*s", STREAM_PATH "?" X2_FIELDS,
                     SLICE_ARGS(second_of(from_ms, arena)), SLICE_ARGS(second_of(to_ms, arena)));
    return x_api_request(access, target.data, SLICE(""), arena);
}

/* One end of a search. */
static struct slice bound(const char *by_id, uint64_t id, const char *by_time, int64_t ms,
                          struct arena *arena) {
    if (id) return arena_format(arena, "&%s=%llu", by_id, (unsigned long long)id);
    return arena_format(arena, "&%s=%.*s", by_time, SLICE_ARGS(second_of(ms, arena)));
}

struct x_request x_search_request(const struct x_access *access, const struct x_search *search,
                                  struct arena *arena) {
    struct slice target = arena_format(
        arena, "%s?query=%.*s%.*s%.*s&max_results=%u%s%.*s&%s", SEARCH_PATH,
        SLICE_ARGS(uri_encode(search->query, false, arena)),
        SLICE_ARGS(bound("since_id", search->since_id, "start_time", search->from_ms, arena)),
        SLICE_ARGS(bound("until_id", search->until_id, "end_time", search->to_ms, arena)),
        search->most, search->next.length ? "&next_token=" : "",
        SLICE_ARGS(uri_encode(search->next, false, arena)), X2_FIELDS);
    return x_api_request(access, target.data, SLICE(""), arena);
}

static struct slice basic_pair(const struct x_settings *settings, struct arena *arena) {
    struct slice pair =
        ARENA_JOIN(arena, uri_encode(secret_value(settings->key), false, arena), SLICE(":"),
                   uri_encode(secret_value(settings->secret), false, arena));
    return base64_text(pair, arena);
}

struct x_request x_token_request(const struct x_access *access, struct arena *arena) {
    struct x_request request;
    begin(access, &request, "POST", "/oauth2/token", arena);
    add_header(&request, "Authorization",
               ARENA_JOIN(arena, SLICE("Basic "), basic_pair(access->settings, arena)));
    add_header(&request, "Content-Type", SLICE("application/x-www-form-urlencoded;charset=UTF-8"));
    request.body = SLICE("grant_type=client_credentials");
    return request;
}

struct http_ask x_ask(const struct x_request *request) {
    return (struct http_ask){ .method = request->method,
                              .url = request->url,
                              .headers = request->headers,
                              .header_count = request->header_count,
                              .body = request->body,
                              .most_bytes = (size_t)64 * 1024,
                              .alone = true };
}

static void hide(char *text, size_t length, struct slice secret) {
    const char *end = text + length;
    if (secret.length < SHORT_SECRET) return;
    for (char *at; (at = memmem(text, (size_t)(end - text), secret.data, secret.length));) {
        memset(at, '*', secret.length);
        text = at + secret.length;
    }
}

static void hide_all(const struct x_access *access, char *text, size_t length) {
    const struct x_settings *settings = access->settings;
    struct arena arena;
    arena_init(&arena);
    const struct slice secrets[] = {
        x_bearer(access),
        secret_value(settings->key),
        secret_value(settings->secret),
        secret_value(settings->token),
        secret_value(settings->token_secret),
        settings->secret && !access->v1 ? basic_pair(settings, &arena) : SLICE(""),
    };
    for (size_t i = 0; i < LENGTH(secrets); i++)
        hide(text, length, secrets[i]);
    arena_free(&arena);
}

void x_hide_secrets(const struct x_access *access, char *text) {
    hide_all(access, text, strlen(text));
}

struct slice x_without_secrets(const struct x_access *access, struct slice text,
                               struct arena *arena) {
    struct slice copy = arena_copy(arena, text);
    hide_all(access, (char *)copy.data, copy.length);
    return copy;
}
