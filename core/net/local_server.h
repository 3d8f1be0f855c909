/* Serves one line for one line, or a stream of lines, on a local socket: the control socket of a
 * running linnet.
 *
 * On the loop thread. A client sends one line, gets one line and is closed, or gets lines until it
 * leaves. At most LOCAL_CLIENTS at a time; one that sends no line within LOCAL_PATIENCE_MS, or too
 * long a one, is closed without an answer. Nobody waits for a client that does not read. */
#ifndef NET_LOCAL_SERVER_H
#define NET_LOCAL_SERVER_H

#include "base/error.h"
#include "base/slice.h"
#include "net/loop.h"

#define LOCAL_CLIENTS 16
#define LOCAL_PATIENCE_MS 5000
#define LOCAL_LINE_BYTES 65536 /* of a request, with its newline */
/* What may wait for the client of a stream; one line more may. */
#define LOCAL_STREAM_BYTES ((size_t)512 << 10)

struct local_server;
struct local_client;

struct local_service {
    /* `line` is without its newline and may hold anything. Answers now or later, once. */
    void (*asked)(void *context, struct local_client *client, struct slice line);
    /* A client that was not answered yet, or has a stream, has gone. */
    void (*gone)(void *context, struct local_client *client);
    /* The client of a stream took all that waited for it. NULL: nobody wants to know. */
    void (*drained)(void *context, struct local_client *client);
    void *context;
};

/* Listens at FOLDER/NAME. NULL with *err; another process that holds the folder keeps its socket.
 */
struct local_server *local_server_create(struct loop *loop, const char *folder, const char *name,
                                         const struct local_service *service,
                                         struct error *err) MUST_CHECK;
/* Closes all clients without `gone`, and removes the socket. */
void local_server_destroy(struct local_server *server);
/* Sends `line` and a newline, and closes; the client is gone afterwards, for its service. What the
 * socket does not take at once it is given LOCAL_PATIENCE_MS to read. */
void local_answer(struct local_client *client, struct slice line);
/* The same of one line of a stream, which goes on. False, and nothing is sent, when the client is
 * behind. */
bool local_send(struct local_client *client, struct slice line) MUST_CHECK;
/* Whether the client is behind. */
bool local_is_behind(const struct local_client *client);
/* The number of the client, below LOCAL_CLIENTS: for what its service keeps of it. */
size_t local_client_number(const struct local_client *client);

#endif
