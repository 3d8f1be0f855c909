/* x/settings.h */
#include "x/settings.h"
#include <stdlib.h>

#define TRACK_TERMS 400
#define TRACK_BYTES 60
#define FOLLOW_IDS 5000
#define BOXES 25
#define HOUR_MS 3600000

const struct option x_options[X_OPTIONS] = {
    { .name = "api",
      .type = OPTION_CHOICE,
      .offset = offsetof(struct x_settings, api),
      .standard = "2",
      .choices = "2|1.1",
      .help = "2: the filtered stream; 1.1: statuses/filter, of servers that still speak it" },
    { .name = "host",
      .type = OPTION_TEXT,
      .offset = offsetof(struct x_settings, host),
      .standard = "",
      .help = "where it is asked, https://api.x.com (1.1: https://stream.twitter.com)" },
    { .name = "bearer",
      .type = OPTION_SECRET,
      .offset = offsetof(struct x_settings, bearer),
      .standard = "",
      .help = "api 2: the app's bearer token, as X shows it" },
    { .name = "key",
      .type = OPTION_SECRET,
      .offset = offsetof(struct x_settings, key),
      .standard = "",
      .help = "the app's key; with secret, api 2 fetches a bearer token itself" },
    { .name = "secret",
      .type = OPTION_SECRET,
      .offset = offsetof(struct x_settings, secret),
      .standard = "",
      .help = "the app's secret" },
    { .name = "token",
      .type = OPTION_SECRET,
      .offset = offsetof(struct x_settings, token),
      .standard = "",
      .help = "api 1.1: the user's access token" },
    { .name = "token_secret",
      .type = OPTION_SECRET,
      .offset = offsetof(struct x_settings, token_secret),
      .standard = "",
      .help = "api 1.1: the secret of that token" },
    { .name = "stream",
      .type = OPTION_CHOICE,
      .offset = offsetof(struct x_settings, stream),
      .standard = "filtered",
      .choices = "filtered|sample|compliance|user_compliance",
      .help = "api 2: posts that rules find; one of a hundred; or (where the account has it) which "
              "posts were deleted, which users are gone or want their places forgotten" },
    { .name = "partition",
      .type = OPTION_INTEGER,
      .offset = offsetof(struct x_settings, partition),
      .standard = "1",
      .lowest = 1,
      .highest = 4,
      .help = "of the streams of compliance: which of their four parts" },
    { .name = "rules",
      .type = OPTION_CHOICE,
      .offset = offsetof(struct x_settings, rules),
      .standard = "sync",
      .choices = "sync|off",
      .help = "api 2: keep X's rules as the configuration's queries want them, or leave them" },
    { .name = "backfill",
      .type = OPTION_CHOICE,
      .offset = offsetof(struct x_settings, backfill),
      .standard = "search",
      .choices = "search|minutes|recovery|off",
      .help = "api 2: how a gap is closed: by recent search; where the account has it, up to 5 "
              "minutes by the stream itself, with recovery up to 24 hours, too; or it stays" },
    { .name = "backfill_after",
      .type = OPTION_DURATION,
      .offset = offsetof(struct x_settings, backfill_after_ms),
      .standard = "30s",
      .lowest = 0,
      .highest = HOUR_MS,
      .help = "search so long after the stream is back: before, X may not find its posts" },
    { .name = "price",
      .type = OPTION_NUMBER,
      .offset = offsetof(struct x_settings, price),
      .standard = "0",
      .lowest = 0,
      .highest = 1000,
      .help = "api 2: what one post costs, in the budgets' currency" },
    { .name = "budget_day",
      .type = OPTION_NUMBER,
      .offset = offsetof(struct x_settings, budget_day),
      .standard = "0",
      .lowest = 0,
      .highest = 1e9,
      .help = "api 2: to be spent on a day (UTC): warns at 80%, reads a sample from 90%, then "
              "waits; what came with its last post, and the ten that a search takes at least, may "
              "pass it; 0: no limit" },
    { .name = "budget_month",
      .type = OPTION_NUMBER,
      .offset = offsetof(struct x_settings, budget_month),
      .standard = "0",
      .lowest = 0,
      .highest = 1e9,
      .help = "api 2: the same for a month" },
    { .name = "track",
      .type = OPTION_LIST,
      .offset = offsetof(struct x_settings, track),
      .standard = "",
      .help = "api 1.1: any of these, each of words that must all be there; at most 400" },
    { .name = "follow",
      .type = OPTION_LIST,
      .offset = offsetof(struct x_settings, follow),
      .standard = "",
      .help = "api 1.1: posts of these users, by their numbers; at most 5,000" },
    { .name = "locations",
      .type = OPTION_LIST,
      .offset = offsetof(struct x_settings, locations),
      .standard = "",
      .help = "api 1.1: boxes: west, south, east, north of each; at most 25" },
    { .name = "lang",
      .type = OPTION_LIST,
      .offset = offsetof(struct x_settings, lang),
      .standard = "",
      .help = "api 1.1: of all this, posts in these languages only" },
    { .name = "delimited",
      .type = OPTION_CHOICE,
      .offset = offsetof(struct x_settings, delimited),
      .standard = "newline",
      .choices = "newline|length",
      .help = "api 1.1: how posts are told apart on the wire" },
    { .name = "ca_file",
      .type = OPTION_PATH,
      .offset = offsetof(struct x_settings, ca),
      .standard = "",
      .help = "certificates (PEM) to believe instead of the system's",
      .certificates = true },
    { .name = "insecure",
      .type = OPTION_BOOLEAN,
      .offset = offsetof(struct x_settings, insecure),
      .standard = "false",
      .help = "allow http:// to other machines, where everybody on the way reads the keys" },
    { .name = "stall",
      .type = OPTION_DURATION,
      .offset = offsetof(struct x_settings, stall_ms),
      .standard = "0",
      .lowest = 0,
      .highest = HOUR_MS,
      .help = "connect again after so long a silence; 0: 21s, for api 1.1 90s" },
};

static bool refuse(struct error *err, const char *text) {
    return error_set(err, ERROR_CONFIG, "%s", text);
}

/* The next of what commas separate; false after the last. */
static bool next_item(struct slice *list, struct slice *item) {
    if (list->data == NULL) return false;
    const char *comma = list->length ? memchr(list->data, ',', list->length) : NULL;
    size_t length = comma ? (size_t)(comma - list->data) : list->length;
    *item = slice_trim(slice_first(*list, length));
    *list = comma ? slice_skip(*list, length + 1) : slice_from(NULL, 0);
    return true;
}

static bool check_track(const char *track, struct error *err) {
    struct slice list = slice_of(track), term;
    size_t count = 0;
    while (next_item(&list, &term)) {
        if (term.length == 0 || term.length > TRACK_BYTES)
            return error_set(err, ERROR_CONFIG, "track: \"%.*s\" has not 1 to %d bytes",
                             SLICE_ARGS(slice_first(term, 80)), TRACK_BYTES);
        if (++count > TRACK_TERMS) return refuse(err, "track takes at most 400 terms");
    }
    return true;
}

static bool check_follow(const char *follow, struct error *err) {
    struct slice list = slice_of(follow), id;
    size_t count = 0;
    while (next_item(&list, &id)) {
        bool number = id.length > 0 && id.length <= 20;
        for (size_t i = 0; i < id.length; i++)
            number &= id.data[i] >= '0' && id.data[i] <= '9';
        if (!number)
            return error_set(err, ERROR_CONFIG, "follow: \"%.*s\" is no user's number",
                             SLICE_ARGS(slice_first(id, 40)));
        if (++count > FOLLOW_IDS) return refuse(err, "follow takes at most 5,000 users");
    }
    return true;
}

/* One side of a box: west, south, east or north. */
static bool read_side(struct slice item, double limit, double *side) {
    char text[32], *end;
    if (item.length == 0 || item.length >= sizeof text) return false;
    memcpy(text, item.data, item.length);
    text[item.length] = '\0';
    *side = strtod(text, &end);
    return *end == '\0' && *side >= -limit && *side <= limit;
}

static bool check_locations(const char *locations, struct error *err) {
    struct slice list = slice_of(locations), item;
    double sides[4];
    size_t count = 0;
    while (next_item(&list, &item)) {
        if (!read_side(item, count % 2 ? 90 : 180, &sides[count % 4]))
            return error_set(err, ERROR_CONFIG, "locations: \"%.*s\" is no %s",
                             SLICE_ARGS(slice_first(item, 40)),
                             count % 2 ? "latitude" : "longitude");
        bool whole = ++count % 4 == 0;
        if (whole && (sides[0] >= sides[2] || sides[1] >= sides[3]))
            return refuse(err, "locations: a box is west, south, east, north, in this order");
    }
    if (count % 4) return refuse(err, "locations: a box has four numbers");
    return count <= BOXES * 4 || refuse(err, "locations takes at most 25 boxes");
}

/* An option that says nothing where it stands. */
struct misplaced {
    const char *name;
    bool set;
};

static bool refuse_misplaced(const struct misplaced *options, size_t count, const char *api,
                             struct error *err) {
    for (size_t i = 0; i < count; i++)
        if (options[i].set)
            return error_set(err, ERROR_CONFIG, "%s is for api %s", options[i].name, api);
    return true;
}

static bool is_of_v1(const struct x_settings *settings, struct error *err) {
    const struct misplaced others[] = {
        { "stream", strcmp(settings->stream, "filtered") != 0 },
        { "partition", settings->partition != 1 },
        { "rules", strcmp(settings->rules, "sync") != 0 },
        { "backfill", strcmp(settings->backfill, "search") != 0 },
        { "price", settings->price > 0 },
        { "budget_day", settings->budget_day > 0 },
        { "budget_month", settings->budget_month > 0 },
    };
    return refuse_misplaced(others, LENGTH(others), "2", err);
}

static bool is_of_v2(const struct x_settings *settings, struct error *err) {
    const struct misplaced others[] = {
        { "track", settings->track },
        { "follow", settings->follow },
        { "locations", settings->locations },
        { "lang", settings->lang },
        { "token", settings->token },
        { "token_secret", settings->token_secret },
        { "delimited", strcmp(settings->delimited, "newline") != 0 },
    };
    if (refuse_misplaced(others, LENGTH(others), "1.1", err)) return true;
    if (settings->track || settings->lang)
        error_suggest(err, "for api 2 the configuration's own track says what is wanted");
    return false;
}

static bool check_v1(const struct x_settings *settings, struct error *err) {
    if (!settings->key || !settings->secret || !settings->token || !settings->token_secret)
        return refuse(err, "api 1.1 needs key, secret, token and token_secret");
    if (settings->bearer) return refuse(err, "api 1.1 takes no bearer token");
    if (!settings->track && !settings->follow && !settings->locations)
        return refuse(err, "api 1.1 needs track, follow or locations");
    return is_of_v1(settings, err) && (!settings->track || check_track(settings->track, err)) &&
           (!settings->follow || check_follow(settings->follow, err)) &&
           (!settings->locations || check_locations(settings->locations, err));
}

static bool check_budget(const struct x_settings *settings, struct error *err) {
    bool budget = settings->budget_day > 0 || settings->budget_month > 0;
    if (!budget || settings->price > 0) return true;
    return error_set(err, ERROR_CONFIG, "%s needs price: what one post costs",
                     settings->budget_day > 0 ? "budget_day" : "budget_month");
}

static bool check_backfill(const struct x_settings *settings, struct error *err) {
    bool recovery = strcmp(settings->backfill, "recovery") == 0;
    if (!recovery || x_is_filtered(settings)) return true;
    return refuse(err, "backfill = \"recovery\" is for the filtered stream");
}

static bool check_v2(const struct x_settings *settings, struct error *err) {
    bool pair = settings->key && settings->secret;
    if (!is_of_v2(settings, err)) return false;
    if (settings->bearer && (settings->key || settings->secret))
        return refuse(err, "either bearer, or key and secret");
    if (settings->bearer || pair)
        return check_backfill(settings, err) && check_budget(settings, err);
    refuse(err, "it needs bearer, or key and secret");
    error_suggest(err, "bearer = secret \"file:x.token\"");
    return false;
}

/* http:// is for this machine. */
static bool is_loopback(struct slice host) {
    static const char *const own[] = { "127.0.0.1", "localhost", "[::1]" };
    for (size_t i = 0; i < LENGTH(own); i++) {
        size_t length = strlen(own[i]);
        if (!slice_starts(host, slice_of(own[i]))) continue;
        if (host.length == length || host.data[length] == ':' || host.data[length] == '/')
            return true;
    }
    return false;
}

/* Nothing that a URL has only encoded. */
static bool is_bare(struct slice text) {
    for (size_t i = 0; i < text.length; i++)
        if (text.data[i] <= ' ' || text.data[i] > '~' || strchr("@?#\\", text.data[i]))
            return false;
    return true;
}

/* Takes ":PORT" off the end; false when that is no port. */
static bool take_port(struct slice *name) {
    size_t end = name->length, port = 0;
    while (end > 0 && name->data[end - 1] >= '0' && name->data[end - 1] <= '9')
        end--;
    if (end == 0 || name->data[end - 1] != ':') return true;
    for (size_t i = end; i < name->length && port <= 65535; i++)
        port = port * 10 + (size_t)(name->data[i] - '0');
    *name = slice_first(*name, end - 1);
    return port > 0 && port <= 65535;
}

/* NAME, NAME:PORT, [ADDRESS]:PORT, with or without a path. */
static bool is_place(struct slice text) {
    const char *slash = text.length ? memchr(text.data, '/', text.length) : NULL;
    struct slice name = slash ? slice_first(text, (size_t)(slash - text.data)) : text;
    if (slice_starts(name, SLICE("[")) && slice_ends(name, SLICE("]"))) return name.length > 2;
    if (!take_port(&name) || name.length == 0) return false;
    if (slice_starts(name, SLICE("["))) return name.length > 2 && slice_ends(name, SLICE("]"));
    return memchr(name.data, ':', name.length) == NULL;
}

static bool check_host(const struct x_settings *settings, struct error *err) {
    struct slice host = slice_of(settings->host), plain = SLICE("http://");
    if (settings->host == NULL) return true;
    const char *name = strstr(settings->host, "://");
    bool bare = is_bare(host) && name && is_place(slice_of(name + 3));
    if (bare && slice_starts(host, SLICE("https://"))) return true;
    if (!bare || !slice_starts(host, plain))
        return refuse(err, "host takes https://NAME or http://NAME, and nothing but a path behind");
    if (settings->insecure || is_loopback(slice_skip(host, plain.length))) return true;
    refuse(err, "host: over http:// everybody on the way reads the keys");
    error_suggest(err, "write https://, or insecure = true");
    return false;
}

bool x_settings_check(const void *settings, struct error *err) {
    const struct x_settings *x = settings;
    return (x_is_v1(x) ? check_v1(x, err) : check_v2(x, err)) && check_host(x, err);
}
