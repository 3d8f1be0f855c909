/* Source "x": posts of X as they are written: the filtered stream of API v2, or statuses/filter of
 * API 1.1 for servers that still speak it.
 *
 * Its position is what it remembers, see x_memory.h. Posts that come twice are told apart by their
 * ids, as everywhere. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "sources/registry.h"
#include "sources/x_internal.h"
#include "sources/x_online.h"
#include <stdio.h>

static void *create(const void *settings, struct source_port *port, struct error *err) {
    struct x *x = memory_zeroed(1, sizeof *x);
    *x = (struct x){ .settings = settings, .port = port };
    if (!x_access_open(&x->access, settings, source_loop(port), err)) {
        memory_free(x);
        return NULL;
    }
    x_take_init(x);
    x_stream_init(x);
    x_match_init(x);
    x_fill_init(x);
    x_thrift_init(x);
    return x;
}

/* It goes on with the waits of the run before. */
static void start(void *self, struct slice position) {
    struct x *x = self;
    int64_t now_ms = clock_wall_ms();
    bool known = x_memory_read(position, now_ms, &x->memory);
    uint64_t wait_ms = known && x->memory.until_ms ? (uint64_t)(x->memory.until_ms - now_ms) : 0;
    x->ladder = x->memory.ladder;
    if (x->memory.gap_ms == 0) x->memory.gap_ms = x->memory.heard_ms;
    snprintf(x->reason, sizeof x->reason, "not connected yet");
    source_gap(x->port, 0, x->reason);
    if (wait_ms > 1000)
        log_info("x", "connects in %.3g s, as the run before was told", (double)wait_ms / 1000);
    x_connect_soon(x, wait_ms);
}

static void resume(void *self) {
    struct x *x = self;
    if (x->done) return;
    x_take(x);
    if (!x->done) x_fill_go_on(x);
}

static void stop(void *self) {
    struct x *x = self;
    x->done = true;
    x_close(x);
}

static void landed(void *self) {
    struct x *x = self;
    if (!x->urgent || x->done) return;
    x->urgent = false;
    source_urge(x->port);
}

static void adopted(void *self) {
    struct x *x = self;
    if (!x->done) x_rules_changed(x);
}

static void destroy(void *self) {
    struct x *x = self;
    x_close(x);
    x_access_close(&x->access);
    line_stream_free(&x->lines);
    memory_free(x->form);
    memory_free(x);
}

static const char *trouble(const void *self) {
    const struct x *x = self;
    return x->reason[0] ? x->reason : NULL;
}

static void add_note(struct x *x, const char *text) {
    size_t length = strlen(x->note);
    if (text[0] == '\0') return;
    snprintf(x->note + length, sizeof x->note - length, "%s%s", length ? "; " : "", text);
}

static const char *note(void *self) {
    struct x *x = self;
    char text[sizeof x->note] = "";
    x->note[0] = '\0';
    if (!x->access.v1)
        x_spend_print(x->settings, &x->memory.read, clock_wall_ms(), text, sizeof text);
    add_note(x, text);
    add_note(x, x->filled);
    text[0] = '\0';
    if (x->refused) snprintf(text, sizeof text, "X refuses %zu rules: see the log", x->refused);
    add_note(x, text);
    x_events_print(x, text, sizeof text);
    add_note(x, text);
    return x->note[0] ? x->note : NULL;
}

const struct source_ops x_source = {
    .kind = { .name = "x",
              .help = "posts of X as they are written",
              .options = { x_options, X_OPTIONS, sizeof(struct x_settings) },
              .about_queries = true,
              .check = x_settings_check },
    .create = create,
    .start = start,
    .resume = resume,
    .stop = stop,
    .destroy = destroy,
    .landed = landed,
    .adopted = adopted,
    .trouble = trouble,
    .note = note,
    .online = { x_online_begin, x_online_end },
};
