/* Source "x": posts of X as they are written: the filtered stream of API v2, or statuses/filter of
 * API 1.1 for servers that still speak it.
 *
 * Its position is what it remembers, see x/memory.h. Posts that come twice are told apart by their
 * ids, as everywhere. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "sources/registry.h"
#include "x/internal.h"
#include "x/online.h"
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
    x_missed_init(x);
    x_thrift_init(x);
    return x;
}

/* They were for another server, or another app. */
static void forget_waits(struct x_memory *memory) {
    memory->until_ms = memory->wait_ms = 0;
    memory->ladder = (struct ladder){ 0 };
}

/* It goes on with the waits of the run before. */
static void start(void *self, struct slice position) {
    struct x *x = self;
    int64_t now_ms = clock_wall_ms();
    uint32_t keys = x_access_digest(&x->access);
    if (x_memory_read(position, now_ms, &x->memory) && x->memory.keys != keys)
        forget_waits(&x->memory);
    x->memory.keys = keys;
    uint64_t wait_ms = x->memory.until_ms ? (uint64_t)(x->memory.until_ms - now_ms) : 0;
    x->ladder = x->memory.ladder;
    x_missed_begin(x);
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
    if (!x->done) x_missed_go_on(x);
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
    x_take_end(x);
    memory_free(x->form);
    memory_free(x);
}

static const char *trouble(const void *self) {
    const struct x *x = self;
    return x->reason[0] ? x->reason : NULL;
}

/* One more thing that is to be known. */
static void say(struct x *x, const char *format, ...) FORMAT(2, 3);
static void say(struct x *x, const char *format, ...) {
    size_t length = strlen(x->note);
    va_list args;
    if (length) length += (size_t)snprintf(x->note + length, sizeof x->note - length, "; ");
    if (length >= sizeof x->note) return;
    va_start(args, format);
    vsnprintf(x->note + length, sizeof x->note - length, format, args);
    va_end(args);
}

/* Without queries all is kept that comes. */
static void say_unasked(struct x *x) {
    if (x->stream && x->rules_known && x->foreign)
        say(x, "no queries: all that %zu rules of others find is kept", x->foreign);
    else if (x->no_rules || (x->stream && x->rules_known))
        say(x, "no queries, and X has no rules: nothing comes");
}

static const char *note(void *self) {
    struct x *x = self;
    x->note[0] = '\0';
    if (!x->access.v1)
        x_spend_print(x->settings, &x->memory.read, clock_wall_ms(), x->note, sizeof x->note);
    if (x->filled[0]) say(x, "%s", x->filled);
    if (x->refused) say(x, "X refuses %zu rules: see the log", x->refused);
    if (x->unruled) say(x, "%zu queries have no rule: see the log", x->unruled);
    if (x->left_out) say(x, "%zu rules find no place on X: see the log", x->left_out);
    if (x_keeps_rules(x->settings) && !x_has_queries(x)) say_unasked(x);
    char events[sizeof x->note] = "";
    x_events_print(x, events, sizeof events);
    if (events[0]) say(x, "%s", events);
    return x->note[0] ? x->note : NULL;
}

const struct source_ops x_source = {
    .kind = { .name = "x",
              .help = "posts of X as they are written",
              .also = "twitter|tweets",
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
