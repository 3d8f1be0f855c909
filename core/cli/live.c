/* cli/live.h */
#include "cli/live.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/daemon.h"
#include <signal.h>
#include <stdio.h>

struct snapshot *setup_live(const struct arguments *arguments, enum setup how,
                            const char *const *sources, struct live *live, int *exit_code) {
    inputs_init(&live->inputs);
    setup_request(arguments, how, sources, &live->request);
    live->request.inputs = &live->inputs;
    struct snapshot *snapshot = setup_load(&live->request, exit_code);
    if (snapshot == NULL) {
        live_free(live);
        return NULL;
    }
    /* From now on this file, wherever another one may turn up. */
    live->request.path = arena_copy(&live->inputs.arena, slice_of(snapshot->path)).data;
    live->request.inputs = NULL;
    return snapshot;
}

void live_free(struct live *live) { inputs_free(&live->inputs); }

static void log_outcome(const struct snapshot *snapshot, const struct reload_status *status) {
    char text[1600];
    if (snapshot == NULL) {
        snprintf(text, sizeof text, "not taken over, generation %llu runs on",
                 (unsigned long long)status->generation);
        log_place(LOG_ERROR, "reload", text, &status->err);
        return;
    }
    snprintf(text, sizeof text, "%s", status->report);
    for (char *at = text; *at; at++)
        if (*at == '\n') *at = '|';
    log_info("reload", "generation %llu after %.0f ms: %s", (unsigned long long)status->generation,
             status->took_ms, text);
}

static void started(void *context) {
    const struct live *live = context;
    daemon_reloading(live->job->daemon);
}

static void ended(void *context, const struct snapshot *snapshot,
                  const struct reload_status *status) {
    struct live *live = context;
    struct job *job = live->job;
    if (snapshot) job->snapshot = snapshot;
    daemon_reloaded(job->daemon, snapshot != NULL);
    if (snapshot && live->web) web_adopt(live->web, snapshot->http);
    if (job->reloaded == NULL || !job->reloaded(job, snapshot, status))
        log_outcome(snapshot, status);
}

static void hung_up(struct signal_handler *handler) {
    reloader_request(CONTAINER_OF(handler, struct live, hangup)->reloader);
}

static void open_control(struct live *live) {
    struct error err;
    const char *folder = live->job->snapshot->state_folder;
    if (folder == NULL)
        log_warning("control", "no state folder: set `state`; `linnet status` cannot find this");
    else if ((live->control = control_create(&live->instance, folder, &err)) == NULL)
        log_warning("control", "%s; `linnet status` does not see this one", err.text);
}

/* A command that names its sources or sinks is for itself: it answers nobody. */
static void open_web(struct live *live) {
    if (!live->job->spooled) return;
    live->web = web_create(&live->instance, live->job->snapshot->http);
    if (live->web == NULL) log_warning("http", "no server can be made");
}

void live_start(struct live *live, struct job *job, struct loop *loop) {
    if (live->request.path[0] == '\0') return;
    live->job = job;
    struct reload_options options = { .loop = loop,
                                      .pipeline = job->pipeline,
                                      .request = &live->request,
                                      .snapshot = job->snapshot,
                                      .inputs = &live->inputs,
                                      .started = started,
                                      .ended = ended,
                                      .context = live };
    live->reloader = reloader_create(&options);
    live->hangup.fire = hung_up;
    signal_start(loop, &live->hangup, SIGHUP);
    live->instance = (struct instance){ .loop = loop,
                                        .pipeline = job->pipeline,
                                        .reloader = live->reloader,
                                        .config = live->request.path,
                                        .version = LINNET_VERSION,
                                        .started_ms = clock_wall_ms(),
                                        .started_ns = clock_monotonic_ns() };
    open_control(live);
    open_web(live);
}

void live_stop(struct live *live) {
    if (live->reloader == NULL) return;
    signal_stop(&live->hangup);
    if (live->web) web_destroy(live->web);
    if (live->control) control_destroy(live->control);
    reloader_destroy(live->reloader);
    live->control = NULL;
    live->web = NULL;
    live->reloader = NULL;
}
