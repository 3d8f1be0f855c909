/* flow/control.h */
#include "flow/control.h"
#include "base/alloc.h"
#include "base/os.h"
#include "flow/sums_json.h"
#include "flow/tap.h"
#include "net/local_server.h"
#include "json/projection.h"
#include "json/writer.h"
#include <errno.h>

/* A client that waits for the outcome of a reload, or until deletes are on disk. */
struct waiting {
    struct reload_wait reload;
    struct forget_wait forget;
    size_t known; /* of the posts to be forgotten */
    bool forgets;
    struct local_client *client; /* NULL: this place is free */
};

struct control {
    const struct instance *instance;
    char *folder;
    struct local_server *server;
    struct projection *request;
    struct projector *projector;
    int verb, name, query, networks, ids; /* of a request */
    struct taps *taps;
    struct waiting waiting[LOCAL_CLIENTS];
};

/* ---- members of an answer ------------------------------------------------------------------ */

static void write_string(struct writer *writer, const char *name, const char *value) {
    write_text_member(writer, name, slice_of(value));
}

static void write_seconds(struct writer *writer, const char *name, double seconds) {
    write_name(writer, slice_of(name));
    write_double(writer, (double)(int64_t)(seconds * 1000 + 0.5) / 1000);
}

/* The members of an error, with its text as it is shown to a person. */
static void write_error_members(struct writer *writer, const struct error *err) {
    char shown[2048];
    size_t length = error_print(err, shown, sizeof shown);
    write_string(writer, "file", err->file);
    write_integer_member(writer, "line", err->line);
    write_integer_member(writer, "column", err->column);
    write_string(writer, "text", err->text);
    write_string(writer, "quoted", err->quoted);
    write_integer_member(writer, "caret", (int64_t)err->caret);
    write_string(writer, "suggestion", err->suggestion);
    write_text_member(writer, "shown", slice_from(shown, MIN(length, sizeof shown - 1)));
    write_integer_member(writer, "exit", error_exit_code(err));
}

static void write_failure(struct writer *writer, const struct error *err) {
    write_name(writer, SLICE("error"));
    write_object(writer);
    write_error_members(writer, err);
    write_object_end(writer);
}

/* Null when there is none. */
static void write_error(struct writer *writer, const struct reload_status *status) {
    if (status->err.kind == ERROR_NONE) {
        write_null_member(writer, "error");
        return;
    }
    write_name(writer, SLICE("error"));
    write_object(writer);
    write_time_member(writer, "when", status->failed_ms);
    write_error_members(writer, &status->err);
    write_object_end(writer);
}

static void write_reload(struct writer *writer, const struct reload_status *status) {
    write_integer_member(writer, "generation", (int64_t)status->generation);
    write_time_member(writer, "since", status->since_ms);
    write_string(writer, "report", status->report);
    write_seconds(writer, "took_s", status->took_ms / 1000);
    write_error(writer, status);
}

/* What scripts counted. */
static void write_counters(struct writer *writer, const struct vitals *vitals) {
    write_name(writer, SLICE("counters"));
    write_array(writer);
    for (size_t i = 0; i < vitals->counter_count; i++) {
        write_object(writer);
        write_string(writer, "name", vitals->counters[i].name);
        write_integer_member(writer, "value", (int64_t)vitals->counters[i].value);
        write_object_end(writer);
    }
    write_array_end(writer);
}

/* Where it answers HTTP, and why not there. */
static void write_http(struct writer *writer, const struct instance *instance) {
    write_name(writer, SLICE("http"));
    write_object(writer);
    write_string(writer, "address", instance->http);
    write_string(writer, "trouble", instance->http_trouble);
    write_object_end(writer);
}

/* ---- the verbs ----------------------------------------------------------------------------- */

static void answer(struct local_client *client, struct writer *writer) {
    write_object_end(writer);
    local_answer(client, writer_finish(writer));
}

static void answer_status(struct control *control, struct local_client *client,
                          struct writer *writer) {
    const struct instance *instance = control->instance;
    struct vitals vitals;
    vitals_take(instance, &vitals);
    write_flag_member(writer, "running", true);
    write_string(writer, "version", instance->version);
    write_integer_member(writer, "pid", os_process_id());
    write_string(writer, "config", instance->config);
    write_string(writer, "state", control->folder);
    write_time_member(writer, "started", instance->started_ms);
    write_seconds(writer, "uptime_s", vitals.uptime_s);
    write_http(writer, instance);
    write_integer_member(writer, "reloads", (int64_t)vitals.reload->good);
    write_integer_member(writer, "failed_reloads", (int64_t)vitals.reload->failed);
    write_reload(writer, vitals.reload);
    sums_write(writer, &vitals.sums);
    write_counters(writer, &vitals);
    answer(client, writer);
}

static void reload_ended(struct reload_wait *wait, const struct reload_status *status) {
    struct waiting *waiting = CONTAINER_OF(wait, struct waiting, reload);
    struct arena arena;
    struct writer writer;
    arena_init(&arena);
    writer_init(&writer, &arena, 1024);
    write_object(&writer);
    write_flag_member(&writer, "done", status->err.kind == ERROR_NONE);
    write_reload(&writer, status);
    answer(waiting->client, &writer);
    waiting->client = NULL;
    arena_free(&arena);
}

static void answer_reload(struct control *control, struct local_client *client) {
    struct waiting *waiting = &control->waiting[local_client_number(client)];
    *waiting = (struct waiting){ .reload.answer = reload_ended, .client = client };
    reloader_request_answered(control->instance->reloader, &waiting->reload);
}

static void answer_forget(struct control *control, struct local_client *client,
                          struct writer *writer, const char *name) {
    struct error err;
    bool forgotten = pipeline_forget(control->instance->pipeline, name, &err);
    write_flag_member(writer, "done", forgotten);
    if (!forgotten) write_string(writer, "error", err.text);
    answer(client, writer);
}

/* A stream of what is kept, or why there is none. */
static void answer_tap(struct control *control, struct local_client *client, struct writer *writer,
                       struct slice query) {
    struct error err;
    if (taps_add(control->taps, client, query, &err)) return;
    write_failure(writer, &err);
    answer(client, writer);
}

static void posts_forgotten(struct forget_wait *wait) {
    struct waiting *waiting = CONTAINER_OF(wait, struct waiting, forget);
    struct arena arena;
    struct writer writer;
    arena_init(&arena);
    writer_init(&writer, &arena, 64);
    write_object(&writer);
    write_flag_member(&writer, "done", true);
    write_integer_member(&writer, "known", (int64_t)waiting->known);
    answer(waiting->client, &writer);
    waiting->client = NULL;
    arena_free(&arena);
}

/* The posts of a request: its members `network` and `id` belong together by their place. */
static size_t take_posts(const struct json_slot *networks, const struct json_slot *ids,
                         struct post_name posts[BATCH_MESSAGES]) {
    const struct json_value *network = networks->count ? &networks->first : NULL;
    size_t count = 0;
    for (const struct json_value *id = ids->count ? &ids->first : NULL; id; id = id->next) {
        while (network && network->element < id->element)
            network = network->next;
        if (network == NULL || network->element != id->element || count == BATCH_MESSAGES) return 0;
        posts[count++] = (struct post_name){ network->text, id->text };
    }
    return count;
}

static void answer_forget_posts(struct control *control, struct local_client *client,
                                struct writer *writer, const struct json_slot *slots) {
    struct post_name posts[BATCH_MESSAGES];
    struct waiting *waiting = &control->waiting[local_client_number(client)];
    struct error err;
    size_t count = take_posts(&slots[control->networks], &slots[control->ids], posts);
    *waiting =
        (struct waiting){ .forget.answer = posts_forgotten, .forgets = true, .client = client };
    if (pipeline_forget_posts(control->instance->pipeline, posts, count, &waiting->forget,
                              &waiting->known, &err))
        return;
    waiting->client = NULL;
    write_flag_member(writer, "done", false);
    write_string(writer, "error", err.text);
    answer(client, writer);
}

struct request {
    struct slice verb, name, query; /* "" when there is none */
    const struct json_slot *slots;
};

static struct slice text_of(const struct json_slot *slot) {
    return slot->first.type == JSON_STRING ? slot->first.text : SLICE("");
}

static struct request read_request(struct control *control, struct slice line,
                                   struct arena *arena) {
    struct slice reason;
    const struct json_slot *slots =
        projector_run(control->projector, json_padded(arena, line), arena, &reason);
    if (slots == NULL) return (struct request){ SLICE(""), SLICE(""), SLICE(""), NULL };
    return (struct request){ text_of(&slots[control->verb]), text_of(&slots[control->name]),
                             text_of(&slots[control->query]), slots };
}

static void asked(void *context, struct local_client *client, struct slice line) {
    struct control *control = context;
    struct arena arena;
    struct writer writer;
    arena_init(&arena);
    struct request request = read_request(control, line, &arena);
    writer_init(&writer, &arena, 4096);
    write_object(&writer);
    if (slice_is(request.verb, "status"))
        answer_status(control, client, &writer);
    else if (slice_is(request.verb, "reload"))
        answer_reload(control, client);
    else if (slice_is(request.verb, "forget") && request.name.length == 0)
        answer_forget_posts(control, client, &writer, request.slots);
    else if (slice_is(request.verb, "forget"))
        answer_forget(control, client, &writer, arena_copy(&arena, request.name).data);
    else if (slice_is(request.verb, "tap"))
        answer_tap(control, client, &writer, request.query);
    else {
        write_string(&writer, "unknown",
                     "this takes {\"verb\":\"status\"}, {\"verb\":\"reload\"}, "
                     "{\"verb\":\"forget\",\"name\":...} or with \"posts\", or "
                     "{\"verb\":\"tap\",\"query\":...}");
        answer(client, &writer);
    }
    arena_free(&arena);
}

static void take_back(struct control *control, struct waiting *waiting) {
    if (waiting->client && waiting->forgets)
        pipeline_forget_unwanted(control->instance->pipeline, &waiting->forget);
    else if (waiting->client)
        reloader_take_back(control->instance->reloader, &waiting->reload);
    waiting->client = NULL;
}

static void gone(void *context, struct local_client *client) {
    struct control *control = context;
    struct waiting *waiting = &control->waiting[local_client_number(client)];
    taps_remove(control->taps, client);
    take_back(control, waiting);
}

static void drained(void *context, struct local_client *client) {
    taps_drained(((struct control *)context)->taps, client);
}

struct control *control_create(const struct instance *instance, const char *folder,
                               struct error *err) {
    if (!os_make_private_folder(folder)) {
        error_set(err, ERROR_FAILED, "%.400s: cannot be made: %s", folder, strerror(errno));
        return NULL;
    }
    struct control *control = memory_zeroed(1, sizeof *control);
    control->instance = instance;
    control->folder = memory_copy_text(folder);
    control->request = projection_create();
    control->verb = projection_add(control->request, SLICE("verb"));
    control->name = projection_add(control->request, SLICE("name"));
    control->query = projection_add(control->request, SLICE("query"));
    control->networks = projection_add(control->request, SLICE("posts.network"));
    control->ids = projection_add(control->request, SLICE("posts.id"));
    projection_seal(control->request);
    control->projector = projector_create(control->request);
    control->taps = taps_create(instance->pipeline);
    struct local_service service = { asked, gone, drained, control };
    control->server = local_server_create(instance->loop, folder, CONTROL_SOCKET, &service, err);
    if (control->server) return control;
    control_destroy(control);
    return NULL;
}

void control_destroy(struct control *control) {
    for (size_t i = 0; i < LOCAL_CLIENTS; i++)
        take_back(control, &control->waiting[i]);
    taps_destroy(control->taps);
    if (control->server) local_server_destroy(control->server);
    projector_destroy(control->projector);
    projection_destroy(control->request);
    memory_free(control->folder);
    memory_free(control);
}
