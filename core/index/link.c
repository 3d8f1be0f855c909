/* index/link.h */
#include "index/link.h"
#include "base/alloc.h"
#include "base/base64.h"

#define AOSS_HOST SLICE(".aoss.amazonaws.com")
#define ES_HOST SLICE(".es.amazonaws.com")
#define MOST_HEADERS 3

struct index_link {
    const struct index_settings *settings;
    struct index_place place;
    struct aws_client *client;
    struct arena arena;
    struct slice authorization; /* empty: nothing, or a signature */
    struct slice service, region;
    bool signs;
};

/* What "Authorization:" takes. A key is as the server printed it: "id:key", or that encoded. */
static struct slice authorization_of(const struct index_settings *settings, struct arena *arena) {
    struct slice plain, scheme = SLICE("Basic ");
    if (strcmp(settings->auth, "basic") == 0)
        plain = ARENA_JOIN(arena, slice_of(settings->user), SLICE(":"),
                           slice_trim(secret_value(settings->password)));
    else if (strcmp(settings->auth, "api_key") == 0) {
        plain = slice_trim(secret_value(settings->key));
        scheme = SLICE("ApiKey ");
        if (plain.length == 0 || !memchr(plain.data, ':', plain.length))
            return ARENA_JOIN(arena, scheme, plain);
    } else
        return SLICE("");
    return ARENA_JOIN(arena, scheme, base64_text(plain, arena));
}

/* "search-posts-abc.eu-west-1.es.amazonaws.com" tells its region; empty: it does not. */
static struct slice region_of_host(struct slice host) {
    struct slice ending = slice_ends(host, AOSS_HOST) ? AOSS_HOST : ES_HOST;
    if (!slice_ends(host, ending)) return SLICE("");
    host.length -= ending.length;
    size_t at = host.length;
    while (at && host.data[at - 1] != '.')
        at--;
    return slice_skip(host, at);
}

static void set_signing(struct index_link *link) {
    const struct index_settings *settings = link->settings;
    link->signs = strcmp(settings->auth, "aws") == 0;
    link->region =
        settings->aws.region ? slice_of(settings->aws.region) : region_of_host(link->place.host);
    link->service = slice_of(settings->service);
    if (slice_is(link->service, "auto"))
        link->service = slice_ends(link->place.host, AOSS_HOST) ? SLICE("aoss") : SLICE("es");
}

struct index_link *index_link_create(struct loop *loop, const struct index_settings *settings,
                                     const struct index_place *place, unsigned threads,
                                     struct error *err) {
    struct index_link *link = memory_zeroed(1, sizeof *link);
    arena_init(&link->arena);
    link->settings = settings;
    link->place = *place;
    set_signing(link);
    struct aws_client_options options =
        aws_settings_options(&settings->aws, (unsigned)settings->requests, threads);
    options.endpoint = arena_copy(&link->arena, place->origin).data;
    options.anonymous = !link->signs;
    link->authorization = authorization_of(settings, &link->arena);
    link->client = aws_client_create(loop, &options, err);
    if (link->client) return link;
    index_link_destroy(link);
    return NULL;
}

void index_link_destroy(struct index_link *link) {
    if (link->client) aws_client_destroy(link->client);
    arena_free(&link->arena);
    memory_free(link);
}

bool index_link_is_aoss(const struct index_link *link) { return slice_is(link->service, "aoss"); }

void index_link_ask(struct index_link *link, const struct index_ask *ask) {
    struct http_field headers[MOST_HEADERS];
    size_t count = 0;
    struct arena mark = link->arena;
    if (ask->content_type)
        headers[count++] =
            (struct http_field){ SLICE("content-type"), slice_of(ask->content_type) };
    if (ask->compressed)
        headers[count++] = (struct http_field){ SLICE("content-encoding"), SLICE("gzip") };
    if (link->authorization.length)
        headers[count++] = (struct http_field){ SLICE("authorization"), link->authorization };
    uint32_t timeout_ms = (uint32_t)link->settings->timeout_ms;
    const struct aws_ask asked = {
        .method = ask->method,
        .origin = link->place.origin,
        .path = ARENA_JOIN(&link->arena, link->place.base, ask->path),
        .query = &ask->query,
        .query_count = ask->query.name.length > 0,
        .headers = headers,
        .header_count = count,
        .body = ask->body,
        .payload_hash = link->signs ? SLICE("") : SLICE(SIGV4_UNSIGNED),
        .service = link->service,
        .region = link->region,
        .style = index_link_is_aoss(link) ? SIGV4_PAYLOAD_HEADER : 0,
        .stall_ms = timeout_ms,
        .total_ms = timeout_ms * 2,
        .most_bytes = ask->most_bytes,
        .replied = ask->replied,
        .context = ask->context,
    };
    (void)!aws_call_start(link->client, &asked);
    arena_rewind(&link->arena, mark);
}
