/* net/http_client.h on libcurl's multi interface. */
#include "net/http_client.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/links.h"
#include "net/http_breaker.h"
#include <curl/curl.h>
#include <stdio.h>

#define CONNECT_MS 10000
#define STALL_MS 30000
#define CONTINUE_MS                                                                                \
    2000 /* a server that does not answer "Expect: 100-continue" gets the body then */
#define IDLE_CONNECTIONS 64
#define MOST_HEADER_BYTES ((size_t)256 * 1024)
#define MOST_HOSTS 64
#define HOST_BYTES 264 /* of "name:port" with its NUL */

struct host {
    char name[HOST_BYTES];
    struct breaker breaker;
    unsigned calls; /* under way */
};

struct http_client {
    struct loop *loop;
    char *ca_file;
    CURLM *multi;
    struct timer timer;      /* when libcurl wants to be called */
    struct timer rest;       /* answers calls to hosts that rest */
    struct http_call *calls; /* all that are under way */
    struct host hosts[MOST_HOSTS];
};

struct http_call {
    struct http_client *client;
    struct http_ask ask; /* its method, url and headers are libcurl's by now */
    CURL *easy;
    struct curl_slist *headers;
    struct host *host; /* NULL: there is no place for another */
    struct buffer body;
    size_t header_bytes;
    bool headed; /* a head has come to its end; fields may come behind a body, too */
    bool too_long;
    bool resting; /* nothing is sent, it is answered in the next round */
    bool trying;  /* it finds out for others whether the host is back */
    char said[CURL_ERROR_SIZE];
    struct http_call *next, **link;
};

/* ---- sockets and timers of libcurl ---- */

struct socket {
    struct watch in, out;
    struct http_client *client;
    curl_socket_t fd;
};

static void answer_ended(struct http_client *client);

static void act(struct http_client *client, curl_socket_t fd, int event) {
    int running;
    curl_multi_socket_action(client->multi, fd, event, &running);
    answer_ended(client);
}

static void socket_in(struct watch *watch) {
    struct socket *socket = CONTAINER_OF(watch, struct socket, in);
    act(socket->client, socket->fd, CURL_CSELECT_IN);
}

static void socket_out(struct watch *watch) {
    struct socket *socket = CONTAINER_OF(watch, struct socket, out);
    act(socket->client, socket->fd, CURL_CSELECT_OUT);
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *known) {
    struct http_client *client = context;
    struct socket *socket = known;
    (void)easy;
    if (socket) {
        watch_stop(&socket->in);
        watch_stop(&socket->out);
    }
    if (what == CURL_POLL_REMOVE) {
        memory_free(socket);
        curl_multi_assign(client->multi, fd, NULL);
        return 0;
    }
    if (socket == NULL) {
        socket = memory_zeroed(1, sizeof *socket);
        *socket = (struct socket){
            .in.ready = socket_in, .out.ready = socket_out, .client = client, .fd = fd
        };
        curl_multi_assign(client->multi, fd, socket);
    }
    if (what & CURL_POLL_IN) watch_readable(client->loop, &socket->in, fd);
    if (what & CURL_POLL_OUT) watch_writable(client->loop, &socket->out, fd);
    return 0;
}

static void timer_fired(struct timer *timer) {
    struct http_client *client = CONTAINER_OF(timer, struct http_client, timer);
    act(client, CURL_SOCKET_TIMEOUT, 0);
}

static int set_timer(CURLM *multi, long delay_ms, void *context) {
    struct http_client *client = context;
    (void)multi;
    if (delay_ms < 0)
        timer_stop(&client->timer);
    else
        timer_start(client->loop, &client->timer, (uint64_t)delay_ms);
    return 0;
}

/* ---- what comes ---- */

static long status_of(const struct http_call *call) {
    long status = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context) {
    struct http_call *call = context;
    bool ends = bytes[0] == '\r' || bytes[0] == '\n', had = call->headed;
    if (slice_starts(slice_from(bytes, size * count), SLICE("HTTP/"))) had = call->headed = false;
    call->headed |= ends;
    call->header_bytes += size * count;
    call->too_long = call->header_bytes > MOST_HEADER_BYTES;
    if (call->too_long) return 0;
    if (call->headed && !had && call->ask.headed && status_of(call) / 100 == 2)
        call->ask.headed(call->ask.context, call);
    return size * count;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
    struct http_call *call = context;
    struct slice piece = slice_from(bytes, size * count);
    if (call->ask.piece && status_of(call) / 100 == 2) {
        if (call->ask.full && call->ask.full(call->ask.context)) return CURL_WRITEFUNC_PAUSE;
        return call->ask.piece(call->ask.context, piece) ? piece.length : CURL_WRITEFUNC_ERROR;
    }
    call->too_long = !buffer_append(&call->body, piece);
    return call->too_long ? CURL_WRITEFUNC_ERROR : piece.length;
}

/* ---- one call ---- */

static void call_free(struct http_call *call) {
    LINK_OUT(call);
    if (call->host) call->host->calls--;
    curl_multi_remove_handle(call->client->multi, call->easy);
    curl_easy_cleanup(call->easy);
    curl_slist_free_all(call->headers);
    buffer_free(&call->body);
    memory_free(call);
}

/* Nothing reached the server: it cannot have done anything. */
static bool is_unreachable(CURLcode code) {
    switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_PROXY: return true;
    default: return false;
    }
}

static enum http_outcome outcome_of(const struct http_call *call, CURLcode code) {
    curl_off_t sent = 0;
    if (call->resting) return HTTP_RESTING;
    if (call->too_long) return HTTP_TOO_LONG;
    /* To libcurl a head that ends with the connection is one. */
    if (code == CURLE_OK) return call->headed ? HTTP_REPLIED : HTTP_CUT;
    curl_easy_getinfo(call->easy, CURLINFO_PRETRANSFER_TIME_T, &sent);
    return is_unreachable(code) || sent == 0 ? HTTP_UNREACHABLE : HTTP_CUT;
}

static const char *reason_of(const struct http_call *call, CURLcode code) {
    if (call->resting) return "it failed too often lately and is left alone for a while";
    if (call->too_long) return "the reply is longer than it may be";
    if (code == CURLE_OK) return "the reply was cut off";
    return call->said[0] ? call->said : curl_easy_strerror(code);
}

static void note_host(struct http_call *call, enum http_outcome outcome, int status) {
    bool failed = outcome == HTTP_UNREACHABLE || outcome == HTTP_CUT || status / 100 == 5;
    if (call->host == NULL || call->resting || call->ask.alone) return;
    call->trying = false;
    breaker_note(&call->host->breaker, failed, clock_monotonic_ns(), random_bits());
}

static void answer(struct http_call *call, CURLcode code) {
    struct http_reply reply = { .outcome = outcome_of(call, code),
                                .body = buffer_slice(&call->body),
                                .call = call };
    if (reply.outcome == HTTP_REPLIED)
        reply.status = (int)status_of(call);
    else
        reply.reason = reason_of(call, code);
    note_host(call, reply.outcome, reply.status);
    call->ask.replied(call->ask.context, &reply);
    call_free(call);
}

/* What libcurl is done with. A callback may start and cancel others. */
static void answer_ended(struct http_client *client) {
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(client->multi, &left));) {
        struct http_call *call;
        if (message->msg != CURLMSG_DONE) continue;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
        answer(call, code);
    }
}

static void rest_fired(struct timer *timer) {
    struct http_client *client = CONTAINER_OF(timer, struct http_client, rest);
    struct http_call *call = client->calls;
    while (call && !call->resting)
        call = call->next;
    if (call == NULL) return;
    timer_start(client->loop, timer, 0); /* for the next one */
    answer(call, CURLE_OK);
}

void http_call_cancel(struct http_call *call) {
    if (call->trying) breaker_forget(&call->host->breaker);
    call_free(call);
}

void http_call_go_on(struct http_call *call) { curl_easy_pause(call->easy, CURLPAUSE_CONT); }

int http_call_status(const struct http_call *call) { return (int)status_of(call); }

struct slice http_call_header(const struct http_call *call, const char *name) {
    struct curl_header *header;
    CURLHcode code = curl_easy_header(call->easy, name, 0, CURLH_HEADER, -1, &header);
    return code == CURLHE_OK ? slice_of(header->value) : slice_from(NULL, 0);
}

struct slice http_reply_header(const struct http_reply *reply, const char *name) {
    return http_call_header(reply->call, name);
}

/* ---- hosts ---- */

/* "name:port" of a URL; false when it has none, or too long a one. */
static bool name_host(const char *url, char name[HOST_BYTES]) {
    char *host = NULL, *port = NULL;
    CURLU *parts = curl_url();
    bool good = parts && curl_url_set(parts, CURLUPART_URL, url, CURLU_PATH_AS_IS) == CURLUE_OK &&
                curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
                curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
                snprintf(name, HOST_BYTES, "%s:%s", host, port) < HOST_BYTES;
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parts);
    return good;
}

/* One that is known, else the place of one that nobody asks; NULL: there is none. */
static struct host *find_host(struct http_client *client, const char *url) {
    char name[HOST_BYTES];
    struct host *idle = NULL;
    if (!name_host(url, name)) return NULL;
    for (size_t i = 0; i < MOST_HOSTS; i++) {
        struct host *host = &client->hosts[i];
        if (strcmp(host->name, name) == 0) return host;
        bool better = idle == NULL || host->breaker.failures < idle->breaker.failures;
        if (host->calls == 0 && better) idle = host;
    }
    if (idle == NULL) return NULL;
    *idle = (struct host){ 0 };
    memcpy(idle->name, name, sizeof name);
    return idle;
}

/* ---- starting ---- */

static void set_text(struct http_call *call, CURLoption option, const char *text) {
    curl_easy_setopt(call->easy, option, text);
}

static void set_number(struct http_call *call, CURLoption option, long number) {
    curl_easy_setopt(call->easy, option, number);
}

/* A header of libcurl's own that nobody gave is sent by nobody. */
static void set_headers(struct http_call *call, const struct http_ask *ask) {
    struct arena arena;
    arena_init(&arena);
    call->headers = curl_slist_append(NULL, "Accept:");
    call->headers = curl_slist_append(call->headers, "Content-Type:");
    for (size_t i = 0; i < ask->header_count; i++) {
        const struct http_field *field = &ask->headers[i];
        const char *colon = field->value.length ? ": " : ";"; /* as libcurl wants an empty one */
        struct slice line = ARENA_JOIN(&arena, field->name, slice_of(colon), field->value);
        call->headers = curl_slist_append(call->headers, line.data);
    }
    arena_free(&arena);
    curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
}

static void set_limits(struct http_call *call, const struct http_ask *ask) {
    uint32_t stall_ms = ask->stall_ms ? ask->stall_ms : STALL_MS;
    set_number(call, CURLOPT_CONNECTTIMEOUT_MS, ask->connect_ms ? ask->connect_ms : CONNECT_MS);
    set_number(call, CURLOPT_LOW_SPEED_LIMIT, 1);
    set_number(call, CURLOPT_LOW_SPEED_TIME, MAX(stall_ms / 1000, 1u));
    set_number(call, CURLOPT_TIMEOUT_MS, ask->total_ms);
    set_number(call, CURLOPT_EXPECT_100_TIMEOUT_MS, CONTINUE_MS);
}

static void set_body(struct http_call *call, const struct http_ask *ask) {
    bool head = strcmp(ask->method, "HEAD") == 0;
    set_text(call, CURLOPT_CUSTOMREQUEST, ask->method);
    set_number(call, CURLOPT_NOBODY, head);
    if (head || (ask->body.length == 0 && strcmp(ask->method, "GET") == 0)) return;
    curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)ask->body.length);
    curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, ask->body.length ? ask->body.data : "");
}

static void set_up(struct http_call *call, const struct http_ask *ask) {
    set_text(call, CURLOPT_URL, ask->url);
    set_text(call, CURLOPT_PROTOCOLS_STR, "http,https");
    set_number(call, CURLOPT_PATH_AS_IS, 1);
    set_number(call, CURLOPT_NOSIGNAL, 1);
    set_number(call, CURLOPT_QUICK_EXIT, 1); /* what is over waits for no name server */
    set_number(call, CURLOPT_FOLLOWLOCATION, 0);
    set_number(call, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1); /* a proxy's answer is no head */
    if (ask->direct) set_text(call, CURLOPT_NOPROXY, "*");
    if (ask->compressed) set_text(call, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    if (call->client->ca_file) set_text(call, CURLOPT_CAINFO, call->client->ca_file);
    set_limits(call, ask);
    set_body(call, ask);
    set_headers(call, ask);
    curl_easy_setopt(call->easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(call->easy, CURLOPT_ERRORBUFFER, call->said);
    curl_easy_setopt(call->easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(call->easy, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(call->easy, CURLOPT_WRITEDATA, call);
}

struct http_call *http_call_start(struct http_client *client, const struct http_ask *ask) {
    struct http_call *call = memory_zeroed(1, sizeof *call);
    *call = (struct http_call){
        .client = client, .ask = *ask, .easy = curl_easy_init(), .host = find_host(client, ask->url)
    };
    LINK_IN(call, &client->calls);
    buffer_init(&call->body, ask->most_bytes);
    if (call->host) call->host->calls++;
    if (call->host && !ask->alone) {
        struct breaker *breaker = &call->host->breaker;
        call->resting = !breaker_allows(breaker, clock_monotonic_ns());
        call->trying = !call->resting && breaker->trying;
    }
    if (call->resting) {
        timer_start(client->loop, &client->rest, 0);
        return call;
    }
    set_up(call, ask);
    curl_multi_add_handle(client->multi, call->easy);
    return call;
}

/* ---- the client ---- */

struct http_client *http_client_create(struct loop *loop, const char *ca_file, unsigned connections,
                                       struct error *err) {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        error_set(err, ERROR_FAILED, "libcurl cannot be used");
        return NULL;
    }
    struct http_client *client = memory_zeroed(1, sizeof *client);
    client->loop = loop;
    client->ca_file = ca_file ? memory_copy_text(ca_file) : NULL;
    client->timer.fire = timer_fired;
    client->rest.fire = rest_fired;
    client->multi = curl_multi_init();
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)connections);
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)IDLE_CONNECTIONS);
    return client;
}

void http_client_destroy(struct http_client *client) {
    while (client->calls)
        http_call_cancel(client->calls);
    curl_multi_cleanup(client->multi);
    timer_stop(&client->timer);
    timer_stop(&client->rest);
    memory_free(client->ca_file);
    memory_free(client);
    curl_global_cleanup();
}
