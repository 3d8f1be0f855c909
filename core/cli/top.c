/* Verb "top": what a running linnet does, on a screen that is drawn every second. */
#include "base/clock.h"
#include "base/os.h"
#include "cli/ask.h"
#include "cli/print.h"
#include "cli/terminal.h"
#include "cli/top_ask.h"
#include "cli/top_layout.h"
#include "cli/top_screen.h"
#include "json/projection.h"
#include <signal.h>
#include <stdio.h>

#define STANDARD_INPUT 0
#define STANDARD_OUTPUT 1
#define ASK_EVERY_MS 1000
#define STATUS_PATIENCE_MS 5000
#define RELOAD_PATIENCE_MS 120000

struct top {
    struct loop *loop;
    struct top_ask status_ask, reload_ask;
    struct top_status statuses[2]; /* the latest, and the one before */
    int latest;
    struct top_view view;
    struct top_canvas canvas;
    bool ascii;
    struct timer beat;
    struct watch keys;
    struct signal_handler resize, resume, interrupt, terminate, hangup;
};

static void draw_all(struct top *top) {
    int rows, columns;
    top_screen_size(&rows, &columns);
    canvas_begin(&top->canvas, rows, columns, top->ascii);
    top_layout(&top->canvas, &top->statuses[top->latest], &top->view, clock_wall_ms());
    top_screen_draw(&top->canvas);
}

static void say(struct top *top, struct slice text) {
    snprintf(top->view.message, sizeof top->view.message, "%.*s", SLICE_ARGS(text));
}

/* ---- answers -------------------------------------------------------------------------------- */

static void status_came(struct top_ask *ask, struct slice answer, bool running) {
    struct top *top = CONTAINER_OF(ask, struct top, status_ask);
    struct top_status *now = &top->statuses[!top->latest], *before = &top->statuses[top->latest];
    if (top->view.paused) return;
    if (answer.data && top_status_read(now, answer, clock_wall_ms(), before)) {
        top->latest = !top->latest;
        top_view_note(&top->view, now);
    } else if (running)
        say(top, SLICE("linnet does not answer"));
    else
        before->running = false;
    draw_all(top);
}

/* "generation 4 after 0.1 s", or the error's first line. */
static void reload_came(struct top_ask *ask, struct slice answer, bool running) {
    struct top *top = CONTAINER_OF(ask, struct top, reload_ask);
    struct arena arena;
    struct slice reason;
    arena_init(&arena);
    struct projection *projection = projection_create();
    int done = projection_add(projection, SLICE("done"));
    int generation = projection_add(projection, SLICE("generation"));
    int shown = projection_add(projection, SLICE("error.shown"));
    projection_seal(projection);
    struct projector *projector = projector_create(projection);
    const struct json_slot *slots =
        answer.data ? projector_run(projector, json_padded(&arena, answer), &arena, &reason) : NULL;
    if (slots == NULL)
        say(top, running ? SLICE("the reload was not answered") : SLICE("linnet is not running"));
    else if (slots[done].first.type == JSON_TRUE)
        say(top, arena_format(&arena, "reloaded: generation %.*s",
                              SLICE_ARGS(slots[generation].first.text)));
    else
        say(top, arena_format(&arena, "not taken over: %.*s", SLICE_ARGS(slots[shown].first.text)));
    projector_destroy(projector);
    projection_destroy(projection);
    arena_free(&arena);
    draw_all(top);
}

/* ---- what happens --------------------------------------------------------------------------- */

static void beat(struct timer *timer) {
    struct top *top = CONTAINER_OF(timer, struct top, beat);
    timer_start(top->loop, timer, ASK_EVERY_MS);
    top_ask_start(&top->status_ask, SLICE("{\"verb\":\"status\"}\n"));
}

static void keys_came(struct watch *watch) {
    struct top *top = CONTAINER_OF(watch, struct top, keys);
    for (int key; (key = top_screen_key()) >= 0;) {
        enum top_wish wish = top_view_key(&top->view, key);
        if (wish == TOP_QUIT) loop_stop(top->loop);
        if (wish != TOP_RELOAD) continue;
        say(top, SLICE("reloading ..."));
        top_ask_start(&top->reload_ask, SLICE("{\"verb\":\"reload\"}\n"));
    }
    draw_all(top);
}

static void resized(struct signal_handler *handler) {
    draw_all(CONTAINER_OF(handler, struct top, resize));
}

static void resumed(struct signal_handler *handler) {
    top_screen_forget();
    draw_all(CONTAINER_OF(handler, struct top, resume));
}

static void interrupted(struct signal_handler *handler) {
    loop_stop(CONTAINER_OF(handler, struct top, interrupt)->loop);
}

static void terminated(struct signal_handler *handler) {
    loop_stop(CONTAINER_OF(handler, struct top, terminate)->loop);
}

static void hung_up(struct signal_handler *handler) {
    loop_stop(CONTAINER_OF(handler, struct top, hangup)->loop);
}

static void run(struct top *top) {
    signal_start(top->loop, &top->resize, SIGWINCH);
    signal_start(top->loop, &top->resume, SIGCONT);
    signal_start(top->loop, &top->interrupt, SIGINT);
    signal_start(top->loop, &top->terminate, SIGTERM);
    signal_start(top->loop, &top->hangup, SIGHUP);
    watch_readable(top->loop, &top->keys, STANDARD_INPUT);
    timer_start(top->loop, &top->beat, 0);
    loop_run(top->loop);
    watch_stop(&top->keys);
    timer_stop(&top->beat);
    signal_stop(&top->resize);
    signal_stop(&top->resume);
    signal_stop(&top->interrupt);
    signal_stop(&top->terminate);
    signal_stop(&top->hangup);
}

static int watch_it(const struct arguments *arguments, const char *folder, struct slice action) {
    struct top top = { .loop = loop_create(),
                       .status_ask = { .answered = status_came, .patience_ms = STATUS_PATIENCE_MS },
                       .reload_ask = { .answered = reload_came, .patience_ms = RELOAD_PATIENCE_MS },
                       .beat.fire = beat,
                       .keys.ready = keys_came,
                       .resize.fire = resized,
                       .resume.fire = resumed,
                       .interrupt.fire = interrupted,
                       .terminate.fire = terminated,
                       .hangup.fire = hung_up };
    (void)arguments, (void)action;
    top.ascii = !terminal_is_utf8();
    bool open = top_screen_open();
    if (open) {
        top.status_ask.loop = top.reload_ask.loop = top.loop;
        top.status_ask.folder = top.reload_ask.folder = folder;
        top_ask_init(&top.status_ask);
        top_ask_init(&top.reload_ask);
        top_status_init(&top.statuses[0]);
        top_status_init(&top.statuses[1]);
        run(&top);
        top_screen_close();
        top_ask_end(&top.status_ask);
        top_ask_end(&top.reload_ask);
        top_status_free(&top.statuses[0]);
        top_status_free(&top.statuses[1]);
        canvas_free(&top.canvas);
    }
    loop_destroy(top.loop);
    return open ? 0 : 1;
}

int verb_top(const struct arguments *arguments) {
    bool terminal = os_is_terminal(STANDARD_INPUT) && os_is_terminal(STANDARD_OUTPUT);
    if (!terminal) return verb_status(arguments);
    return with_folder(arguments, "top", SLICE(""), watch_it);
}
