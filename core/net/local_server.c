/* net/local_server.h */
#include "net/local_server.h"
#include "base/alloc.h"
#include "base/buffer.h"
#include "base/os.h"
#include <errno.h>
#include <stdio.h>

/* How soon clients are accepted again when that failed. */
#define ACCEPT_AGAIN_MS 1000

struct local_client {
    struct local_server *server;
    int fd; /* -1: this place is free */
    bool asked;
    bool answered; /* its service knows it no more: what is pending goes, then it is closed */
    struct watch watch;
    struct timer patience;
    struct buffer pending; /* of a stream, behind what the socket took */
    struct watch room;     /* while something is pending */
    size_t length;
    char line[LOCAL_LINE_BYTES];
};

struct local_server {
    struct loop *loop;
    struct local_service service;
    int lock, listener;
    struct watch watch;
    struct timer again; /* the watch is off until then */
    char path[4096];
    struct local_client clients[LOCAL_CLIENTS];
};

static void close_client(struct local_client *client) {
    watch_stop(&client->watch);
    watch_stop(&client->room);
    timer_stop(&client->patience);
    buffer_free(&client->pending);
    os_close(client->fd);
    client->fd = -1;
}

static void drop_client(struct local_client *client) {
    const struct local_service *service = &client->server->service;
    bool waits = client->asked && !client->answered;
    close_client(client);
    if (waits) service->gone(service->context, client);
}

bool local_is_behind(const struct local_client *client) {
    return client->pending.length >= LOCAL_STREAM_BYTES;
}

/* To a client that has gone nothing goes; reading its socket tells of it. */
static void send_pending(struct local_client *client) {
    ssize_t sent = os_send_some(client->fd, buffer_slice(&client->pending));
    if (sent > 0)
        buffer_consume(&client->pending, (size_t)sent);
    else if (sent < 0 && errno != EAGAIN)
        client->pending.length = 0;
    if (client->pending.length == 0)
        watch_stop(&client->room);
    else if (client->room.loop == NULL)
        watch_writable(client->server->loop, &client->room, client->fd);
}

static void room_ready(struct watch *watch) {
    struct local_client *client = CONTAINER_OF(watch, struct local_client, room);
    const struct local_service *service = &client->server->service;
    send_pending(client);
    if (client->pending.length > 0) return;
    if (client->answered)
        close_client(client);
    else if (service->drained)
        service->drained(service->context, client);
}

bool local_send(struct local_client *client, struct slice line) {
    if (local_is_behind(client) || !buffer_reserve(&client->pending, line.length + 1)) return false;
    bool first = client->pending.length == 0;
    bool added =
        buffer_append(&client->pending, line) && buffer_append(&client->pending, SLICE("\n"));
    if (first) send_pending(client);
    return added;
}

void local_answer(struct local_client *client, struct slice line) {
    bool whole = local_send(client, line);
    client->answered = true;
    if (whole && client->pending.length > 0)
        timer_start(client->server->loop, &client->patience, LOCAL_PATIENCE_MS);
    else
        close_client(client);
}

size_t local_client_number(const struct local_client *client) {
    return (size_t)(client - client->server->clients);
}

/* One who has asked sends nothing more: what can be read then is the end. */
static void client_ready(struct watch *watch) {
    struct local_client *client = CONTAINER_OF(watch, struct local_client, watch);
    char *into = client->line + client->length;
    ssize_t got = os_read(client->fd, into, sizeof client->line - client->length);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0 || client->asked) {
        drop_client(client);
        return;
    }
    client->length += (size_t)got;
    const char *newline = memchr(into, '\n', (size_t)got);
    if (newline == NULL) {
        if (client->length == sizeof client->line) drop_client(client);
        return;
    }
    const struct local_service *service = &client->server->service;
    client->asked = true;
    timer_stop(&client->patience);
    client->length = 0; /* room to notice the end */
    service->asked(service->context, client,
                   slice_from(client->line, (size_t)(newline - client->line)));
}

static void client_late(struct timer *timer) {
    drop_client(CONTAINER_OF(timer, struct local_client, patience));
}

static struct local_client *free_client(struct local_server *server) {
    for (size_t i = 0; i < LOCAL_CLIENTS; i++)
        if (server->clients[i].fd < 0) return &server->clients[i];
    return NULL;
}

static void server_ready(struct watch *watch) {
    struct local_server *server = CONTAINER_OF(watch, struct local_server, watch);
    int fd = os_accept(server->listener);
    if (fd < 0 && errno != EAGAIN) {
        /* Without a descriptor to spare it would be ready at once, again and again. */
        watch_stop(watch);
        timer_start(server->loop, &server->again, ACCEPT_AGAIN_MS);
    }
    if (fd < 0) return;
    struct local_client *client = free_client(server);
    if (client == NULL) {
        os_close(fd);
        return;
    }
    client->fd = fd;
    client->asked = client->answered = false;
    client->length = 0;
    buffer_init(&client->pending, SIZE_MAX / 2);
    watch_readable(server->loop, &client->watch, fd);
    timer_start(server->loop, &client->patience, LOCAL_PATIENCE_MS);
}

static void server_again(struct timer *timer) {
    struct local_server *server = CONTAINER_OF(timer, struct local_server, again);
    watch_readable(server->loop, &server->watch, server->listener);
}

static bool listen_at(struct local_server *server, const char *folder, const char *name,
                      struct error *err) {
    server->lock = os_lock_folder(folder);
    if (server->lock < 0 && errno == EWOULDBLOCK)
        return error_set(err, ERROR_FAILED, "another linnet runs with the state folder %.400s",
                         folder);
    if (server->lock < 0)
        return error_set(err, ERROR_FAILED, "%.400s: cannot be used: %s", folder, strerror(errno));
    server->listener = os_listen_local(folder, name);
    if (server->listener >= 0) return true;
    return error_set(err, ERROR_FAILED, "%.400s/%s: cannot listen: %s", folder, name,
                     strerror(errno));
}

struct local_server *local_server_create(struct loop *loop, const char *folder, const char *name,
                                         const struct local_service *service, struct error *err) {
    struct local_server *server = memory_zeroed(1, sizeof *server);
    server->loop = loop;
    server->service = *service;
    server->lock = server->listener = -1;
    server->watch.ready = server_ready;
    server->again.fire = server_again;
    snprintf(server->path, sizeof server->path, "%s/%s", folder, name);
    for (size_t i = 0; i < LOCAL_CLIENTS; i++) {
        server->clients[i].server = server;
        server->clients[i].fd = -1;
        server->clients[i].watch.ready = client_ready;
        server->clients[i].room.ready = room_ready;
        server->clients[i].patience.fire = client_late;
    }
    if (listen_at(server, folder, name, err)) {
        watch_readable(loop, &server->watch, server->listener);
        return server;
    }
    if (server->lock >= 0) os_close(server->lock);
    memory_free(server);
    return NULL;
}

void local_server_destroy(struct local_server *server) {
    for (size_t i = 0; i < LOCAL_CLIENTS; i++)
        if (server->clients[i].fd >= 0) close_client(&server->clients[i]);
    watch_stop(&server->watch);
    timer_stop(&server->again);
    os_remove_file(server->path);
    os_close(server->listener);
    os_close(server->lock);
    memory_free(server);
}
