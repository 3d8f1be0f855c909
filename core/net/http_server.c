/* net/http_server.h on libmicrohttpd, whose epoll descriptor the loop watches; connections are
 * accepted here, so that limits and a lack of descriptors are ours to handle. */
#include "net/http_server.h"
#include "base/alloc.h"
#include "base/buffer.h"
#include "base/os.h"
#include <errno.h>
#include <microhttpd.h>
#include <strings.h>

/* When no descriptor was left, how soon another look is worth it. */
#define ACCEPT_AGAIN_MS 500

/* One connection. */
struct client {
    struct http_server *server;
    int fd;
    bool refused; /* one too many: all it gets is 503 */
    struct timer deadline;
    struct http_request *request; /* NULL: none under way */
    unsigned moves;               /* of its server's, when it came */
    struct client *next;
};

struct http_request {
    struct client *client;
    struct MHD_Connection *connection;
    struct slice method, path;
    struct buffer body;
    bool asked, too_long, waiting;
    struct MHD_Response *response; /* not sent yet */
    unsigned code;
};

struct http_server {
    struct loop *loop;
    struct http_service service;
    struct MHD_Daemon *daemon;
    struct watch ready, incoming;
    struct timer turn, accept_again;
    int listener; /* -1: none */
    unsigned port;
    unsigned moves; /* how often it listened anew */
    struct client *clients;
    struct http_counts counts;
};

/* ---- turns of the library ------------------------------------------------------------------- */

static void take_turn(struct http_server *server) {
    MHD_UNSIGNED_LONG_LONG wait_ms;
    MHD_run(server->daemon);
    if (MHD_get_timeout(server->daemon, &wait_ms) == MHD_YES)
        timer_start(server->loop, &server->turn, wait_ms);
    else
        timer_stop(&server->turn);
}

static void library_ready(struct watch *watch) {
    take_turn(CONTAINER_OF(watch, struct http_server, ready));
}

static void turn_due(struct timer *timer) {
    take_turn(CONTAINER_OF(timer, struct http_server, turn));
}

static void accept_more(struct http_server *server) {
    if (server->listener >= 0 && server->counts.clients < HTTP_CLIENTS + HTTP_REFUSED)
        watch_readable(server->loop, &server->incoming, server->listener);
}

static void incoming_ready(struct watch *watch) {
    struct http_server *server = CONTAINER_OF(watch, struct http_server, incoming);
    int fd = os_accept(server->listener);
    if (fd < 0) {
        if (errno == EAGAIN || errno == ECONNABORTED) return;
        watch_stop(watch); /* no descriptor is left: it would be ready for ever */
        timer_start(server->loop, &server->accept_again, ACCEPT_AGAIN_MS);
        return;
    }
    (void)MHD_add_connection(server->daemon, fd, NULL, 0); /* closes it when it fails */
    take_turn(server);
    if (server->counts.clients >= HTTP_CLIENTS + HTTP_REFUSED) watch_stop(watch);
}

static void accept_due(struct timer *timer) {
    accept_more(CONTAINER_OF(timer, struct http_server, accept_again));
}

/* ---- connections ----------------------------------------------------------------------------- */

static void client_late(struct timer *timer) {
    struct client *client = CONTAINER_OF(timer, struct client, deadline);
    client->server->counts.cut++;
    os_shut(client->fd); /* the library sees the end */
}

static void be_patient(struct client *client, uint64_t ms) {
    timer_start(client->server->loop, &client->deadline, ms);
}

static uint64_t patience_of(const struct client *client) {
    uint64_t patience_ms = client->server->service.patience_ms;
    if (client->refused) return HTTP_REFUSED_PATIENCE_MS;
    return patience_ms ? patience_ms : HTTP_PATIENCE_MS;
}

static struct client *client_add(struct http_server *server, int fd) {
    struct client *client = memory_zeroed(1, sizeof *client);
    *client = (struct client){ .server = server,
                               .fd = fd,
                               .refused = server->counts.clients >= HTTP_CLIENTS,
                               .deadline.fire = client_late,
                               .moves = server->moves,
                               .next = server->clients };
    server->clients = client;
    server->counts.clients++;
    be_patient(client, patience_of(client));
    return client;
}

static void client_remove(struct client *client) {
    struct http_server *server = client->server;
    struct client **link = &server->clients;
    while (*link != client)
        link = &(*link)->next;
    *link = client->next;
    timer_stop(&client->deadline);
    memory_free(client);
    server->counts.clients--;
    if (server->incoming.loop == NULL && server->accept_again.loop == NULL) accept_more(server);
}

static void connection_notice(void *context, struct MHD_Connection *connection, void **own,
                              enum MHD_ConnectionNotificationCode code) {
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        *own = client_add(
            context,
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd);
    else if (*own)
        client_remove(*own);
}

static struct client *client_of(struct MHD_Connection *connection) {
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* ---- requests -------------------------------------------------------------------------------- */

struct slice http_method(const struct http_request *request) { return request->method; }

struct slice http_path(const struct http_request *request) { return request->path; }

struct slice http_body(const struct http_request *request) { return buffer_slice(&request->body); }

struct looking {
    const char *name;
    struct slice value;
};

static enum MHD_Result look_at(void *context, enum MHD_ValueKind kind, const char *name,
                               const char *value) {
    struct looking *looking = context;
    (void)kind;
    if (strcasecmp(looking->name, name) != 0) return MHD_YES;
    looking->value = looking->value.data ? SLICE(",") : slice_of(value ? value : "");
    return MHD_YES;
}

struct slice http_header(const struct http_request *request, const char *name) {
    struct looking looking = { name, slice_from(NULL, 0) };
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, look_at, &looking);
    return looking.value;
}

void http_answer(struct http_request *request, const struct http_answer *answer) {
    struct MHD_Response *response = MHD_create_response_from_buffer(
        answer->body.length, (void *)answer->body.data, MHD_RESPMEM_MUST_COPY);
    for (const struct http_header *field = answer->headers; field && field->name; field++)
        (void)MHD_add_response_header(response, field->name, field->value);
    if (request->client->moves != request->client->server->moves || request->client->refused)
        (void)MHD_add_response_header(response, "Connection", "close");
    request->response = response;
    request->code = answer->code;
    be_patient(request->client, HTTP_READING_MS);
    if (!request->waiting) return;
    request->waiting = false;
    MHD_resume_connection(request->connection);
    timer_start(request->client->server->loop, &request->client->server->turn, 0);
}

static void refuse(struct http_request *request, unsigned code, struct slice body) {
    static const struct http_header headers[] = { { "Content-Type", "text/plain; charset=utf-8" },
                                                  { "Retry-After", "10" },
                                                  { NULL, NULL } };
    http_answer(request, &(struct http_answer){ code, body, code == 503 ? headers : NULL });
}

/* Hands the answer to the library, or has the connection wait for one. */
static enum MHD_Result go_on(struct http_request *request) {
    if (request->response) {
        enum MHD_Result result =
            MHD_queue_response(request->connection, request->code, request->response);
        MHD_destroy_response(request->response);
        request->response = NULL;
        return result;
    }
    if (!request->asked) return MHD_YES;
    request->waiting = true;
    timer_stop(&request->client->deadline);
    MHD_suspend_connection(request->connection);
    return MHD_YES;
}

static enum MHD_Result begin(struct http_server *server, struct MHD_Connection *connection,
                             const char *method, const char *path, void **own) {
    struct client *client = client_of(connection);
    struct http_request *request = memory_zeroed(1, sizeof *request);
    *request = (struct http_request){ .client = client,
                                      .connection = connection,
                                      .method = slice_of(method),
                                      .path = slice_of(path) };
    buffer_init(&request->body, HTTP_BODY_BYTES);
    *own = client->request = request;
    server->counts.requests++;
    server->counts.refused += client->refused;
    if (client->refused)
        refuse(request, 503, SLICE("too many clients\n"));
    else
        server->service.begun(server->service.context, request);
    return go_on(request);
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *bytes,
                              size_t *byte_count, void **own) {
    struct http_server *server = context;
    struct http_request *request = *own;
    (void)version;
    if (request == NULL) return begin(server, connection, method, path, own);
    if (*byte_count) {
        struct slice part = slice_from(bytes, *byte_count);
        request->too_long = request->too_long || !buffer_append(&request->body, part);
        *byte_count = 0;
        return MHD_YES;
    }
    if (request->asked) return go_on(request); /* it waited, and has its answer */
    request->asked = true;
    if (request->too_long)
        refuse(request, 413, SLICE("this body is too long\n"));
    else
        server->service.asked(server->service.context, request);
    return go_on(request);
}

static void request_ended(void *context, struct MHD_Connection *connection, void **own,
                          enum MHD_RequestTerminationCode code) {
    struct http_request *request = *own;
    (void)context, (void)connection, (void)code;
    if (request == NULL) return;
    struct client *client = request->client;
    if (request->response) MHD_destroy_response(request->response);
    buffer_free(&request->body);
    memory_free(request);
    *own = client->request = NULL;
    be_patient(client, patience_of(client));
}

/* Paths stay as they were sent. */
static size_t keep_as_sent(void *context, struct MHD_Connection *connection, char *text) {
    (void)context, (void)connection;
    return strlen(text);
}

/* ---- the server ------------------------------------------------------------------------------ */

struct http_server *http_server_create(struct loop *loop, const struct http_service *service) {
    struct http_server *server = memory_zeroed(1, sizeof *server);
    *server = (struct http_server){ .loop = loop,
                                    .service = *service,
                                    .listener = -1,
                                    .ready.ready = library_ready,
                                    .incoming.ready = incoming_ready,
                                    .turn.fire = turn_due,
                                    .accept_again.fire = accept_due };
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle,
        server, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_HEAD_BYTES,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)(HTTP_CLIENTS + HTTP_REFUSED),
        MHD_OPTION_NOTIFY_CONNECTION, connection_notice, server, MHD_OPTION_NOTIFY_COMPLETED,
        request_ended, server, MHD_OPTION_UNESCAPE_CALLBACK, keep_as_sent, NULL,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (server->daemon == NULL) {
        memory_free(server);
        return NULL;
    }
    watch_readable(loop, &server->ready,
                   MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd);
    return server;
}

void http_server_listen_nowhere(struct http_server *server) {
    watch_stop(&server->incoming);
    timer_stop(&server->accept_again);
    if (server->listener >= 0) os_close(server->listener);
    server->listener = -1;
    server->port = 0;
    server->moves++;
}

void http_server_destroy(struct http_server *server) {
    http_server_listen_nowhere(server);
    for (struct client *client = server->clients; client; client = client->next)
        if (client->request && client->request->waiting)
            MHD_resume_connection(client->request->connection);
    watch_stop(&server->ready);
    MHD_stop_daemon(server->daemon);
    timer_stop(&server->turn);
    memory_free(server);
}

bool http_server_listen(struct http_server *server, const struct address *address,
                        struct error *err) {
    http_server_listen_nowhere(server);
    server->listener = os_listen_tcp(address->bytes, address->length, address->port);
    if (server->listener < 0) return error_set(err, ERROR_FAILED, "%s", strerror(errno));
    server->port = os_port(server->listener);
    accept_more(server);
    return true;
}

unsigned http_server_port(const struct http_server *server) { return server->port; }

struct http_counts http_server_counts(const struct http_server *server) { return server->counts; }
