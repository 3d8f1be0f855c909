/* cli/dashboards.h: the import of saved objects over HTTP. */
#include "base/base64.h"
#include "base/os.h"
#include "cli/dashboards.h"
#include "cli/dashboards_reply.h"
#include "cli/print.h"
#include "config/certificates.h"
#include "config/secret.h"
#include "net/address.h"
#include "net/http_client.h"
#include <stdio.h>

#define IMPORT "/api/saved_objects/_import"
#define MOST_REPLY_BYTES ((size_t)8 << 20)
#define MOST_HEADERS 6

struct push {
    const char *url; /* as the user gave it, without a slash at its end */
    struct loop *loop;
    struct arena *arena;
    struct http_field headers[MOST_HEADERS];
    size_t header_count;
    bool overwrite;
    int code;
};

static void add_header(struct push *push, const char *name, struct slice value) {
    push->headers[push->header_count++] = (struct http_field){ slice_of(name), value };
}

/* ---- what is sent --------------------------------------------------------------------------- */

/* A file of a form, as a browser would send it. */
static struct slice make_form(struct push *push, struct slice objects) {
    struct slice mark = SLICE("linnet");
    for (unsigned i = 0; memmem(objects.data, objects.length, mark.data, mark.length); i++)
        mark = arena_format(push->arena, "linnet-%u", i);
    add_header(push, "content-type",
               ARENA_JOIN(push->arena, SLICE("multipart/form-data; boundary="), mark));
    return ARENA_JOIN(push->arena, SLICE("--"), mark,
                      SLICE("\r\ncontent-disposition: form-data; name=\"file\"; "
                            "filename=\"linnet.ndjson\"\r\ncontent-type: application/ndjson"
                            "\r\n\r\n"),
                      objects, SLICE("\r\n--"), mark, SLICE("--\r\n"));
}

/* What the flag names, to be released; NULL after the error was printed. */
static struct secret *read_secret(struct push *push, const char *flag, const char *where) {
    struct error err;
    char folder[4096];
    if (!os_current_folder(folder, sizeof folder)) folder[0] = '\0';
    struct secret *secret = secret_create(slice_of(where), folder, push->arena, &err);
    if (secret && secret_read(secret, NULL, &err)) return secret;
    complain("linnet dashboards: --%s: %s\n", flag, err.text);
    push->code = secret ? 1 : 2;
    return NULL;
}

static bool add_login(struct push *push, const char *where) {
    struct secret *secret = read_secret(push, "login", where);
    if (secret == NULL) return false;
    struct slice value = secret_value(secret);
    bool good = memchr(value.data, ':', value.length) != NULL;
    if (good) {
        add_header(push, "authorization",
                   ARENA_JOIN(push->arena, SLICE("Basic "), base64_text(value, push->arena)));
    } else {
        complain("linnet dashboards: --login: %s holds no NAME:PASSWORD\n", secret->where);
        push->code = 1;
    }
    secret_release(secret);
    return good;
}

static bool add_api_key(struct push *push, const char *where) {
    struct secret *secret = read_secret(push, "api-key", where);
    if (secret == NULL) return false;
    add_header(push, "authorization",
               ARENA_JOIN(push->arena, SLICE("ApiKey "), secret_value(secret)));
    secret_release(secret);
    return true;
}

static bool add_headers(struct push *push, const struct arguments *arguments) {
    const char *login = argument_value(arguments, FLAG_LOGIN);
    const char *key = argument_value(arguments, FLAG_API_KEY);
    const char *tenant = argument_value(arguments, FLAG_TENANT);
    if (login && key) {
        complain("linnet dashboards: --login or --api-key, not both\n");
        push->code = 2;
        return false;
    }
    /* Each of the two asks for its own one and lets the other one be. */
    add_header(push, "kbn-xsrf", SLICE("true"));
    add_header(push, "osd-xsrf", SLICE("true"));
    if (tenant) add_header(push, "securitytenant", slice_of(tenant));
    if (login) return add_login(push, login);
    return key == NULL || add_api_key(push, key);
}

/* Without slashes at its end; NULL after the error was printed. */
static const char *check_url(const char *url, struct arena *arena) {
    struct slice text = slice_of(url), plain = SLICE("http://"), secure = SLICE("https://");
    struct slice rest = slice_starts(text, plain)    ? slice_skip(text, plain.length)
                        : slice_starts(text, secure) ? slice_skip(text, secure.length)
                                                     : SLICE("");
    size_t host = rest.length ? strcspn(rest.data, "/") : 0;
    if (host == 0 || strpbrk(rest.data, "?# ")) {
        complain("linnet dashboards: push takes an address such as https://host:5601 or "
                 "https://host/_dashboards, not %s\n",
                 url);
        return NULL;
    }
    struct slice name;
    if (memchr(rest.data, '@', host)) {
        complain("linnet dashboards: no password in the address: others may read it; --login "
                 "file:PATH\n");
        return NULL;
    }
    if (!authority_read(slice_first(rest, host), &name)) {
        complain("linnet dashboards: %.*s: it takes a name or an address, and a port from 1 to "
                 "65535\n",
                 (int)host, rest.data);
        return NULL;
    }
    while (slice_ends(text, SLICE("/")))
        text.length--;
    return arena_copy(arena, text).data;
}

/* ---- what comes back ------------------------------------------------------------------------ */

static void replied(void *context, const struct http_reply *reply) {
    struct push *push = context;
    if (reply->outcome == HTTP_REPLIED)
        push->code = tell_import(push->url, reply->status, reply->body);
    else
        complain("linnet dashboards: %s: %s\n", push->url, reply->reason);
    loop_stop(push->loop);
}

static void import(struct push *push, const char *ca_file, struct slice objects) {
    struct error err;
    struct slice body = make_form(push, objects);
    push->loop = loop_create();
    struct http_client *client = http_client_create(push->loop, ca_file, 1, &err);
    if (client == NULL) {
        push->code = complain_error(&err);
    } else {
        struct http_ask ask = {
            .method = "POST",
            .url = arena_format(push->arena, "%s" IMPORT "%s", push->url,
                                push->overwrite ? "?overwrite=true" : "")
                       .data,
            .headers = push->headers,
            .header_count = push->header_count,
            .body = body,
            .most_bytes = MOST_REPLY_BYTES,
            .replied = replied,
            .context = push,
        };
        (void)http_call_start(client, &ask);
        loop_run(push->loop);
        http_client_destroy(client);
    }
    loop_destroy(push->loop);
}

static bool has_certificates(const char *ca_file) {
    struct error err;
    if (ca_file == NULL || certificates_check("--ca", ca_file, &err)) return true;
    complain("linnet dashboards: %s\n", err.text);
    return false;
}

int dashboards_push(const struct arguments *arguments, const char *url, struct slice objects) {
    struct arena arena;
    arena_init(&arena);
    struct push push = { .arena = &arena, .overwrite = arguments->given[FLAG_OVERWRITE] };
    push.url = check_url(url, &arena);
    push.code = push.url ? 1 : 2;
    const char *ca_file = argument_value(arguments, FLAG_CA);
    if (push.url && has_certificates(ca_file) && add_headers(&push, arguments))
        import(&push, ca_file, objects);
    arena_free(&arena);
    return push.code;
}
