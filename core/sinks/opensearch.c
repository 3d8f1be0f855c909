/* Sink "opensearch": an index of OpenSearch or Elasticsearch, a document a post, by its `_id`;
 * edits replace, deletes remove, repeats change nothing. Here are its options; it works in
 * index/sink.h. */
#include "index/sink.h"
#include "net/uri.h"
#include "sinks/registry.h"

#define AT(member) offsetof(struct index_settings, member)

static const struct option options[] = {
    { .name = "url",
      .type = OPTION_TEXT,
      .offset = AT(url),
      .help = "the server, https://HOST[:PORT][/PATH]; its last part is the index, unless index "
              "says it" },
    { .name = "index",
      .type = OPTION_TEXT,
      .offset = AT(index),
      .standard = "",
      .help = "the index; it may hold the date of a post: posts-!{timestamp:yyyy.MM.dd}" },
    { .name = "auth",
      .type = OPTION_CHOICE,
      .offset = AT(auth),
      .standard = "none",
      .choices = "none|basic|api_key|aws",
      .help = "who asks: nobody, a user, a key, or keys of AWS, by a signature" },
    { .name = "user",
      .type = OPTION_TEXT,
      .offset = AT(user),
      .standard = "",
      .help = "of auth basic" },
    { .name = "password",
      .type = OPTION_SECRET,
      .offset = AT(password),
      .standard = "",
      .help = "of auth basic" },
    { .name = "key",
      .type = OPTION_SECRET,
      .offset = AT(key),
      .standard = "",
      .help = "of auth api_key: as the server gave it, ID:KEY or that encoded" },
    AWS_SIGNING_OPTIONS(struct index_settings, aws),
    { .name = "service",
      .type = OPTION_CHOICE,
      .offset = AT(service),
      .standard = "auto",
      .choices = "auto|es|aoss",
      .help = "of auth aws: a domain (es) or a serverless collection (aoss); the address tells" },
    { .name = "ca_file",
      .type = OPTION_PATH,
      .offset = AT(aws.ca_file),
      .standard = "",
      .help = "certificates (PEM) to trust instead of the system's",
      .certificates = true },
    { .name = "gzip",
      .type = OPTION_BOOLEAN,
      .offset = AT(gzip),
      .standard = "false",
      .help = "requests are compressed" },
    { .name = "manage",
      .type = OPTION_BOOLEAN,
      .offset = AT(manage),
      .standard = "true",
      .help = "linnet makes the index and its template and sets the schema's mapping" },
    { .name = "time",
      .type = OPTION_TEXT,
      .offset = AT(time),
      .standard = "",
      .help = "the member whose date the index's name takes; else created, or timestamp" },
    { .name = "requests",
      .type = OPTION_INTEGER,
      .offset = AT(requests),
      .standard = "8",
      .lowest = 1,
      .highest = 64,
      .help = "how many may be under way, at most; a slow or busy server gets fewer" },
    { .name = "timeout",
      .type = OPTION_DURATION,
      .offset = AT(timeout_ms),
      .standard = "60s",
      .lowest = 1000,
      .highest = 3600000,
      .help = "how long a request may be without an answer" },
};

/* A login that nothing uses would make linnet ask as nobody. */
static bool check_auth(const struct index_settings *given, struct error *err) {
    bool basic = strcmp(given->auth, "basic") == 0, api_key = strcmp(given->auth, "api_key") == 0;
    if (basic && !(given->user && given->password))
        return error_set(err, ERROR_CONFIG, "auth \"basic\" takes user and password");
    if (api_key && given->key == NULL)
        return error_set(err, ERROR_CONFIG, "auth \"api_key\" takes key");
    if (!basic && (given->user || given->password))
        return error_set(err, ERROR_CONFIG, "%s is of auth \"basic\", and auth is \"%s\"",
                         given->user ? "user" : "password", given->auth);
    if (!api_key && given->key)
        return error_set(err, ERROR_CONFIG, "key is of auth \"api_key\", and auth is \"%s\"",
                         given->auth);
    return true;
}

static bool check(const void *settings, struct error *err) {
    const struct index_settings *given = settings;
    struct index_place place;
    struct arena arena;
    arena_init(&arena);
    bool good = index_place_read(given->url, given->index, &arena, &place, err);
    arena_free(&arena);
    if (!good || !aws_settings_check(&given->aws, err)) return false;
    return check_auth(given, err);
}

static bool fits(const struct part_config *part, struct error *err) {
    const struct index_settings *given = part->settings;
    struct index_place place;
    struct arena arena;
    arena_init(&arena);
    bool good = index_place_read(given->url, given->index, &arena, &place, err) &&
                (place.date.length == 0 ||
                 index_place_member(given->time, part->schema_name, part->mapping, err));
    arena_free(&arena);
    return good;
}

const struct sink_ops opensearch_sink = {
    .kind = { .name = "opensearch",
              .argument = "url",
              .help = "an index of OpenSearch or Elasticsearch",
              .also = "elasticsearch|elastic|kibana",
              .options = { options, LENGTH(options), sizeof(struct index_settings) },
              .mapped = true,
              .check = check,
              .fits = fits },
    .create = index_sink_create,
    .deliver = index_sink_deliver,
    .destroy = index_sink_destroy,
    .online = { index_online_begin, index_online_end },
};
