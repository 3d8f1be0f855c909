/* web/web.h */
#include "web/web.h"
#include "base/alloc.h"
#include "base/log.h"
#include "web/exposition.h"
#include "web/guard.h"
#include "json/writer.h"
#include <stdio.h>

/* When the port is another's. */
#define LISTEN_AGAIN_MS 5000
#define METRICS_BYTES ((size_t)8 << 20)

/* A request that waits for the outcome of a reload. */
struct waiting {
    struct reload_wait wait;
    struct web *web;
    struct http_request *request;
    struct waiting *next;
};

struct web {
    struct instance *instance;
    struct http_server *server;
    struct arena arena; /* of the settings */
    const struct http_settings *settings;
    struct guard guard;
    struct timer listen_again;
    struct waiting *waiting;
};

/* ---- answers --------------------------------------------------------------------------------- */

#define TEXT "text/plain; charset=utf-8"

static void answer(struct http_request *request, unsigned code, const char *type,
                   struct slice body) {
    const struct http_header headers[] = {
        { "Content-Type", type },
        { "Cache-Control", "no-store" },
        { "X-Content-Type-Options", "nosniff" },
        { "Referrer-Policy", "no-referrer" },
        { "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'" },
        { code == 401   ? "WWW-Authenticate"
          : code == 405 ? "Allow"
          : code == 503 ? "Retry-After"
                        : NULL,
          code == 401   ? "Bearer"
          : code == 405 ? (slice_is(http_path(request), "/-/reload") ? "POST" : "GET, HEAD")
                        : "5" },
        { NULL, NULL },
    };
    http_answer(request, &(struct http_answer){ code, body, headers });
}

static void answer_health(struct web *web, struct http_request *request) {
    (void)web;
    answer(request, 200, TEXT, SLICE("ok\n"));
}

static struct slice reasons_of(const struct vitals *vitals, struct arena *arena) {
    struct slice all = SLICE("");
    for (size_t i = 0; i < vitals->unready_count; i++) {
        const struct unready *unready = &vitals->unready[i];
        struct writer writer;
        writer_init(&writer, arena, 256);
        write_object(&writer);
        write_text_member(&writer, "what", slice_of(unready->what));
        write_text_member(&writer, "name", slice_of(unready->name));
        write_text_member(&writer, "reason", slice_of(unready->reason));
        write_object_end(&writer);
        all =
            arena_format(arena, "%.*s%.*s\n", SLICE_ARGS(all), SLICE_ARGS(writer_finish(&writer)));
    }
    return all;
}

/* The reasons name sources: they are for who has the token. */
static void answer_readiness(struct web *web, struct http_request *request) {
    struct vitals vitals;
    struct arena arena;
    vitals_take(web->instance, &vitals);
    arena_init(&arena);
    if (vitals.unready_count == 0)
        answer(request, 200, TEXT, SLICE("ready\n"));
    else if (guard_knows(&web->guard, http_header(request, "Authorization")))
        answer(request, 503, "application/x-ndjson", reasons_of(&vitals, &arena));
    else
        answer(request, 503, TEXT, SLICE("not ready\n"));
    arena_free(&arena);
}

static void answer_metrics(struct web *web, struct http_request *request) {
    struct vitals vitals;
    struct buffer text;
    vitals_take(web->instance, &vitals);
    struct process_use process = process_look();
    struct http_counts http = http_server_counts(web->server);
    buffer_init(&text, METRICS_BYTES);
    if (metrics_write(&text, web->instance, &vitals, &process, &http))
        answer(request, 200, "text/plain; version=0.0.4; charset=utf-8", buffer_slice(&text));
    else
        answer(request, 500, TEXT, SLICE("there are too many sources and sinks\n"));
    buffer_free(&text);
}

static void forget(struct waiting *waiting) {
    struct waiting **link = &waiting->web->waiting;
    while (*link != waiting)
        link = &(*link)->next;
    *link = waiting->next;
    memory_free(waiting);
}

static void reload_ended(struct reload_wait *wait, const struct reload_status *status) {
    struct waiting *waiting = CONTAINER_OF(wait, struct waiting, wait);
    struct arena arena;
    char shown[2048];
    arena_init(&arena);
    if (status->err.kind == ERROR_NONE) {
        struct slice text = arena_format(&arena, "generation %llu after %.3f s\n%s\n",
                                         (unsigned long long)status->generation,
                                         status->took_ms / 1000, status->report);
        answer(waiting->request, 200, TEXT, text);
    } else {
        size_t length = error_print(&status->err, shown, sizeof shown);
        unsigned code = status->err.kind == ERROR_FAILED ? 500 : 400;
        answer(waiting->request, code, TEXT, slice_from(shown, MIN(length, sizeof shown - 1)));
    }
    arena_free(&arena);
    forget(waiting);
}

static void answer_reload(struct web *web, struct http_request *request) {
    struct waiting *waiting = memory_zeroed(1, sizeof *waiting);
    *waiting = (struct waiting){
        .wait.answer = reload_ended, .web = web, .request = request, .next = web->waiting
    };
    web->waiting = waiting;
    reloader_request_answered(web->instance->reloader, &waiting->wait);
}

static void answer_list(struct web *web, struct http_request *request);

/* ---- endpoints ------------------------------------------------------------------------------- */

static const struct endpoint {
    const char *path;
    bool changes; /* by POST, else GET */
    bool open;    /* without the token too */
    void (*answer)(struct web *web, struct http_request *request);
    const char *help;
} endpoints[] = {
    { "/", false, false, answer_list, "this list" },
    { "/healthz", false, true, answer_health, "200: the process answers" },
    { "/readyz", false, true, answer_readiness,
      "200: sources are connected and the spool accepts; 503 with what is not" },
    { "/metrics", false, false, answer_metrics, "for Prometheus" },
    { "/-/reload", true, false, answer_reload, "reads the configuration again" },
};

static void answer_list(struct web *web, struct http_request *request) {
    struct arena arena;
    arena_init(&arena);
    struct slice text = arena_format(&arena, "linnet %s\n\n", web->instance->version);
    for (size_t i = 0; i < LENGTH(endpoints); i++)
        text = arena_format(&arena, "%.*s%-4s %-10s %s\n", SLICE_ARGS(text),
                            endpoints[i].changes ? "POST" : "GET", endpoints[i].path,
                            endpoints[i].help);
    answer(request, 200, TEXT, text);
    arena_free(&arena);
}

static const struct endpoint *endpoint_of(const struct http_request *request) {
    for (size_t i = 0; i < LENGTH(endpoints); i++)
        if (slice_is(http_path(request), endpoints[i].path)) return &endpoints[i];
    return NULL;
}

static bool fits(const struct endpoint *endpoint, struct slice method) {
    if (endpoint->changes) return slice_is(method, "POST");
    return slice_is(method, "GET") || slice_is(method, "HEAD");
}

static void begun(void *context, struct http_request *request) {
    struct web *web = context;
    const struct endpoint *endpoint = endpoint_of(request);
    struct knock knock = { .method = http_method(request),
                           .host = http_header(request, "Host"),
                           .origin = http_header(request, "Origin"),
                           .site = http_header(request, "Sec-Fetch-Site"),
                           .upgrade = http_header(request, "Upgrade"),
                           .authorization = http_header(request, "Authorization"),
                           .own = http_header(request, "X-Linnet"),
                           .open = endpoint && endpoint->open };
    const char *reason;
    unsigned code = guard_judge(&web->guard, &knock, &reason);
    if (code)
        answer(request, code, TEXT, slice_of(reason));
    else if (endpoint == NULL)
        answer(request, 404, TEXT, SLICE("there is nothing here; / lists what there is\n"));
    else if (!fits(endpoint, http_method(request)))
        answer(request, 405, TEXT, SLICE("this method does nothing here\n"));
}

static void asked(void *context, struct http_request *request) {
    endpoint_of(request)->answer(context, request);
}

/* ---- where it listens ------------------------------------------------------------------------ */

/* Writes "127.0.0.1:7711" with the port that it got. */
static void tell(struct web *web) {
    struct instance *instance = web->instance;
    struct slice said = slice_of(web->settings->listen);
    size_t host = said.length;
    while (host > 0 && said.data[host - 1] != ':')
        host--;
    unsigned port = http_server_port(web->server);
    if (port)
        snprintf(instance->http, sizeof instance->http, "%.*s%u", (int)host, said.data, port);
    else
        snprintf(instance->http, sizeof instance->http, "%s", web->settings->listen);
}

static void listen_now(struct web *web) {
    struct instance *instance = web->instance;
    struct address address;
    struct error err;
    bool again = instance->http_trouble[0] != '\0';
    timer_stop(&web->listen_again);
    http_server_listen_nowhere(web->server);
    instance->http_trouble[0] = '\0';
    if (http_address(web->settings, &address) && !http_server_listen(web->server, &address, &err)) {
        snprintf(instance->http_trouble, sizeof instance->http_trouble, "%.140s", err.text);
        timer_start(instance->loop, &web->listen_again, LISTEN_AGAIN_MS);
    }
    tell(web);
    if (instance->http_trouble[0] && !again)
        log_warning("http", "%s: %s; tried again every %d seconds", instance->http,
                    instance->http_trouble, LISTEN_AGAIN_MS / 1000);
    if (http_server_port(web->server)) log_info("http", "http://%s/", instance->http);
}

static void listen_due(struct timer *timer) {
    listen_now(CONTAINER_OF(timer, struct web, listen_again));
}

static void take_settings(struct web *web, const struct http_settings *settings) {
    struct address address;
    arena_init(&web->arena);
    web->settings = options_copy(&http_options, settings, &web->arena);
    web->guard.token = secret_value(web->settings->token);
    web->guard.local = http_address(web->settings, &address) && address_is_local(&address);
}

static void drop_settings(struct web *web) {
    options_release(&http_options, web->settings);
    arena_free(&web->arena);
}

void web_adopt(struct web *web, const struct http_settings *settings) {
    bool moves = strcmp(web->settings->listen, settings->listen) != 0;
    drop_settings(web);
    take_settings(web, settings);
    if (!moves) return;
    web->instance->http_trouble[0] = '\0';
    listen_now(web);
}

struct web *web_create(struct instance *instance, const struct http_settings *settings) {
    struct web *web = memory_zeroed(1, sizeof *web);
    struct http_service service = { .begun = begun, .asked = asked, .context = web };
    web->instance = instance;
    web->listen_again.fire = listen_due;
    web->server = http_server_create(instance->loop, &service);
    if (web->server == NULL) {
        memory_free(web);
        return NULL;
    }
    take_settings(web, settings);
    listen_now(web);
    return web;
}

void web_destroy(struct web *web) {
    while (web->waiting) {
        reloader_take_back(web->instance->reloader, &web->waiting->wait);
        forget(web->waiting);
    }
    timer_stop(&web->listen_again);
    http_server_destroy(web->server);
    drop_settings(web);
    memory_free(web);
}
