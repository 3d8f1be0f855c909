/* aws/fetch.h: where keys begin. Roles and web identities are in fetch_sts.c. */
#include "aws/fetch.h"
#include "aws/fault.h"
#include "aws/reply_time.h"
#include "base/clock.h"

#define CONTAINER_PATIENCE_MS 2000
#define CONTAINER_TRIES 3

void fetch_fail(struct fetch *fetch, const struct error *err) { fetch->done(fetch, NULL, 0, err); }

void fetch_next(struct fetch *fetch, struct key_set *keys, int64_t now_ms) {
    keys_release(fetch->keys);
    fetch->keys = keys;
    fetch->now_ms = now_ms;
    if (fetch->roles < fetch->plan->role_count)
        fetch_by_role(fetch);
    else {
        fetch->keys = NULL;
        fetch->done(fetch, keys, now_ms, NULL);
    }
}

/* With JSON that a service answered. */
static void go_on(struct fetch *fetch, struct slice json, int64_t now_ms) {
    struct error err;
    struct key_set *keys = keys_read_json(json, KEYS_OF_SERVICE, fetch->plan->source, &err);
    if (keys)
        fetch_next(fetch, keys, now_ms);
    else
        fetch_fail(fetch, &err);
}

/* ---- the container's service ---- */

static void take_container(struct key_ask *ask, const struct http_reply *reply) {
    struct fetch *fetch = CONTAINER_OF(ask, struct fetch, ask);
    struct error err;
    if (reply->outcome == HTTP_REPLIED && reply->status == 200) {
        go_on(fetch, reply->body, reply_time_ms(reply));
        return;
    }
    if (reply->outcome != HTTP_REPLIED)
        error_set(&err, ERROR_FAILED, "%s at %.200s gave no answer: %s", fetch->plan->source,
                  fetch->plan->container_url, reply->reason);
    else
        error_set(&err, ERROR_FAILED, "%s at %.200s answered HTTP %d: %.*s", fetch->plan->source,
                  fetch->plan->container_url, reply->status,
                  SLICE_ARGS(aws_fault_read(reply->body, SLICE(""), &fetch->arena).message));
    fetch_fail(fetch, &err);
}

static void ask_container(struct fetch *fetch) {
    const struct plan *plan = fetch->plan;
    bool authorized = plan->secret.length > 0;
    fetch->headers[0] = (struct http_field){ SLICE("accept"), SLICE("application/json") };
    fetch->headers[1] = (struct http_field){ SLICE("authorization"), plan->secret };
    fetch->ask.method = "GET";
    fetch->ask.url = plan->container_url;
    fetch->ask.headers = fetch->headers;
    fetch->ask.header_count = authorized ? 2 : 1;
    fetch->ask.patience_ms = CONTAINER_PATIENCE_MS;
    fetch->ask.tries = CONTAINER_TRIES;
    fetch->ask.direct = slice_starts(slice_of(plan->container_url), SLICE("http://"));
    fetch->ask.replied = take_container;
    key_ask_start(&fetch->ask);
}

/* ---- the machine's service ---- */

static void take_machine(struct machine *machine, struct slice said, int64_t now_ms,
                         const struct error *err) {
    struct fetch *fetch = CONTAINER_OF(machine, struct fetch, machine);
    struct error whole;
    if (said.data) {
        go_on(fetch, said, now_ms);
        return;
    }
    if (fetch->plan->looked_at)
        error_set(&whole, ERROR_CONFIG, "there are no AWS keys: %s, and %s", fetch->plan->looked_at,
                  err->text);
    fetch_fail(fetch, fetch->plan->looked_at ? &whole : err);
}

static void ask_machine(struct fetch *fetch) {
    fetch->machine.ask.loop = fetch->loop;
    fetch->machine.ask.http = fetch->http;
    fetch->machine.arena = &fetch->arena;
    fetch->machine.url = fetch->plan->machine_url;
    fetch->machine.wanted = MACHINE_KEYS;
    fetch->machine.done = take_machine;
    machine_start(&fetch->machine);
}

void fetch_start(struct fetch *fetch) {
    arena_init(&fetch->arena);
    fetch->ask.loop = fetch->loop;
    fetch->ask.http = fetch->http;
    switch (fetch->plan->start) {
    case PLAN_KEYS: fetch_next(fetch, keys_hold(fetch->plan->keys), clock_wall_ms()); break;
    case PLAN_WEB_IDENTITY: fetch_by_web_identity(fetch); break;
    case PLAN_CONTAINER: ask_container(fetch); break;
    case PLAN_MACHINE: ask_machine(fetch); break;
    }
}

void fetch_stop(struct fetch *fetch) {
    key_ask_stop(&fetch->ask);
    machine_stop(&fetch->machine);
    keys_release(fetch->keys);
    signers_free(&fetch->signers);
    arena_free(&fetch->arena);
    *fetch = (struct fetch){ 0 };
}
