/* cli/top_ask.h */
#include "cli/top_ask.h"
#include "base/os.h"
#include "flow/control.h"

#define MAX_ANSWER_BYTES ((size_t)4 << 20)
#define READ_BYTES ((size_t)65536)
/* For what the system does at once, unless the other side is stopped. */
#define SEND_PATIENCE_MS 500

static void hang_up(struct top_ask *ask) {
    watch_stop(&ask->watch);
    timer_stop(&ask->patience);
    if (ask->fd >= 0) os_close(ask->fd);
    ask->fd = -1;
}

static void give_up(struct top_ask *ask, bool running) {
    hang_up(ask);
    ask->answered(ask, (struct slice){ 0 }, running);
}

static void impatient(struct timer *timer) {
    give_up(CONTAINER_OF(timer, struct top_ask, patience), true);
}

static void readable(struct watch *watch) {
    struct top_ask *ask = CONTAINER_OF(watch, struct top_ask, watch);
    ssize_t got = -1;
    if (buffer_reserve(&ask->line, READ_BYTES))
        got = os_read(ask->fd, ask->line.data + ask->line.length, READ_BYTES);
    if (got <= 0) {
        give_up(ask, got < 0);
        return;
    }
    ask->line.length += (size_t)got;
    if (ask->line.data[ask->line.length - 1] != '\n') return;
    hang_up(ask);
    ask->answered(ask, slice_from(ask->line.data, ask->line.length - 1), true);
}

void top_ask_init(struct top_ask *ask) {
    ask->fd = -1;
    ask->watch.ready = readable;
    ask->patience.fire = impatient;
    buffer_init(&ask->line, MAX_ANSWER_BYTES);
}

void top_ask_start(struct top_ask *ask, struct slice request) {
    if (ask->fd >= 0) return;
    ask->line.length = 0;
    ask->fd = os_connect_local(ask->folder, CONTROL_SOCKET, SEND_PATIENCE_MS);
    if (ask->fd < 0 || !os_send(ask->fd, request)) {
        give_up(ask, false);
        return;
    }
    watch_readable(ask->loop, &ask->watch, ask->fd);
    timer_start(ask->loop, &ask->patience, ask->patience_ms);
}

void top_ask_end(struct top_ask *ask) {
    hang_up(ask);
    buffer_free(&ask->line);
}
